"""An answer that is ready to be sent, and the headers that every answer bears."""

from email.utils import formatdate

import msgspec

from ovqat.edge.asgi import Headers
from ovqat.identifiers import Clock

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


def security_headers(*, hsts: bool) -> Headers:
    """Give what every answer says unless it says otherwise itself."""
    common = [
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        _UNSTORED,
        _API_ONLY,
    ]
    return [*common, _HSTS] if hsts else common
