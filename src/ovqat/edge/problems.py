"""How a problem is answered, and what the log says of it."""

import msgspec
import structlog

from ovqat.edge.asgi import Headers
from ovqat.edge.call import Call
from ovqat.errors import Problem

JSON: tuple[bytes, bytes] = (b"content-type", b"application/json")


class ErrorBody(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """The body of every error but those of spec.md's three calls."""

    error: str
    code: str
    request_id: str
    field: str | None = None


def error_body(problem: Problem, call: Call) -> bytes:
    """Give the body of an error."""
    return msgspec.json.encode(ErrorBody(problem.sentence, problem.code, call.request_id, problem.field))


def error_headers(problem: Problem) -> Headers:
    """Give the headers of an error besides those that every answer bears."""
    return [JSON, (b"x-error-code", problem.code.encode()), *problem.headers]


def note(call: Call, problem: Problem) -> None:
    """Put a problem into the call's log line, with its cause if the fault is ours."""
    call.log_fields["code"] = problem.code
    if problem.status >= 500:
        call.log_fields["cause"] = repr(problem.__cause__)


def unexpected(error: Exception) -> Problem:
    """Give the answer to a fault in our own code, whose trace goes to the log."""
    structlog.get_logger().error("unexpected", exc_info=error)
    problem = Problem()
    problem.__cause__ = error
    return problem
