"""The edge: one ASGI application around everything else.

Hot calls are answered here by their endpoints, plain functions of a call; all else is Falcon's. Why there are
two ways in: docs/decisions/0001-hot-path.md.
"""

import itertools
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from time import perf_counter

import msgspec
import structlog

from ovqat.edge.answers import Answer, DateHeader, security_headers
from ovqat.edge.asgi import ASGIApp, Headers, Message, Receive, Scope, Send
from ovqat.edge.call import Call
from ovqat.edge.cors import Cors
from ovqat.edge.problems import JSON, error_body, error_headers, note, unexpected
from ovqat.edge.sender import SenderOf
from ovqat.errors import HttpsRequired, MethodNotAllowed, NotFound, Problem
from ovqat.identifiers import Clock
from ovqat.settings import Settings

_PLAIN_ID = re.compile(
    rb"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"  # a UUID
    rb"|(?=[0-9]*[a-f])[0-9a-f]{32}"  # a trace id
    rb"|(?=.{1,64}\Z)(?:[A-Za-z._-]*[0-9]){0,8}[A-Za-z._-]*"  # something short, with too few digits for a phone number
)
_HOST = re.compile(rb"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_NO_ROUTE = "unknown"
"""In the log for a path that leads nowhere: it may hold a token or a phone number."""
_UNTRUSTED_PROXY = "Plain HTTP is not answered here, and the proxy that sent this is not in OVQAT_TRUSTED_PROXIES"
_OPEN_TO_PLAIN_HTTP = "/api/ready"
"""Load balancers and container probes ask it from inside, in plain HTTP."""


class Endpoint(msgspec.Struct, frozen=True):
    """A hot call: its methods, what answers it, and the body that its errors have."""

    methods: tuple[str, ...]
    answer: Callable[[Call], Awaitable[bytes]]
    error: Callable[[Problem], bytes]


class Edge:
    """Gives every request its id and its sender, and every answer its headers and its log line."""

    def __init__(
        self,
        settings: Settings,
        endpoints: Mapping[str, Endpoint],
        resources: ASGIApp,
        running: Callable[[], AbstractAsyncContextManager[None]],
        clock: Clock = time.time,
    ) -> None:
        self._endpoints = dict(endpoints)
        self._resources = resources
        self._running = running
        self._sender_of = SenderOf(settings.trusted_proxies)
        self._cors = Cors(settings.allowed_origins)
        self._https_only = settings.production
        self._public_url = settings.public_url
        self._api_key = settings.api_key
        self._security_headers = security_headers(hsts=False)
        self._security_headers_over_https = security_headers(hsts=settings.production)
        self._date = DateHeader(clock)
        self._log = structlog.get_logger().bind()
        self._id_prefix = secrets.token_hex(6)
        self._ids = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; or start and stop, when the server says so."""
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        started = perf_counter()
        call = self._call(scope, receive)
        endpoint = self._endpoints.get(call.path)
        answer = self._refusal(call, endpoint, scope)
        if answer is None and endpoint is not None:
            answer = await self._hot(call, endpoint)
        status = await (self._cold(call, scope, send) if answer is None else self._send(call, answer, send))
        if status >= 400 or not call.quiet:
            self._log_line(call, status, started)

    def _call(self, scope: Scope, receive: Receive) -> Call:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        wanted_id = headers.get(b"x-request-id")
        plain = wanted_id and wanted_id != self._api_key and _PLAIN_ID.fullmatch(wanted_id)
        request_id = wanted_id.decode() if wanted_id and plain else f"{self._id_prefix}{next(self._ids):x}"
        address, secure = self._sender_of(scope, headers)
        return Call(scope, receive, headers, request_id, address, secure=secure)

    def _refusal(self, call: Call, endpoint: Endpoint | None, scope: Scope) -> Answer | None:
        """Answer what never reaches a resource: plain HTTP in production, and preflights."""
        api = call.path.startswith("/api/")
        if self._https_only and not call.secure and call.path != _OPEN_TO_PLAIN_HTTP:
            if call.header(b"x-forwarded-proto"):  # a redirect would lead back here, for ever
                return self._problem(call, endpoint, HttpsRequired(_UNTRUSTED_PROXY))
            if api or call.method not in {"GET", "HEAD"}:
                return self._problem(call, endpoint, HttpsRequired())
            return self._to_https(call, scope)
        if call.path.startswith("//"):  # Falcon would take //api/me for /api/me
            return self._problem(call, None, NotFound())
        if api:
            self._cors.admit(call)
            if call.method == "OPTIONS" and call.header(b"access-control-request-method"):
                return Answer(204, self._cors.preflight(call))
        return None

    def _to_https(self, call: Call, scope: Scope) -> Answer:
        host = call.header(b"host") or b""
        if not self._public_url and not _HOST.fullmatch(host):
            return self._problem(call, None, HttpsRequired())
        origin = self._public_url.encode() if self._public_url else b"https://" + host
        query: bytes = scope["query_string"]
        return Answer(308, [(b"location", origin + scope["raw_path"] + (b"?" + query if query else b""))])

    async def _hot(self, call: Call, endpoint: Endpoint) -> Answer:
        try:
            if call.method not in endpoint.methods:
                return self._problem(call, endpoint, MethodNotAllowed(endpoint.methods))
            return Answer(200, [JSON], await endpoint.answer(call))
        except Problem as problem:
            return self._problem(call, endpoint, problem)
        except Exception as error:  # noqa: BLE001 the last resort: a fault of ours is logged and answered, not leaked
            return self._problem(call, endpoint, unexpected(error))

    async def _cold(self, call: Call, scope: Scope, send: Send) -> int:
        """Let a resource answer; give the status."""
        call.attach(scope)
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers: Headers = [(name.lower(), value) for name, value in message["headers"]]
                given = {name for name, _ in headers}
                headers += [header for header in self._common_headers(call) if header[0] not in given]
                message["headers"] = headers
            await send(message)

        await self._resources(scope, call.receive, send_with_headers)
        return status

    async def _send(self, call: Call, answer: Answer, send: Send) -> int:
        headers = self._common_headers(call)
        headers += answer.headers
        if answer.status != 204:
            headers.append((b"content-length", b"%d" % len(answer.body)))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})
        return answer.status

    def _common_headers(self, call: Call) -> Headers:
        request_id = (b"x-request-id", call.request_id.encode())
        secured = self._security_headers_over_https if call.secure else self._security_headers
        headers = [self._date(), request_id, *secured, *call.answer_headers]
        if call.rate_limit:
            headers.append((b"ratelimit", call.rate_limit))
        return headers

    def _problem(self, call: Call, endpoint: Endpoint | None, problem: Problem) -> Answer:
        note(call, problem)
        body = endpoint.error(problem) if endpoint else error_body(problem, call)
        return Answer(problem.status, error_headers(problem), body)

    def _log_line(self, call: Call, status: int, started: float) -> None:
        level = self._log.error if status >= 500 else self._log.info
        level(
            call.log_event,
            request_id=call.request_id,
            method=call.method,
            path=call.path if call.path in self._endpoints else call.route or _NO_ROUTE,
            status=status,
            ms=round((perf_counter() - started) * 1000, 2),
            address=call.address,
            **call.log_fields,
        )

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        """Hold what `running` opens from the server's start to its clean stop (ASGI lifespan protocol 2.0)."""
        await receive()
        async with self._running():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})
