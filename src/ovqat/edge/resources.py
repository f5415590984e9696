"""Falcon's application for all calls that are not hot, with our errors in place of Falcon's."""

from typing import Any

import falcon
import falcon.asgi
from falcon.asgi import Request, Response

from ovqat.edge.answers import error_body, error_headers
from ovqat.edge.call import Call
from ovqat.edge.edge import note, unexpected
from ovqat.errors import BodyMalformed, MethodNotAllowed, NotFound, Problem


def resource_app() -> falcon.asgi.App[Request, Response]:
    """Give an application without routes, whose every error is a Problem."""
    app = falcon.asgi.App(middleware=[_Route()])
    app.add_error_handler(Exception, _unexpected)
    app.add_error_handler(falcon.HTTPError, _falcon_error)
    app.add_error_handler(Problem, _problem)
    return app


class _Route:
    """Tells the call which route it took, for its log line."""

    async def process_resource(self, req: Request, resp: Response, resource: object, params: dict[str, Any]) -> None:  # noqa: ARG002 Falcon names them
        """Keep the template: `/api/meals/{id}`."""
        Call.of(req.scope).route = req.uri_template


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
