"""One HTTP request, as the edge and all that it serves know it."""

import asyncio
from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any

from ovqat.edge.asgi import Headers, Message, Receive, Scope
from ovqat.errors import BodyMalformed, BodyTimeout, BodyTooLarge

BODY_TIMEOUT_S = 10.0
"""Seconds within which a whole body has to arrive, counted from when it was first waited for."""

_SCOPE_KEY = "ovqat.call"


class Call:
    """A request under way: what was asked, by whom, and what its answer and its log line will say besides."""

    __slots__ = (
        "_deadline", "_headers", "_receive", "_whole", "address", "answer_headers", "log_event", "log_fields",
        "method", "path", "quiet", "rate_limit", "request_id", "route",
        "secure",
    )  # fmt: skip

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        headers: dict[bytes, bytes],
        request_id: str,
        address: str,
        *,
        secure: bool,
    ) -> None:
        self._receive = receive
        self._headers = headers
        self._deadline: float | None = None
        self._whole = False
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.request_id = request_id
        self.address = address
        """The client's, after trusted proxies."""
        self.secure = secure
        """Whether the client spoke HTTPS, to us or to a trusted proxy."""
        self.answer_headers: Headers = []
        self.rate_limit = b""
        """`RateLimit`: what is left of each limit that counted this call."""
        self.route: str | None = None
        """The template of the path, once a resource was found for it."""
        self.log_event = "request"
        self.log_fields: dict[str, object] = {}
        self.quiet = False
        """Whether an answer without an error is left out of the log."""

    @staticmethod
    def of(scope: Scope) -> "Call":
        """Give the call that the edge attached to the scope of a resource's request."""
        call: Call = scope[_SCOPE_KEY]
        return call

    def attach(self, scope: Scope) -> None:
        """Let resources find this call."""
        scope[_SCOPE_KEY] = self

    def header(self, name: bytes) -> bytes | None:
        """Give a request header's value; of a repeated one the last. `name` is in lower case."""
        return self._headers.get(name)

    async def body(self, limit: int) -> bytes:
        """Give the body, of at most `limit` bytes.

        Raises BodyTooLarge without having kept more than the limit, BodyTimeout, and BodyMalformed if the client
        goes away before its end.
        """
        if int(self._headers.get(b"content-length", 0)) > limit:
            raise BodyTooLarge(limit)
        body = b""
        while not self._whole:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise BodyMalformed
            body += message.get("body", b"")
            if len(body) > limit:
                raise BodyTooLarge(limit)
        return body

    async def receive(self) -> Message:
        """Give the next ASGI message; raise BodyTimeout if the body takes too long.

        A body is nearly always here when it is asked for: the server's coroutine then ends without a wait, and no
        timer is set, which would cost more than a token's check.
        """
        receiving = self._receive()
        try:
            waits_for = receiving.send(None)
        except StopIteration as here:
            message: Message = here.value
        else:
            message = await self._in_time(receiving, waits_for)
        self._whole = not message.get("more_body", False)
        return message

    async def _in_time(self, receiving: Coroutine[Any, Any, Message], waits_for: object) -> Message:
        if self._whole:
            return await _go_on(receiving, waits_for)
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + BODY_TIMEOUT_S
        try:
            async with asyncio.timeout_at(self._deadline):
                return await _go_on(receiving, waits_for)
        except TimeoutError as error:
            raise BodyTimeout from error


@coroutine
def _go_on(started: Coroutine[Any, Any, Message], waits_for: object) -> Generator[Any, Any, Message]:
    """Await a coroutine that has already run up to its first wait."""
    try:
        yield waits_for
        return (yield from started.__await__())
    finally:
        started.close()
