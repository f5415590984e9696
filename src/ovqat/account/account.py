"""What is done to an account: by its person through the API, by an operator on the command line."""

from ovqat.auth.events import EventLog, Kind
from ovqat.auth.phone import Phone
from ovqat.auth.revocations import RevocationList
from ovqat.edge.call import Call
from ovqat.errors import CredentialRejected, TokenRevoked
from ovqat.identifiers import Clock
from ovqat.store import NEVER, Revocation, SettingsPatch, Store, User


class Accounts:
    """Reads, changes, signs out and erases accounts."""

    def __init__(self, store: Store, revocations: RevocationList, events: EventLog, clock: Clock) -> None:
        self._store = store
        self._revocations = revocations
        self._events = events
        self._clock = clock

    async def get(self, user_id: str) -> User:
        """Give the account of a token; raise CredentialRejected if it was erased in the meantime."""
        return _alive(await self._store.user(user_id))

    async def change(self, user_id: str, patch: SettingsPatch) -> User:
        """Change settings and give the account as it is then; raise CredentialRejected if it is erased."""
        return _alive(await self._store.update_settings(user_id, patch))

    async def revoke(self, user: User) -> None:
        """Make every token of a person that was issued until now dead; a new one may be issued at once."""
        revocation = Revocation(user.id, int(self._clock()) + 1)
        await self._store.revoke(revocation, now=int(self._clock()))
        self._revocations.add(revocation)
        self._events.record(None, Kind.REVOKED, user_id=user.id, phone=Phone(user.phone))

    async def erase(self, call: Call | None, user_id: str) -> None:
        """Delete everything of a person and make their tokens dead; what remains is that somebody was erased."""
        await self._store.erase_user(user_id, now=int(self._clock()))
        self._revocations.add(Revocation(user_id, NEVER))
        self._events.record(call, Kind.ERASED)


def _alive(user: User | None) -> User:
    if user is None:
        raise CredentialRejected(TokenRevoked())
    return user
