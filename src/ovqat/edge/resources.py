"""Falcon's application for all calls that are not hot, with our errors in place of Falcon's."""

from collections.abc import Awaitable, Callable
from typing import Any

import falcon
import falcon.asgi
from falcon.asgi import Request, Response

from ovqat.edge.asgi import Message, Receive, Scope, Send
from ovqat.edge.call import Call
from ovqat.edge.problems import error_body, error_headers, note, unexpected
from ovqat.errors import BodyMalformed, MethodNotAllowed, NotFound, Problem

_ROUTED_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_ANSWERED_BY_NOBODY = "TRACE"
"""In place of methods that Falcon does not know: its answer is then 405 with what the path allows."""


class Resources(falcon.asgi.App[Request, Response]):
    """An application of resources, whose every error is a Problem."""

    def __init__(self) -> None:
        super().__init__(middleware=[_Route()])
        self.add_error_handler(Exception, _unexpected)
        self.add_error_handler(falcon.HTTPError, _falcon_error)
        self.add_error_handler(Problem, _problem)

    async def __call__(self, scope: Scope, receive: Callable[[], Awaitable[Any]], send: Send) -> None:
        """Let a resource answer a call of the edge's."""
        if scope["method"] not in _ROUTED_METHODS:
            scope["method"] = _ANSWERED_BY_NOBODY
        await super().__call__(scope, _body_to_come(receive), send)


class _Route:
    """Tells the call which route it took, for its log line."""

    async def process_resource(self, req: Request, resp: Response, resource: object, params: dict[str, Any]) -> None:  # noqa: ARG002 Falcon names them
        """Keep the template: `/api/meals/{id}`."""
        Call.of(req.scope).route = req.uri_template


def _body_to_come(receive: Callable[[], Awaitable[Any]]) -> Receive:
    """Give Falcon an empty piece of body first: it waits for one before it even looks for a resource."""
    begun = False

    async def receive_later() -> Message:
        nonlocal begun
        if begun:
            return await receive()
        begun = True
        return {"type": "http.request", "body": b"", "more_body": True}

    return receive_later


async def _problem(req: Request, resp: Response, problem: Problem, _: dict[str, Any]) -> None:
    call = Call.of(req.scope)
    note(call, problem)
    resp.status = problem.status
    resp.data = error_body(problem, call)
    resp.set_headers([(name.decode(), value.decode()) for name, value in error_headers(problem)])


async def _falcon_error(req: Request, resp: Response, error: falcon.HTTPError, params: dict[str, Any]) -> None:
    await _problem(req, resp, _translated(error), params)


async def _unexpected(req: Request, resp: Response, error: Exception, params: dict[str, Any]) -> None:
    await _problem(req, resp, unexpected(error), params)


def _translated(error: falcon.HTTPError) -> Problem:
    if isinstance(error, falcon.HTTPMethodNotAllowed):
        headers: dict[str, str] = dict(error.headers or ())
        return MethodNotAllowed([method.strip() for method in headers["Allow"].split(",")])
    if isinstance(error, falcon.HTTPNotFound):
        return NotFound()
    return BodyMalformed(error.description or error.title)
