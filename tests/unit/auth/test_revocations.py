import asyncio
from pathlib import Path

import pytest

from ovqat.auth import revocations
from ovqat.auth.revocations import RevocationList
from ovqat.errors import TokenRevoked
from ovqat.store import NEVER, Revocation
from ovqat.store.sqlite import SQLiteStore
from tests.unit.clock import NOW
from tests.unit.conftest import Log


def revoked(known: RevocationList, user_id: str, issued_at: int) -> bool:
    try:
        known.check(user_id, issued_at)
    except TokenRevoked:
        return True
    return False


async def turns(count: int = 50) -> None:
    """Let other tasks go on."""
    for _ in range(count):
        await asyncio.sleep(0)


def test_tokens_issued_before_a_revocation_are_dead_and_later_ones_live(store: SQLiteStore):
    known = RevocationList(store)

    known.add(Revocation("user-1", NOW))

    assert [revoked(known, "user-1", issued_at) for issued_at in (NOW - 1, NOW, NOW + 1)] == [True, False, False]
    assert not revoked(known, "user-2", NOW - 1)


def test_no_token_of_an_erased_person_lives(store: SQLiteStore):
    known = RevocationList(store)

    known.add(Revocation("user-1", NEVER))

    assert revoked(known, "user-1", NOW + (1 << 53))


async def test_what_another_process_revoked_is_known_after_a_refresh(tmp_path: Path, store: SQLiteStore):
    other = SQLiteStore(tmp_path / "ovqat.db")
    await other.open()
    known = RevocationList(store)
    await known.refresh()

    await other.revoke(Revocation("user-1", NOW), now=NOW)
    before = revoked(known, "user-1", NOW - 1)
    await known.refresh()

    assert (before, revoked(known, "user-1", NOW - 1)) == (False, True)
    await other.close()


async def test_what_was_revoked_before_the_start_is_known_after_the_first_refresh(store: SQLiteStore):
    await store.revoke(Revocation("user-1", NOW), now=NOW)
    await store.revoke(Revocation("user-2", NOW + 5), now=NOW)
    known = RevocationList(store)

    await known.refresh()

    assert revoked(known, "user-1", NOW - 1)
    assert revoked(known, "user-2", NOW + 4)


async def test_a_second_revocation_of_one_person_is_known_after_the_next_refresh(store: SQLiteStore):
    known = RevocationList(store)
    await store.revoke(Revocation("user-1", NOW), now=NOW)
    await known.refresh()

    await store.revoke(Revocation("user-1", NOW + 10), now=NOW)
    await known.refresh()

    assert revoked(known, "user-1", NOW + 9)


async def test_a_refresh_does_not_bring_back_what_is_older(store: SQLiteStore):
    known = RevocationList(store)
    await store.revoke(Revocation("user-1", NOW), now=NOW)
    await known.refresh()
    known.add(Revocation("user-1", NEVER))

    await known.refresh()

    assert revoked(known, "user-1", NOW + 100)


async def test_what_the_store_has_swept_is_forgotten_with_the_next_reload(store: SQLiteStore):
    known = RevocationList(store)
    await store.revoke(Revocation("user-1", NOW), now=NOW)
    await known.refresh()
    await store.revoke(Revocation("user-2", NOW), now=NOW + 10)
    await store.sweep(events_before=0, revocations_before=NOW + 1)

    await known.reload()

    assert [revoked(known, user_id, NOW - 1) for user_id in ("user-1", "user-2")] == [False, True]
    await store.revoke(Revocation("user-3", NOW), now=NOW)
    await known.refresh()
    assert revoked(known, "user-3", NOW - 1)


async def test_it_is_reloaded_now_and_then(store: SQLiteStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(revocations, "REFRESH_S", 0)
    monkeypatch.setattr(revocations, "_RELOAD_EVERY", 3)
    known = RevocationList(store)
    known.add(Revocation("nobody-of-the-store", NOW))

    refreshing = asyncio.create_task(known.refresh_forever())
    await turns()
    refreshing.cancel()

    assert not revoked(known, "nobody-of-the-store", NOW - 1)


async def test_a_store_that_fails_is_asked_again(
    store: SQLiteStore, tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(revocations, "REFRESH_S", 0)
    other = SQLiteStore(tmp_path / "ovqat.db")
    await other.open()
    known = RevocationList(store)
    await store.close()
    refreshing = asyncio.create_task(known.refresh_forever())
    await turns()
    await other.revoke(Revocation("user-1", NOW), now=NOW)

    await store.open()
    await turns()

    assert revoked(known, "user-1", NOW - 1)
    assert {(line["event"], line["level"]) for line in log.lines} == {("revocations_stale", "warning")}
    assert "not open" in log.lines[0]["cause"]
    refreshing.cancel()
    await other.close()


def test_a_revocation_reaches_other_processes_within_two_seconds():
    assert revocations.REFRESH_S <= 2
