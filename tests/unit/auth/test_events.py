import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from ovqat.auth import events
from ovqat.auth.events import KEPT_S, EventLog, Kind
from ovqat.auth.phone import Phone
from ovqat.errors import StoreFailure
from ovqat.store import NEVER, AuthEvent, EventFilter, Revocation
from ovqat.store.sqlite import SQLiteStore
from tests.unit.asking import call
from tests.unit.clock import NOW, HandClock
from tests.unit.conftest import Log

PHONE = Phone("998997961877")
DAY_MS = 86_400_000


class UnhurriedStore(SQLiteStore):
    """Gives way to others while it writes, as a store behind a network does."""

    async def append_events(self, events: Sequence[AuthEvent]) -> None:
        await asyncio.sleep(0)
        await super().append_events(events)
        await asyncio.sleep(0)


async def kept(store: SQLiteStore) -> list[AuthEvent]:
    return [stored.event for stored in await store.events(EventFilter(newest=100_000))]


async def details(store: SQLiteStore) -> list[str | None]:
    return [event.detail for event in await kept(store)]


async def turns(count: int = 30) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_an_event_is_one_row_with_its_number_masked(store: SQLiteStore, clock: HandClock):
    event_log = EventLog(store, clock)
    clock.move(0.25)

    event_log.record(call(), Kind.SIGNED_IN, user_id="user-1", phone=PHONE, partner="bank", detail="created")
    await event_log.flush()

    assert await kept(store) == [
        AuthEvent(NOW * 1000 + 250, "signed_in", "user-1", "99899*****77", "bank", "192.0.2.7", "request-1", "created")
    ]


async def test_an_event_of_a_call_goes_into_the_calls_own_line(store: SQLiteStore, clock: HandClock, log: Log):
    signing_in = call()

    EventLog(store, clock).record(signing_in, Kind.SIGNED_IN, user_id="user-1", phone=PHONE, partner="bank")
    await asyncio.sleep(0)

    assert signing_in.log_event == "signed_in"
    assert signing_in.log_fields == {"user_id": "user-1", "phone": "99899*****77", "partner": "bank"}
    assert log.lines == []


async def test_an_event_of_a_command_is_a_line_of_its_own(store: SQLiteStore, clock: HandClock, log: Log):
    event_log = EventLog(store, clock)

    event_log.record(None, Kind.REVOKED, user_id="user-1", phone=PHONE)
    await event_log.flush()
    await asyncio.sleep(0)

    (line,) = log.lines
    assert (line["event"], line["user_id"], line["phone"]) == ("revoked", "user-1", "99899*****77")
    assert "detail" not in line
    assert (await kept(store))[0].address is None


async def test_nothing_is_written_before_a_flush_and_nothing_twice(store: SQLiteStore, clock: HandClock):
    event_log = EventLog(store, clock)
    event_log.record(call(), Kind.KEY_REFUSED)
    before = await kept(store)

    await event_log.flush()
    await event_log.flush()

    assert before == []
    assert len(await kept(store)) == 1


async def test_more_events_than_a_batch_are_all_written_in_order(store: SQLiteStore, clock: HandClock):
    event_log = EventLog(store, clock)
    for number in range(1203):
        event_log.record(call(), Kind.VERIFY_FAILED, detail=str(number))

    await event_log.flush()

    assert await details(store) == [str(number) for number in range(1203)]


async def test_events_that_could_not_be_written_wait_and_keep_their_order(store: SQLiteStore, clock: HandClock):
    event_log = EventLog(store, clock)
    event_log.record(call(), Kind.VERIFY_FAILED, detail="first")
    event_log.record(call(), Kind.VERIFY_FAILED, detail="second")
    await store.close()
    with pytest.raises(StoreFailure):
        await event_log.flush()
    event_log.record(call(), Kind.VERIFY_FAILED, detail="third")

    await store.open()
    await event_log.flush()

    assert await details(store) == ["first", "second", "third"]


async def test_a_batch_that_failed_leaves_the_batches_before_it_written(store: SQLiteStore, clock: HandClock):
    event_log = EventLog(store, clock)
    for number in range(700):
        event_log.record(call(), Kind.VERIFY_FAILED, detail=str(number))
    refuse = "CREATE TEMP TRIGGER full BEFORE INSERT ON main.auth_events WHEN NEW.detail = '600' BEGIN "
    store._events_db.execute(refuse + "SELECT RAISE(ABORT, 'full'); END")

    with pytest.raises(StoreFailure):
        await event_log.flush()
    written = await details(store)
    store._events_db.execute("DROP TRIGGER full")
    await event_log.flush()

    assert len(written) == 500
    assert await details(store) == [str(number) for number in range(700)]


