"""The record of what happens to credentials: one log line and one row each.

The line is the request's own log line with the event in it; the row is written in batches, off the
request's path, and all rows are written before the process ends.
"""

import asyncio
from collections import deque
from enum import StrEnum

import structlog

from ovqat.auth.phone import Phone
from ovqat.edge.call import Call
from ovqat.errors import StoreFailure
from ovqat.identifiers import Clock
from ovqat.store import AuthEvent, Store

KEPT_S = 90 * 86_400
"""Seconds for which events are kept; 90 days."""
_BATCH = 500
_FLUSH_S = 0.5
_SWEEP_EVERY_S = 3600
_LAST_TRIES = 20
_MOST_WAITING = 200_000
_REVOCATIONS_KEPT_S = 8 * 86_400
"""Seconds: longer than the longest token lives."""


class Kind(StrEnum):
    """What can happen."""

    SIGNED_IN = "signed_in"
    VERIFY_FAILED = "verify_failed"
    KEY_REFUSED = "key_refused"
    LIMIT_HIT = "limit_hit"
    REVOKED = "revoked"
    ERASED = "erased"


class EventLog:
    """Takes events and brings them to the store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiting: deque[AuthEvent] = deque()
        self._flushing = asyncio.Lock()

    def record(
        self,
        call: Call | None,
        kind: Kind,
        *,
        user_id: str | None = None,
        phone: Phone | None = None,
        partner: str | None = None,
        detail: str | None = None,
    ) -> None:
        """Take an event. Without a call (a command), its line is logged here."""
        event = AuthEvent(
            int(self._clock() * 1000),
            kind.value,
            user_id,
            phone.masked if phone else None,
            partner,
            call.address if call else None,
            call.request_id if call else None,
            detail,
        )
        fields = {"user_id": user_id, "phone": event.phone_masked, "partner": partner, "detail": detail}
        said = {name: value for name, value in fields.items() if value is not None}
        if call:
            call.log_event = event.kind
            call.log_fields.update(said)
        else:
            structlog.get_logger().info(event.kind, **said)
        if len(self._waiting) >= _MOST_WAITING:
            self._waiting.popleft()
            structlog.get_logger().error("auth_event_dropped", waiting=_MOST_WAITING)
        self._waiting.append(event)

    async def flush(self) -> None:
        """Write all that waits; what cannot be written waits on."""
        async with self._flushing:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
                try:
                    await self._store.append_events(batch)
                except BaseException:
                    self._waiting.extendleft(reversed(batch))
                    raise

    async def flush_at_last(self) -> None:
        """Write all that waits before the process ends; a store that fails is asked again for ten seconds."""
        for _ in range(_LAST_TRIES):
            try:
                await self.flush()
            except StoreFailure:
                await asyncio.sleep(_FLUSH_S)
            else:
                return
        structlog.get_logger().error("auth_events_lost", lost=len(self._waiting))
        await self.flush()

    async def flush_forever(self) -> None:
        """Flush twice a second and sweep once an hour until cancelled."""
        next_sweep = 0.0
        while True:
            await asyncio.sleep(_FLUSH_S)
            try:
                await self.flush()
                if self._clock() >= next_sweep:
                    now = int(self._clock())
                    next_sweep = now + _SWEEP_EVERY_S
                    await self._store.sweep(
                        events_before=(now - KEPT_S) * 1000, revocations_before=now - _REVOCATIONS_KEPT_S
                    )
            except StoreFailure as failure:
                structlog.get_logger().error(
                    "auth_events_waiting", waiting=len(self._waiting), cause=repr(failure.__cause__)
                )
