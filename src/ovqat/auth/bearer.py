"""Check a person's token, for `verify` and for every call of the mini-app."""

from ovqat.auth.events import EventLog, Kind
from ovqat.auth.revocations import RevocationList
from ovqat.auth.token import Claims, TokenCodec
from ovqat.edge.call import Call
from ovqat.edge.limits import Limiter
from ovqat.errors import CredentialRejected, CredentialRequired, TokenRejected, TooManyRequests

_SCHEME = b"bearer "


class TokenCheck:
    """Says whose token it is, and keeps count of those that are wrong."""

    def __init__(self, tokens: TokenCodec, revocations: RevocationList, limiter: Limiter, events: EventLog) -> None:
        self._tokens = tokens
        self._revocations = revocations
        self._limiter = limiter
        self._events = events

    async def __call__(self, call: Call, token: str) -> Claims:
        """Give the claims of a good token.

        Raises TokenRejected, or TooManyRequests when an address has shown too many bad ones.
        """
        try:
            claims = self._tokens.verify(token)
            self._revocations.check(claims.user_id, claims.iat)
        except TokenRejected as rejected:
            try:
                await self._limiter.hit_failed(call)
            except TooManyRequests:
                self._events.record(call, Kind.LIMIT_HIT, detail="failed")
                raise
            self._events.record(call, Kind.VERIFY_FAILED, detail=rejected.code)
            raise
        return claims

    async def bearer(self, call: Call) -> Claims:
        """Give the claims of the call's `Authorization: Bearer …`."""
        credential = call.header(b"authorization") or b""
        if credential[: len(_SCHEME)].lower() != _SCHEME:
            raise CredentialRequired
        try:
            return await self(call, credential[len(_SCHEME) :].strip().decode("latin-1"))
        except TokenRejected as rejected:
            raise CredentialRejected(rejected) from rejected
