"""A load: connections that each send the next request when the last one is answered.

The client never sleeps. To wake it would cost the server an interrupt, several microseconds on a virtual machine,
and the slower server the more often, since its client would have more time to fall asleep.
"""

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from typing import cast

import msgspec
import uvloop

_LONGEST_ANSWER_S = 10.0


class Load(msgspec.Struct, frozen=True):
    """What a load brought."""

    requests: int
    seconds: float
    errors: int
    """Answers with a status other than 200."""

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


class _Connection(asyncio.Protocol):
    """Sends requests one after the other until the deadline; answers have a Content-Length."""

    def __init__(self, requests: Iterator[bytes], deadline: float) -> None:
        self._requests = requests
        self._deadline = deadline
        self._received = b""
        self.answered = 0
        self.errors = 0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._received[:end].lower()
        at = head.find(b"content-length: ")
        length = int(head[at + 16 :].partition(b"\r\n")[0])
        if len(self._received) < end + 4 + length:
            return
        self.answered += 1
        self.errors += not head.startswith(b"http/1.1 200")
        self._received = self._received[end + 4 + length :]
        if time.perf_counter() < self._deadline:
            self._transport.write(next(self._requests))
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(exc)


async def _run(port: int, requests: Iterator[bytes], seconds: float, connections: int) -> Load:
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    made = [
        (await loop.create_connection(lambda: _Connection(requests, started + seconds), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    awake = loop.create_task(_stay_awake())
    async with asyncio.timeout(seconds + _LONGEST_ANSWER_S):
        await asyncio.gather(*(connection.done for connection in made))
    awake.cancel()
    answered = sum(connection.answered for connection in made)
    return Load(answered, time.perf_counter() - started, sum(connection.errors for connection in made))


async def _stay_awake() -> None:
    while True:  # noqa: ASYNC110 there is nothing to wait for: not to wait is the purpose
        await asyncio.sleep(0)


def load(port: int, requests: Sequence[bytes], seconds: float, connections: int = 32) -> Load:
    """Load a server of this machine with these requests, over and over, for so many seconds."""
    return uvloop.run(_run(port, itertools.cycle(requests), seconds, connections))
