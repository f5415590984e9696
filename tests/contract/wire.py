"""HTTP by hand, for what a well-behaved client does not send."""

import json
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import msgspec

from tests.running import Server

_TIMEOUT_S = 15.0
_END_OF_HEADERS = b"\r\n\r\n"


class RawAnswer(msgspec.Struct, frozen=True):
    """An answer, read off the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Give its body as JSON."""
        return json.loads(self.body)


class Wire:
    """A connection on which any bytes may be sent."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._received = b""

    def send(self, content: bytes, *, within_s: float = _TIMEOUT_S) -> None:
        """Send bytes; raise OSError if the server has hung up or does not take them in time."""
        self._socket.settimeout(within_s)
        self._socket.sendall(content)

    def answer(self, *, bodyless: bool = False) -> RawAnswer:
        """Read one answer; `bodyless` for the answer to a HEAD."""
        while _END_OF_HEADERS not in self._received:
            self._receive()
        start, _, self._received = self._received.partition(_END_OF_HEADERS)
        first, *rest = start.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        length = 0 if bodyless else int(headers.get("content-length", 0))
        while len(self._received) < length:
            self._receive()
        body, self._received = self._received[:length], self._received[length:]
        return RawAnswer(int(first.split()[1]), headers, body)

    def is_closed(self) -> bool:
        """Say whether the server hangs up without another word."""
        self._socket.settimeout(_TIMEOUT_S)
        return not self._received and self._socket.recv(1) == b""

    def _receive(self) -> None:
        self._socket.settimeout(_TIMEOUT_S)
        received = self._socket.recv(65_536)
        if not received:
            message = "the server closed the connection before its answer was whole"
            raise ConnectionError(message)
        self._received += received


@contextmanager
def connection(server: Server) -> Generator[Wire]:
    """Connect to a server for the length of a block."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=_TIMEOUT_S) as connected:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield Wire(connected)


def head(method: str, path: str, **headers: str) -> bytes:
    """Give a request's first line and headers; `Content_Length` stands for `Content-Length`."""
    lines = [f"{method} {path} HTTP/1.1", "Host: ovqat.test"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def exchange(server: Server, request: bytes) -> RawAnswer:
    """Send these bytes on a connection of their own and read the answer."""
    with connection(server) as wire:
        wire.send(request)
        return wire.answer(bodyless=request.startswith(b"HEAD "))
