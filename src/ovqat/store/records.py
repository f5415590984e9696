"""What the store keeps and gives: plain frozen values, the same for every database."""

import msgspec

NEVER = 1 << 62
"""A `tokens_valid_from` that no token reaches: an erased person's."""


_ALL = 1 << 40


class User(msgspec.Struct, frozen=True):
    """A person, as the store knows them."""

    id: str
    phone: str
    """Digits of E.164 without `+`."""
    language: str | None
    theme: str
    time_zone: str
    created_at: int
    tokens_valid_from: int


class UpsertedUser(msgspec.Struct, frozen=True):
    """What sign-in needs of a user."""

    id: str
    tokens_valid_from: int
    created: bool


class SettingsPatch(msgspec.Struct, frozen=True):
    """Settings to change; None leaves one as it is."""

    language: str | None = None
    theme: str | None = None
    time_zone: str | None = None


class Revocation(msgspec.Struct, frozen=True):
    """From when on a user's tokens are good."""

    user_id: str
    tokens_valid_from: int


class Revocations(msgspec.Struct, frozen=True):
    """A page of revocations, and the position to ask from next."""

    entries: list[Revocation]
    position: int


class AuthEvent(msgspec.Struct, frozen=True):
    """One thing that happened to a credential. It never holds a token, a key or a whole phone number."""

    at_ms: int
    kind: str
    user_id: str | None = None
    phone_masked: str | None = None
    partner: str | None = None
    address: str | None = None
    request_id: str | None = None
    detail: str | None = None


class StoredEvent(msgspec.Struct, frozen=True):
    """An auth event and its place in the order of all."""

    position: int
    event: AuthEvent


class EventFilter(msgspec.Struct, frozen=True):
    """Which auth events are wanted; every condition that is set must hold."""

    after_position: int = 0
    since_ms: int = 0
    user_id: str | None = None
    phone_masked: str | None = None
    """With `user_id`: also events that name no user but this masked number."""
    kind: str | None = None
    newest: int = 1000
    """How many at most: the newest ones."""

    def of(self, user_id: str | None, phone_masked: str) -> "EventFilter":
        """Give the same filter for one person, or for a number that is nobody's yet."""
        return msgspec.structs.replace(self, user_id=user_id, phone_masked=phone_masked)

    def after(self, position: int) -> "EventFilter":
        """Give the same filter for everything that came after a position."""
        return msgspec.structs.replace(self, after_position=position, newest=_ALL)
