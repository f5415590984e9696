"""Ask an ASGI application in process, or make the call that a unit is given."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal

import msgspec

from ovqat.edge.asgi import ASGIApp, Headers, Message, Receive, Scope
from ovqat.edge.call import Call

ADDRESS = "192.0.2.7"
PHONE = "998997961877"
JSON_TYPE = {"content-type": "application/json"}


class Wire:
    """What a client sends, piece by piece, and how much of it was taken.

    It ends with the last piece, or with the client going away, or in silence.
    """

    def __init__(self, *pieces: bytes, end: Literal["whole", "gone", "silence"] = "whole", turns: bool = False) -> None:
        self._pieces = list(pieces) or [b""]
        self._end = end
        self._turns = turns
        self.pulled = 0

    async def __call__(self) -> Message:
        if self._turns:
            await asyncio.sleep(0)
        if self._pieces:
            piece = self._pieces.pop(0)
            self.pulled += len(piece)
            return {"type": "http.request", "body": piece, "more_body": bool(self._pieces) or self._end != "whole"}
        if self._end == "silence":
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}


class Answered(msgspec.Struct):
    """What came back."""

    status: int = 0
    headers: list[tuple[str, str]] = []
    body: bytes = b""

    def header(self, name: str) -> str | None:
        values = self.all(name)
        assert len(values) < 2, f"{name} is there {len(values)} times"
        return values[0] if values else None

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    @property
    def json(self) -> Any:
        assert self.header("content-type") == "application/json"
        return json.loads(self.body)


def scope_of(method: str, target: str, headers: Mapping[str, str] | Headers | None = None, **more: object) -> Scope:
    """Give the ASGI scope that uvicorn would make of a request."""
    path, _, query = target.partition("?")
    pairs = headers if isinstance(headers, list) else [(k.encode(), v.encode()) for k, v in (headers or {}).items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": pairs,
        "client": (ADDRESS, 4711),
        "server": ("127.0.0.1", 3001),
        **more,
    }


async def send_scope(app: ASGIApp, scope: Scope, receive: Receive) -> Answered:
    """Give the answer to a scope; the log lines of the turn are written when it returns."""
    answered = Answered()
    starts = 0

    async def send(message: Message) -> None:
        nonlocal starts
        if message["type"] == "http.response.start":
            starts += 1
            answered.status = message["status"]
            answered.headers = [(name.decode(), value.decode()) for name, value in message["headers"]]
        else:
            answered.body += message.get("body", b"")

    await app(scope, receive, send)
    await asyncio.sleep(0)
    assert starts == 1, "an answer starts once"
    return answered


async def ask(
    app: ASGIApp,
    method: str,
    target: str,
    *,
    body: object = None,
    headers: Mapping[str, str] | Headers | None = None,
    receive: Receive | None = None,
    **scope: object,
) -> Answered:
    """Ask as a client would; `body` is sent as it is if it is bytes, else as JSON."""
    if receive is None:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        receive = Wire(content)
    if headers is None and body is not None:
        headers = JSON_TYPE
    elif isinstance(headers, dict) and body is not None:
        headers = {**JSON_TYPE, **headers}
    return await send_scope(app, scope_of(method, target, headers, **scope), receive)


def call(
    method: str = "POST",
    path: str = "/api/auth/phone",
    *,
    headers: Mapping[str, str] | None = None,
    receive: Receive | None = None,
    address: str = ADDRESS,
) -> Call:
    """Give a call as the edge makes it."""
    named = {name.encode(): value.encode() for name, value in (headers or {}).items()}
    return Call(scope_of(method, path, headers), receive or Wire(), named, "request-1", address, secure=False)


async def sign_in(app: ASGIApp, phone: object = PHONE, **more: Any) -> Answered:
    return await ask(app, "POST", "/api/auth/phone", body={"phoneNumber": phone}, **more)


async def verify(app: ASGIApp, token: object) -> Answered:
    return await ask(app, "POST", "/api/auth/verify", body={"token": token})


async def token_of(app: ASGIApp, phone: str = PHONE) -> str:
    return (await sign_in(app, phone)).json["token"]


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


class StartFailed(Exception):
    """The application said that it cannot start."""


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncGenerator[ASGIApp]:
    """Start an application as a server does, and stop it at the end of the block."""
    orders: asyncio.Queue[Message] = asyncio.Queue()
    reports: asyncio.Queue[Message] = asyncio.Queue()
    task = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}}, orders.get, reports.put))
    try:
        await orders.put({"type": "lifespan.startup"})
        await _reported(task, reports, "lifespan.startup.complete")
        yield app
        await orders.put({"type": "lifespan.shutdown"})
        await _reported(task, reports, "lifespan.shutdown.complete")
        await task
    finally:
        task.cancel()


async def _reported(task: asyncio.Task[None], reports: asyncio.Queue[Message], wanted: str) -> None:
    report = asyncio.create_task(reports.get())
    await asyncio.wait((task, report), return_when=asyncio.FIRST_COMPLETED, timeout=10)
    if not report.done():
        report.cancel()
        await task
        raise StartFailed
    assert report.result()["type"] == wanted
