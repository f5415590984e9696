"""The services of sign-in, joined as the application joins them, with limits that a test can reach."""

from pathlib import Path

from ovqat.auth.bearer import TokenCheck
from ovqat.auth.endpoints import Gatekeeper, PhoneEndpoint, VerifyEndpoint
from ovqat.auth.events import EventLog
from ovqat.auth.partners import Partner, Partners
from ovqat.auth.revocations import RevocationList
from ovqat.auth.sign_in import SignIn
from ovqat.auth.token import TokenCodec
from ovqat.edge.counters import MemoryCounters
from ovqat.edge.limits import Limiter
from ovqat.store import AuthEvent, EventFilter
from ovqat.store.sqlite import SQLiteStore
from tests.unit.clock import HandClock
from tests.unit.conftest import SECRET, settings_of

KEY = "a-made-up-partner-key"


class Parts:
    """Everything that signs in and checks, on one store and one clock."""

    def __init__(
        self, store: SQLiteStore, clock: HandClock, folder: Path, *, partner_key: str = "", **limits: str
    ) -> None:
        settings = settings_of(folder, **{f"OVQAT_LIMITS_{name.upper()}": limit for name, limit in limits.items()})
        self.store = store
        self.clock = clock
        self.events = EventLog(store, clock)
        self.limiter = Limiter(settings.limits, MemoryCounters(clock))
        self.tokens = TokenCodec([SECRET.encode()], clock)
        self.revocations = RevocationList(store)
        self.check = TokenCheck(self.tokens, self.revocations, self.limiter, self.events)
        self.sign_in = SignIn(store, self.tokens, self.events, clock)
        partners = [Partner.with_key("default", partner_key.encode())] if partner_key else []
        self.gatekeeper = Gatekeeper(Partners(partners, keys_required=bool(partners)), self.limiter, self.events)
        self.phone = PhoneEndpoint(self.gatekeeper, self.sign_in)
        self.verify = VerifyEndpoint(self.gatekeeper, self.check)

    async def recorded(self) -> list[AuthEvent]:
        """Give every event so far."""
        await self.events.flush()
        return [stored.event for stored in await self.store.events(EventFilter())]
