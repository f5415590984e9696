"""What the edge itself answers, and the headers that every answer bears."""

from email.utils import formatdate

import msgspec

from ovqat.edge.asgi import Headers
from ovqat.edge.call import Call
from ovqat.errors import Problem
from ovqat.identifiers import Clock

JSON: tuple[bytes, bytes] = (b"content-type", b"application/json")
_API_ONLY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_UNSTORED = (b"cache-control", b"no-store")
_HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class DateHeader:
    """Gives the `Date` header of now, made anew once a second (RFC 9110, section 6.6.1)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._second = 0
        self._header = (b"date", b"")

    def __call__(self) -> tuple[bytes, bytes]:
        """Give the header."""
        second = int(self._clock())
        if second != self._second:
            self._second = second
            self._header = (b"date", formatdate(second, usegmt=True).encode())
        return self._header


class Answer(msgspec.Struct, frozen=True):
    """An answer that is ready to be sent."""

    status: int
    headers: Headers
    body: bytes = b""


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


def security_headers(*, hsts: bool) -> Headers:
    """Give what every answer says unless it says otherwise itself."""
    common = [
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        _UNSTORED,
        _API_ONLY,
    ]
    return [*common, _HSTS] if hsts else common
