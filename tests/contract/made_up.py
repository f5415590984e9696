"""People, keys and tokens to test with, all of them made up."""

import base64
import hmac
import itertools
import json
import time
from collections.abc import Mapping
from typing import Any

import httpx
import jwt
from msgspec import Struct

from tests.running import SECRET

WEEK_S = 604_800
PARTNER_KEY = "a-made-up-partner-key-of-the-tests"
ORIGIN = "https://app.bank.example"
USER_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
PHONE = "998997961877"

_HIGH = "1000000/minute"
HIGH_LIMITS = {
    "OVQAT_LIMITS_ADDRESS": _HIGH,
    "OVQAT_LIMITS_KEY": _HIGH,
    "OVQAT_LIMITS_NUMBER": _HIGH,
    "OVQAT_LIMITS_FAILED": _HIGH,
}

_NUMBERS = itertools.count(1)


class Person(Struct, frozen=True):
    """Somebody who has signed in."""

    phone: str
    user_id: str
    token: str

    @property
    def bearer(self) -> dict[str, str]:
        """The header that opens their account."""
        return {"Authorization": f"Bearer {self.token}"}


def new_number() -> str:
    """Give a phone number that no other test of this process has."""
    return f"99890{next(_NUMBERS):07}"


def sign_in(client: httpx.Client, phone: str | None = None, **headers: str) -> Person:
    """Sign a number in, or a new one."""
    phone = phone or new_number()
    answer = client.post("/api/auth/phone", json={"phoneNumber": phone}, headers=headers)
    assert answer.status_code == 200, answer.text
    session = answer.json()
    return Person(phone, session["userId"], session["token"])


def claims(**changes: Any) -> dict[str, Any]:
    """Give good claims, but for these changes; None leaves a claim out."""
    now = int(time.time())
    all_claims = {"userId": USER_ID, "phoneNumber": PHONE, "iat": now, "exp": now + WEEK_S, **changes}
    return {name: value for name, value in all_claims.items() if value is not None}


def token(secret: str = SECRET, *, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
    """Give a token as PyJWT makes it."""
    return jwt.encode(claims(**changes), secret, "HS256", headers=dict(header or {}))


def signed(header: bytes, payload: bytes, digest: str = "sha256", *, key: bytes = SECRET.encode()) -> str:
    """Give a token made of these very bytes, with the signature of that key (RFC 7515, section 5.1)."""
    return signed_segments(segment(header), segment(payload), digest, key=key)


def signed_segments(header: str, payload: str, digest: str = "sha256", *, key: bytes = SECRET.encode()) -> str:
    """Give a token made of these very segments, with the signature of that key."""
    message = f"{header}.{payload}"
    return f"{message}.{segment(hmac.digest(key, message.encode(), digest))}"


def segment(content: bytes) -> str:
    """Give bytes in base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def compact(value: object) -> bytes:
    """Give JSON without white space."""
    return json.dumps(value, separators=(",", ":")).encode()
