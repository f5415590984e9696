"""The contract's calls over HTTP: decode, check, do, answer.

They are plain functions of a call and not Falcon resources since they are the hot path; see
docs/decisions/0001-hot-path.md.
"""

import msgspec

from ovqat.auth.bearer import TokenCheck
from ovqat.auth.events import EventLog, Kind
from ovqat.auth.partners import Partner, Partners
from ovqat.auth.phone import Phone
from ovqat.auth.sign_in import SignIn
from ovqat.edge.body import JsonBody
from ovqat.edge.call import Call
from ovqat.edge.limits import Limiter
from ovqat.errors import ApiKeyInvalid, Problem, TokenRequired, TooManyRequests

AUTH_BODY_BYTES = 16 * 1024


class PhoneRequest(msgspec.Struct, rename="camel"):
    """The body of `POST /api/auth/phone`."""

    phone_number: str | None = None


class VerifyRequest(msgspec.Struct):
    """The body of `POST /api/auth/verify`."""

    token: str | None = None


class Verified(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to a good token."""

    valid: bool
    user_id: str


class Gatekeeper:
    """What an auth call passes before its body is read: the partner's key and the caller's limit."""

    def __init__(self, partners: Partners, limiter: Limiter, events: EventLog) -> None:
        self._partners = partners
        self._limiter = limiter
        self._events = events

    async def admit(self, call: Call, *, key_wanted: bool) -> Partner | None:
        """Give the partner that calls. Its calls are counted by its key, all others by their address."""
        partner = self._partners.of_key(call.header(b"x-api-key"))
        try:
            if partner is None:
                await self._limiter.hit_address(call)
            else:
                await self._limiter.hit_key(call, partner.name)
        except TooManyRequests:
            self._events.record(
                call, Kind.LIMIT_HIT, partner=partner and partner.name, detail="key" if partner else "address"
            )
            raise
        if partner is None and key_wanted and self._partners.keys_required:
            self._events.record(call, Kind.KEY_REFUSED)
            raise ApiKeyInvalid
        return partner

    async def admit_number(self, call: Call, phone: Phone, partner: Partner | None) -> None:
        """Count a sign-in of this number."""
        try:
            await self._limiter.hit_number(call, phone.digits)
        except TooManyRequests:
            self._events.record(call, Kind.LIMIT_HIT, phone=phone, partner=partner and partner.name, detail="number")
            raise


class PhoneEndpoint:
    """`POST /api/auth/phone` (spec.md §1)."""

    def __init__(self, gatekeeper: Gatekeeper, sign_in: SignIn) -> None:
        self._gatekeeper = gatekeeper
        self._sign_in = sign_in
        self._body = JsonBody(PhoneRequest, AUTH_BODY_BYTES)

    async def __call__(self, call: Call) -> bytes:
        """Answer a session."""
        partner = await self._gatekeeper.admit(call, key_wanted=True)
        request = await self._body.read(call)
        phone = Phone.parse(request.phone_number)
        await self._gatekeeper.admit_number(call, phone, partner)
        return msgspec.json.encode(await self._sign_in(call, phone, partner))


class VerifyEndpoint:
    """`POST /api/auth/verify` (spec.md §2)."""

    def __init__(self, gatekeeper: Gatekeeper, check: TokenCheck) -> None:
        self._gatekeeper = gatekeeper
        self._check = check
        self._body = JsonBody(VerifyRequest, AUTH_BODY_BYTES)

    async def __call__(self, call: Call) -> bytes:
        """Answer whose token it is."""
        await self._gatekeeper.admit(call, key_wanted=False)
        request = await self._body.read(call)
        if not request.token:
            raise TokenRequired
        claims = await self._check(call, request.token)
        return msgspec.json.encode(Verified(valid=True, user_id=claims.user_id))


async def health(_: Call) -> bytes:
    """Answer `GET /api/health` (spec.md §3)."""
    return b'{"status":"ok"}'


def contract_error(problem: Problem) -> bytes:
    """Give the error body of spec.md: one field."""
    return msgspec.json.encode({"error": problem.sentence})


def verify_error(problem: Problem) -> bytes:
    """Give the error body of `verify`."""
    return msgspec.json.encode({"valid": False, "error": problem.sentence})