async def test_two_flushes_at_once_write_each_event_once(tmp_path: Path, clock: HandClock):
    store = UnhurriedStore(tmp_path / "ovqat.db")
    await store.open()
    event_log = EventLog(store, clock)
    for number in range(10):
        event_log.record(call(), Kind.VERIFY_FAILED, detail=str(number))

    await asyncio.gather(event_log.flush(), event_log.flush())

    assert await details(store) == [str(number) for number in range(10)]
    await store.close()


async def test_an_event_that_comes_past_the_cap_during_a_flush_is_not_lost(
    tmp_path: Path, clock: HandClock, log: Log, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(events, "_MOST_WAITING", 3)
    store = UnhurriedStore(tmp_path / "ovqat.db")
    await store.open()
    event_log = EventLog(store, clock)
    for detail in ("0", "1", "2"):
        event_log.record(call(), Kind.VERIFY_FAILED, detail=detail)

    flushing = asyncio.create_task(event_log.flush())
    await asyncio.sleep(0)
    event_log.record(call(), Kind.VERIFY_FAILED, detail="3")
    await flushing
    await event_log.flush()

    assert await details(store) == ["0", "1", "2", "3"]
    assert len(log.of("auth_event_dropped")) <= 1
    await store.close()


async def test_past_the_cap_the_oldest_is_dropped_and_that_is_said(
    store: SQLiteStore, clock: HandClock, log: Log, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(events, "_MOST_WAITING", 3)
    event_log = EventLog(store, clock)

    for number in range(5):
        event_log.record(call(), Kind.VERIFY_FAILED, detail=str(number))
    await event_log.flush()
    await asyncio.sleep(0)

    assert await details(store) == ["2", "3", "4"]
    assert [line["level"] for line in log.of("auth_event_dropped")] == ["error", "error"]


async def test_events_are_flushed_again_and_again_through_a_failure(
    store: SQLiteStore, clock: HandClock, log: Log, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(events, "_FLUSH_S", 0)
    event_log = EventLog(store, clock)
    flushing = asyncio.create_task(event_log.flush_forever())
    event_log.record(call(), Kind.VERIFY_FAILED, detail="before")
    await turns()
    await store.close()
    event_log.record(call(), Kind.VERIFY_FAILED, detail="during")
    await turns()

    await store.open()
    await turns()

    assert await details(store) == ["before", "during"]
    waiting = log.of("auth_events_waiting")[0]
    assert (waiting["level"], waiting["waiting"]) == ("error", 1)
    assert "not open" in waiting["cause"]
    assert not flushing.done()
    flushing.cancel()


async def test_old_events_and_revocations_are_swept_once_an_hour(
    store: SQLiteStore, clock: HandClock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(events, "_FLUSH_S", 0)
    old = [AuthEvent(NOW * 1000 - 90 * DAY_MS - 1, "signed_in")]
    young = [AuthEvent(NOW * 1000 - 90 * DAY_MS + DAY_MS, "signed_in")]
    await store.append_events(old + young)
    await store.revoke(Revocation("gone", NEVER), now=NOW - 8 * 86_400 - 1)
    await store.revoke(Revocation("fresh", NOW), now=NOW - 7 * 86_400)
    sweeping = asyncio.create_task(EventLog(store, clock).flush_forever())

    await turns()
    first = await kept(store)
    left = await store.revocations(after=0)
    await store.append_events(old)
    clock.move(3599)
    await turns()
    within_the_hour = await kept(store)
    clock.move(1)
    await turns()

    assert first == young
    assert [entry.user_id for entry in left.entries] == ["fresh"]
    assert within_the_hour == young + old
    assert await kept(store) == young
    sweeping.cancel()


def test_events_are_kept_for_ninety_days():
    assert KEPT_S == 90 * 24 * 3600


def test_every_kind_of_event_has_its_own_word():
    assert {kind.value for kind in Kind} >= {
        "signed_in", "verify_failed", "key_refused", "limit_hit", "revoked", "erased",
    }  # fmt: skip


async def test_events_that_no_store_takes_in_the_end_are_counted_and_the_failure_is_raised(
    store: SQLiteStore, clock: HandClock, log: Log, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(events, "_FLUSH_S", 0)
    event_log = EventLog(store, clock)
    event_log.record(call(), Kind.KEY_REFUSED)
    await store.close()

    with pytest.raises(StoreFailure):
        await event_log.flush_at_last()

    await asyncio.sleep(0)
    assert [line["lost"] for line in log.of("auth_events_lost")] == [1]
