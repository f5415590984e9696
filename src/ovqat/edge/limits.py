"""How often who may call. Windows are fixed: each begins with its first call."""

from collections.abc import Awaitable
from math import ceil

import msgspec
from limits import RateLimitItem

from ovqat.edge.call import Call
from ovqat.edge.counters import Counters
from ovqat.edge.sender import limit_group
from ovqat.errors import TooManyRequests
from ovqat.settings import Limits


class Policy(msgspec.Struct, frozen=True):
    """One limit: `amount` calls in a window."""

    name: str
    amount: int
    window_s: int
    header: bytes
    """Its item in `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers)."""
    template: bytes
    """Its item in `RateLimit`, to be filled with the calls and the seconds that are left."""

    @classmethod
    def of(cls, name: str, item: RateLimitItem) -> "Policy":
        """Give the policy that a setting like `120/minute` asks for."""
        window_s = item.get_expiry()
        header = f'"{name}";q={item.amount};w={window_s}'.encode()
        return cls(name, item.amount, window_s, header, f'"{name}";r=%d;t=%d'.encode())


class Limiter:
    """Counts calls, each shown in the answer's headers, and raises TooManyRequests for those past a limit."""

    def __init__(self, limits: Limits, counters: Counters) -> None:
        self._counters = counters
        self._disabled = limits.disabled
        self._address = Policy.of("address", limits.address)
        self._key = Policy.of("key", limits.key)
        self._number = Policy.of("number", limits.number)
        self._failed = Policy.of("failed", limits.failed)

    def hit_address(self, call: Call) -> Awaitable[None]:
        """Count an auth call of an address."""
        return self._hit(call, self._address, limit_group(call.address))

    def hit_key(self, call: Call, partner: str) -> Awaitable[None]:
        """Count an auth call of a partner."""
        return self._hit(call, self._key, partner)

    def hit_number(self, call: Call, digits: str) -> Awaitable[None]:
        """Count a sign-in of a phone number."""
        return self._hit(call, self._number, digits)

    def hit_failed(self, call: Call) -> Awaitable[None]:
        """Count a bad token that an address has shown."""
        return self._hit(call, self._failed, limit_group(call.address))

    async def ready(self) -> bool:
        """Say whether calls can be counted."""
        return await self._counters.ready()

    async def _hit(self, call: Call, policy: Policy, who: str) -> None:
        if self._disabled:
            return
        count, seconds_left = await self._counters.hit(f"{policy.name}/{who}", policy.window_s)
        reset = ceil(seconds_left)
        left = policy.amount - count
        counted = policy.template % (max(0, left), reset)
        call.rate_limit = call.rate_limit + b", " + counted if call.rate_limit else counted
        if left < 0:
            raise TooManyRequests(reset, policy.header)
