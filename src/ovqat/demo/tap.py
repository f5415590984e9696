"""Watches the API's calls as they happen, for the demo page to show."""

import time
from collections import deque
from time import perf_counter

import msgspec

from ovqat.edge.asgi import ASGIApp, Message, Receive, Scope, Send
from ovqat.identifiers import Clock

_KEPT = 200
_MOST_BYTES = 4096
_SHOWN_HEADERS = frozenset(
    {"content-type", "x-api-key", "authorization", "x-request-id", "x-error-code", "retry-after", "ratelimit", "allow"}
)
_KEY_SHOWN = 4
_KEY_LONG = 16


class Exchange(msgspec.Struct, frozen=True, rename="camel"):
    """One call and its answer."""

    number: int
    method: str
    path: str
    request_headers: dict[str, str]
    request_body: str
    status: int
    answer_headers: dict[str, str]
    answer_body: str
    ms: float
    began: float
    """Milliseconds since 1970."""


class Tap:
    """Passes every call on and keeps the last ones of the API. Keys are masked."""

    def __init__(self, app: ASGIApp, clock: Clock = time.time) -> None:
        self._app = app
        self._clock = clock
        self._kept: deque[Exchange] = deque(maxlen=_KEPT)
        self._count = 0

    @property
    def count(self) -> int:
        """How many calls there have been."""
        return self._count

    def now(self) -> float:
        """Give the time in milliseconds since 1970, against which a page reads when a call began."""
        return self._clock() * 1000

    def after(self, number: int) -> list[Exchange]:
        """Give the calls that are kept and came after that one."""
        return [exchange for exchange in self._kept if exchange.number > number]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on."""
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        began = self.now()
        started = perf_counter()
        asked = bytearray()
        answered = bytearray()
        start: Message = {"status": 0, "headers": []}

        async def receive_and_keep() -> Message:
            message = await receive()
            asked.extend(message.get("body", b"")[: _MOST_BYTES - len(asked)])
            return message

        async def send_and_keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                answered.extend(message.get("body", b"")[: _MOST_BYTES - len(answered)])
            await send(message)

        await self._app(scope, receive_and_keep, send_and_keep)
        self._count += 1
        self._kept.append(
            Exchange(
                self._count,
                scope["method"],
                scope["path"],
                _shown(scope["headers"]),
                asked.decode("utf-8", "replace"),
                start["status"],
                _shown(start["headers"]),
                answered.decode("utf-8", "replace"),
                round((perf_counter() - started) * 1000, 1),
                began,
            )
        )


def _shown(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    decoded = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
    shown = {name: value for name, value in decoded.items() if name in _SHOWN_HEADERS}
    if "x-api-key" in shown:
        key = shown["x-api-key"]
        shown["x-api-key"] = f"{key[:_KEY_SHOWN]}…" if len(key) >= _KEY_LONG else "…"
    return shown
