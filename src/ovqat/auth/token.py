"""Issue and check the session token: a JWT with one permitted header.

There is no algorithm to choose and so none to confuse. A signature is compared as text, which also refuses
padding, white space and every second spelling of the same bytes.
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from typing import Annotated

import msgspec

from ovqat.errors import TokenExpired, TokenRejected
from ovqat.identifiers import Clock

TOKEN_LIFE_S = 604_800
"""Seconds; seven days (spec.md)."""
CLOCK_SKEW_S = 60
"""Seconds by which another machine's clock may be ahead of ours."""

_HEADER = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=") + b"."
_SIGNATURE_LENGTH = 43
_LONGEST_TOKEN = 512

_UserId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\Z")]
_PhoneDigits = Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{4,14}\Z")]


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What a token says. Times are whole seconds since 1970."""

    user_id: _UserId
    phone_number: _PhoneDigits
    iat: int
    exp: int


class TokenCodec:
    """Signs with the newest secret and verifies with any.

    `secrets` are at least 32 bytes each, newest first.
    """

    def __init__(self, secrets: Sequence[bytes], clock: Clock) -> None:
        self._secrets = tuple(secrets)
        self._clock = clock
        self._decoder = msgspec.json.Decoder(Claims)

    def issue(self, user_id: str, phone: str, *, not_before: int = 0) -> str:
        """Give a token that is issued now, or at `not_before` if that is later."""
        issued_at = max(int(self._clock()), not_before)
        claims = f'{{"userId":"{user_id}","phoneNumber":"{phone}","iat":{issued_at},"exp":{issued_at + TOKEN_LIFE_S}}}'
        signed = _HEADER + base64.urlsafe_b64encode(claims.encode()).rstrip(b"=")
        return f"{signed.decode()}.{_sign(self._secrets[0], signed).decode()}"

    def verify(self, token: str) -> Claims:
        """Give the claims of a token of ours that is good now.

        Raises TokenExpired at `exp` and after, TokenRejected for everything else that is wrong.
        """
        if len(token) > _LONGEST_TOKEN or not token.isascii():
            raise TokenRejected
        signed, _, signature = token.encode().rpartition(b".")
        if not signed.startswith(_HEADER) or len(signature) != _SIGNATURE_LENGTH:
            raise TokenRejected
        if not any(hmac.compare_digest(_sign(secret, signed), signature) for secret in self._secrets):
            raise TokenRejected
        return self._good_now(self._claims(signed[len(_HEADER) :]))

    def _claims(self, payload: bytes) -> Claims:
        try:
            decoded = base64.b64decode(payload + b"=" * (-len(payload) % 4), b"-_", validate=True)
            if base64.urlsafe_b64encode(decoded).rstrip(b"=") != payload:
                raise TokenRejected
            return self._decoder.decode(decoded)
        except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise TokenRejected from error

    def _good_now(self, claims: Claims) -> Claims:
        now = self._clock()
        if claims.iat > now + CLOCK_SKEW_S or claims.exp - claims.iat > TOKEN_LIFE_S:
            raise TokenRejected
        if claims.exp <= now:
            raise TokenExpired
        return claims


def _sign(secret: bytes, signed: bytes) -> bytes:
    return base64.urlsafe_b64encode(hmac.digest(secret, signed, "sha256")).rstrip(b"=")
