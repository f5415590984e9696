"""Which web pages of other origins may call the API (Fetch standard, "CORS protocol").

No call uses cookies, so credentials are never allowed; a token or a key travels in a header that the page must
know.
"""

from collections.abc import Sequence

from ovqat.edge.asgi import Headers
from ovqat.edge.call import Call

_EXPOSED = b"X-Request-Id, X-Error-Code, Retry-After, RateLimit, RateLimit-Policy"
_PREFLIGHT = (
    (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE"),
    (b"access-control-allow-headers", b"Authorization, Content-Type, X-Request-Id"),
    (b"access-control-max-age", b"7200"),
)
_VARY = (b"vary", b"Origin")


class Cors:
    """Answers preflights and adds to answers what lets an allowed page read them."""

    def __init__(self, allowed_origins: Sequence[str]) -> None:
        self._allowed = {
            origin.encode(): (
                _VARY,
                (b"access-control-allow-origin", origin.encode()),
                (b"access-control-expose-headers", _EXPOSED),
            )
            for origin in allowed_origins
        }

    def admit(self, call: Call) -> None:
        """Add the headers for the page that calls."""
        if self._allowed:
            call.answer_headers += self._allowed.get(call.header(b"origin") or b"", (_VARY,))

    def preflight(self, call: Call) -> Headers:
        """Give the headers that answer a preflight besides those that `admit` added."""
        return list(_PREFLIGHT) if call.header(b"origin") in self._allowed else []
