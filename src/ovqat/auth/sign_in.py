"""Turn a phone number vouched for by a partner into a session."""

from functools import partial

import msgspec

from ovqat.auth.events import EventLog, Kind
from ovqat.auth.partners import Partner
from ovqat.auth.phone import Phone
from ovqat.auth.token import TOKEN_LIFE_S, TokenCodec
from ovqat.edge.call import Call
from ovqat.identifiers import Clock, uuid7
from ovqat.store import Store


class Session(msgspec.Struct, frozen=True, rename="camel"):
    """What a partner opens the mini-app with."""

    token: str
    user_id: str
    expires_in: int = TOKEN_LIFE_S
    """Seconds."""


class SignIn:
    """Finds or makes the one user of a number and issues their token."""

    def __init__(self, store: Store, tokens: TokenCodec, events: EventLog, clock: Clock) -> None:
        self._store = store
        self._tokens = tokens
        self._events = events
        self._clock = clock
        self._make_id = partial(uuid7, clock)

    async def __call__(self, call: Call, phone: Phone, partner: Partner | None) -> Session:
        """Give a session; the user is committed before this returns."""
        user = await self._store.upsert_user(phone.digits, make_id=self._make_id, now=int(self._clock()))
        self._events.record(
            call,
            Kind.SIGNED_IN,
            user_id=user.id,
            phone=phone,
            partner=partner.name if partner else None,
            detail="created" if user.created else None,
        )
        return Session(self._tokens.issue(user.id, phone.digits, not_before=user.tokens_valid_from), user.id)
