"""Where people and events are kept. Only this folder knows a database.

`Store` is what every implementation does; `records.py` is what it gives. It may import errors and
identifiers, and nothing above it.
"""

from collections.abc import Sequence
from typing import Protocol

from ovqat.identifiers import MakeId
from ovqat.store.records import (
    NEVER,
    AuthEvent,
    EventFilter,
    Revocation,
    Revocations,
    SettingsPatch,
    StoredEvent,
    UpsertedUser,
    User,
)

__all__ = [
    "NEVER",
    "AuthEvent",
    "EventFilter",
    "Revocation",
    "Revocations",
    "SettingsPatch",
    "Store",
    "StoredEvent",
    "UpsertedUser",
    "User",
]


class Store(Protocol):
    """What the services ask of a database. Every method raises StoreFailure when it cannot be done.

    A method that returns has committed: what it wrote outlives the process. Times are whole seconds since
    1970 unless a name says milliseconds.
    """

    async def open(self) -> None:
        """Connect and bring the schema up to date; safe to do from many processes at once."""
        ...

    async def close(self) -> None:
        """Let go of the database."""
        ...

    async def ping(self) -> None:
        """Return when the store answers a query."""
        ...

    async def check(self) -> None:
        """Return when everything that is kept was found sound; it may take minutes."""
        ...

    async def upsert_user(self, phone: str, *, make_id: MakeId, now: int) -> UpsertedUser:
        """Give the one user of a phone number (E.164 digits), made with a new id if there is none yet."""
        ...

    async def user(self, user_id: str) -> User | None:
        """Give a user by id."""
        ...

    async def user_by_phone(self, phone: str) -> User | None:
        """Give a user by phone number (E.164 digits)."""
        ...

    async def update_settings(self, user_id: str, patch: SettingsPatch) -> User | None:
        """Change the settings that the patch holds; give the user as it is then, or None if it is gone."""
        ...

    async def revoke(self, revocation: Revocation, *, now: int) -> None:
        """Make all tokens of a user dead that were issued before `tokens_valid_from`."""
        ...

    async def erase_user(self, user_id: str, *, now: int) -> bool:
        """Delete everything of a person and make all their tokens dead, in one transaction.

        Gives False if there was no such user.
        """
        ...

    async def revocations(self, *, after: int) -> Revocations:
        """Give the revocations made after that position, and the newest position."""
        ...

    async def append_events(self, events: Sequence[AuthEvent]) -> None:
        """Keep auth events, in order, in one transaction; those of people erased in the meantime are dropped."""
        ...

    async def events(self, wanted: EventFilter) -> list[StoredEvent]:
        """Give the auth events that match, oldest first."""
        ...

    async def sweep(self, *, events_before: int, revocations_before: int) -> None:
        """Delete what is older than its time of keeping: events (milliseconds) and revocations (seconds)."""
        ...
