"""Tokens that died before their time, held in memory so that a check needs no database call."""

import asyncio
import itertools

import structlog

from ovqat.errors import StoreFailure, TokenRevoked
from ovqat.store import Revocation, Store

REFRESH_S = 2.0
_RELOAD_EVERY = 1800
"""Refreshes, about an hour of them, after which those that the store has swept are forgotten too."""


class RevocationList:
    """The revocations of the last seven days: `refresh_forever` brings what other processes revoked."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._valid_from: dict[str, int] = {}
        self._position = 0

    def check(self, user_id: str, issued_at: int) -> None:
        """Raise TokenRevoked if the token was issued before its user's tokens are good."""
        if issued_at < self._valid_from.get(user_id, 0):
            raise TokenRevoked

    def add(self, revocation: Revocation) -> None:
        """Know of a revocation at once."""
        self._valid_from[revocation.user_id] = revocation.tokens_valid_from

    async def refresh(self) -> None:
        """Read what was revoked since the last time."""
        page = await self._store.revocations(after=self._position)
        for revocation in page.entries:
            self.add(revocation)
        self._position = page.position

    async def reload(self) -> None:
        """Read all that the store holds, and forget the rest."""
        page = await self._store.revocations(after=0)
        self._valid_from = {revocation.user_id: revocation.tokens_valid_from for revocation in page.entries}
        self._position = page.position

    async def refresh_forever(self) -> None:
        """Refresh every two seconds until cancelled; a store that fails is asked again."""
        for turn in itertools.count(1):
            await asyncio.sleep(REFRESH_S)
            try:
                await (self.refresh() if turn % _RELOAD_EVERY else self.reload())
            except StoreFailure as failure:
                structlog.get_logger().warning("revocations_stale", cause=repr(failure.__cause__))
