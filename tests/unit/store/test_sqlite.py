import asyncio
import itertools
import sqlite3
import stat
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from ovqat.errors import StoreFailure
from ovqat.store import NEVER, AuthEvent, EventFilter, Revocation, SettingsPatch, UpsertedUser, User
from ovqat.store.sqlite import SQLiteStore, _migrate, _statements, migrations
from tests.unit.clock import NOW

PHONE = "998997961877"
OTHER = "998997961878"
PATCH = SettingsPatch(language="ru", theme="dark", time_zone="Asia/Samarkand")


def ids(prefix: str = "user") -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"{prefix}-{next(numbers)}"


def no_id() -> str:
    message = "no new id is wanted here"
    raise AssertionError(message)


def event(detail: str, **fields: object) -> AuthEvent:
    return AuthEvent(**{"at_ms": NOW * 1000, "kind": "signed_in", "detail": detail, **fields})


async def details(store: SQLiteStore, wanted: EventFilter | None = None) -> list[str | None]:
    return [stored.event.detail for stored in await store.events(wanted or EventFilter())]


async def revoked(store: SQLiteStore, after: int = 0) -> list[Revocation]:
    return (await store.revocations(after=after)).entries


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ovqat.db"


@pytest.fixture
async def second(path: Path) -> AsyncGenerator[SQLiteStore]:
    """Give another store on the same file, as another process has it."""
    other = SQLiteStore(path)
    await other.open()
    yield other
    await other.close()


def run(path: Path, *statements: str) -> list[tuple[object, ...]]:
    """Run SQL on the file through a connection of its own; give the rows of the last statement."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        rows = []
        for statement in statements:
            rows = db.execute(statement).fetchall()
        return rows


def read(path: Path) -> bytes:
    return path.read_bytes()


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


async def fill(store: SQLiteStore, count: int) -> None:
    """Make that many users, `user-1` first."""
    make_id = ids()
    for number in range(count):
        await store.upsert_user(f"9989{number:08d}", make_id=make_id, now=NOW)


class TestUsers:
    async def test_a_first_upsert_makes_the_user_with_the_defaults(self, store: SQLiteStore):
        made = await store.upsert_user(PHONE, make_id=ids(), now=NOW)

        assert made == UpsertedUser("user-1", 0, created=True)
        assert await store.user("user-1") == User("user-1", PHONE, None, "system", "Asia/Tashkent", NOW, 0)

    async def test_a_later_upsert_finds_the_same_user_unchanged(self, store: SQLiteStore):
        await store.upsert_user(PHONE, make_id=ids(), now=NOW)
        await store.update_settings("user-1", PATCH)
        before = await store.user("user-1")

        found = await store.upsert_user(PHONE, make_id=no_id, now=NOW + 100)

        assert found == UpsertedUser("user-1", 0, created=False)
        assert await store.user("user-1") == before

    async def test_two_numbers_are_two_users(self, store: SQLiteStore):
        make_id = ids()

        await store.upsert_user(PHONE, make_id=make_id, now=NOW)
        await store.upsert_user(OTHER, make_id=make_id, now=NOW)

        assert [(await store.user(user_id)).phone for user_id in ("user-1", "user-2")] == [PHONE, OTHER]

    async def test_a_user_is_found_by_id_and_by_number(self, store: SQLiteStore):
        await store.upsert_user(PHONE, make_id=ids(), now=NOW)

        assert await store.user_by_phone(PHONE) == await store.user("user-1")
        assert await store.user_by_phone(OTHER) is None
        assert await store.user("user-2") is None

    async def test_an_upsert_is_seen_by_others_as_soon_as_it_returns(self, store: SQLiteStore, second: SQLiteStore):
        await store.upsert_user(PHONE, make_id=ids(), now=NOW)

        assert (await second.user_by_phone(PHONE)).id == "user-1"
        assert not store._db.in_transaction

    async def test_a_row_that_appears_between_the_read_and_the_insert_is_the_user(self, store: SQLiteStore, path: Path):
        def late_id() -> str:
            run(
                path,
                "INSERT INTO users (id, phone, created_at, tokens_valid_from) VALUES ('first', '998997961877', 1, 7)",
            )
            return "second"

        upserted = await store.upsert_user(PHONE, make_id=late_id, now=NOW)

        assert upserted == UpsertedUser("first", 7, created=False)
        assert run(path, "SELECT id, created_at FROM users") == [("first", 1)]

    async def test_fifty_concurrent_upserts_make_one_user(self, store: SQLiteStore):
        make_id = ids()

        upserts = [store.upsert_user(PHONE, make_id=make_id, now=NOW) for _ in range(50)]
        upserted = await asyncio.gather(*upserts)

        assert {user.id for user in upserted} == {"user-1"}
        assert [user.created for user in upserted].count(True) == 1

    def test_fifty_upserts_from_ten_connections_at_once_make_one_user(self, path: Path):
        gate = threading.Barrier(10)
        upserted = []

        async def work(worker: int) -> None:
            store = SQLiteStore(path)
            await store.open()
            gate.wait(30)
            upserted.extend(
                [await store.upsert_user(PHONE, make_id=ids(f"worker-{worker}"), now=NOW) for _ in range(5)]
            )
            await store.close()

        threads = [threading.Thread(target=lambda worker=worker: asyncio.run(work(worker))) for worker in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(upserted) == 50
        assert len({user.id for user in upserted}) == 1
        assert [user.created for user in upserted].count(True) == 1
        assert run(path, "SELECT count(*) FROM users") == [(1,)]


class TestSettings:
    @pytest.mark.parametrize(
        ("patch", "kept"),
        [
            (SettingsPatch(), (None, "system", "Asia/Tashkent")),
            (SettingsPatch(language="uz-Cyrl"), ("uz-Cyrl", "system", "Asia/Tashkent")),
            (SettingsPatch(theme="dark"), (None, "dark", "Asia/Tashkent")),
            (SettingsPatch(time_zone="Europe/London"), (None, "system", "Europe/London")),
            (PATCH, ("ru", "dark", "Asia/Samarkand")),
        ],
    )
    async def test_a_patch_changes_what_it_holds_and_nothing_else(
        self, store: SQLiteStore, patch: SettingsPatch, kept: tuple[str | None, str, str]
    ):
        make_id = ids()
        await store.upsert_user(PHONE, make_id=make_id, now=NOW)
        await store.upsert_user(OTHER, make_id=make_id, now=NOW)
        neighbour = await store.user("user-2")

        changed = await store.update_settings("user-1", patch)

        assert changed == User("user-1", PHONE, *kept, NOW, 0)
        assert await store.user("user-1") == changed
        assert await store.user("user-2") == neighbour

    async def test_a_second_patch_leaves_what_the_first_changed(self, store: SQLiteStore):
        await store.upsert_user(PHONE, make_id=ids(), now=NOW)
        await store.update_settings("user-1", SettingsPatch(language="ru"))

        changed = await store.update_settings("user-1", SettingsPatch(theme="light"))

        assert (changed.language, changed.theme) == ("ru", "light")

    async def test_a_user_that_is_gone_has_no_settings(self, store: SQLiteStore):
        assert await store.update_settings("user-1", PATCH) is None

    async def test_settings_are_seen_by_others_as_soon_as_they_are_changed(
        self, store: SQLiteStore, second: SQLiteStore
    ):
        await store.upsert_user(PHONE, make_id=ids(), now=NOW)

        await store.update_settings("user-1", PATCH)

        assert (await second.user("user-1")).language == "ru"


class TestRevocations:
    async def test_a_revocation_is_in_the_users_row_and_in_the_list(self, store: SQLiteStore, second: SQLiteStore):
        await store.upsert_user(PHONE, make_id=ids(), now=NOW)

        await store.revoke(Revocation("user-1", NOW + 1), now=NOW)

        assert await second.upsert_user(PHONE, make_id=no_id, now=NOW) == UpsertedUser("user-1", NOW + 1, created=False)
        assert (await second.user("user-1")).tokens_valid_from == NOW + 1
        assert await revoked(second) == [Revocation("user-1", NOW + 1)]

    async def test_a_revocation_touches_nobody_else(self, store: SQLiteStore):
        make_id = ids()
        await store.upsert_user(PHONE, make_id=make_id, now=NOW)
        await store.upsert_user(OTHER, make_id=make_id, now=NOW)

        await store.revoke(Revocation("user-1", NOW), now=NOW)

        assert (await store.user("user-2")).tokens_valid_from == 0

    async def test_revocations_are_given_once_in_their_order(self, store: SQLiteStore):
        await store.revoke(Revocation("b", 1), now=NOW)
        await store.revoke(Revocation("a", 2), now=NOW)
        first = await store.revocations(after=0)
        await store.revoke(Revocation("c", 3), now=NOW)

        second_page = await store.revocations(after=first.position)

        assert first.entries == [Revocation("b", 1), Revocation("a", 2)]
        assert second_page.entries == [Revocation("c", 3)]

    @pytest.mark.parametrize("after", [0, 5, 1 << 40])
    async def test_where_nothing_is_new_the_position_stays(self, store: SQLiteStore, after: int):
        page = await store.revocations(after=after)

        assert (page.entries, page.position) == ([], after)

    async def test_a_second_revocation_of_a_user_replaces_the_first_and_is_new(self, store: SQLiteStore):
        await store.revoke(Revocation("a", 1), now=NOW)
        position = (await store.revocations(after=0)).position

        await store.revoke(Revocation("a", 2), now=NOW)

        assert await revoked(store, after=position) == [Revocation("a", 2)]
        assert await revoked(store) == [Revocation("a", 2)]

    async def test_positions_are_never_used_again(self, store: SQLiteStore):
        await store.revoke(Revocation("a", 1), now=NOW - 1)
        position = (await store.revocations(after=0)).position
        await store.sweep(events_before=0, revocations_before=NOW)

        await store.revoke(Revocation("b", 2), now=NOW)

        assert await revoked(store, after=position) == [Revocation("b", 2)]


class TestErase:
    @pytest.fixture
    async def person(self, store: SQLiteStore) -> SQLiteStore:
        make_id = ids()
        await store.upsert_user(PHONE, make_id=make_id, now=NOW)
        await store.upsert_user(OTHER, make_id=make_id, now=NOW)
        await store.append_events(
            [event("theirs", user_id="user-1"), event("others", user_id="user-2"), event("nobodys")]
        )
        return store

    async def test_events_of_another_whose_id_ends_alike_stay(self, store: SQLiteStore):
        one, other = (f"{start}a20e19-bb12-72d8-af18-377d77ab9f20" for start in ("01", "02"))
        await store.append_events([event("theirs", user_id=one), event("others", user_id=other)])

        await store.erase_user(one, now=NOW)

        assert await details(store) == ["others"]

    async def test_a_persons_events_are_found_by_an_index(self, store: SQLiteStore):
        asked = []
        store._db.set_trace_callback(asked.append)

        await store.erase_user("user-1", now=NOW)

        (delete,) = [sql for sql in asked if "DELETE FROM auth_events" in sql]
        plan = store._db.execute(f"EXPLAIN QUERY PLAN {delete}").fetchall()
        assert "USING INDEX auth_events_user" in plan[0][3]

    async def test_everything_of_a_person_goes_and_nothing_of_others(self, person: SQLiteStore):
        erased = await person.erase_user("user-1", now=NOW)

        assert erased is True
        assert await person.user("user-1") is None
        assert await person.user_by_phone(PHONE) is None
        assert await details(person) == ["others", "nobodys"]
        assert (await person.user("user-2")).phone == OTHER

    async def test_no_token_of_theirs_lives_anywhere(self, person: SQLiteStore, second: SQLiteStore):
        await person.erase_user("user-1", now=NOW)

        assert await revoked(second) == [Revocation("user-1", NEVER)]

    async def test_a_number_begins_anew_with_another_id(self, person: SQLiteStore):
        await person.update_settings("user-1", PATCH)
        await person.erase_user("user-1", now=NOW)

        again = await person.upsert_user(PHONE, make_id=lambda: "new", now=NOW + 5)

        assert again == UpsertedUser("new", 0, created=True)
        assert await person.user("new") == User("new", PHONE, None, "system", "Asia/Tashkent", NOW + 5, 0)

    @pytest.mark.parametrize("user_id", ["nobody", "", PHONE])
    async def test_nobody_is_erased_without_a_trace(self, person: SQLiteStore, user_id: str):
        assert await person.erase_user(user_id, now=NOW) is False
        assert await revoked(person) == []
        assert len(await details(person)) == 3

    async def test_an_event_of_theirs_that_another_process_still_held_is_not_kept(
        self, person: SQLiteStore, second: SQLiteStore
    ):
        await person.erase_user("user-1", now=NOW)

        await second.append_events([event("late", user_id="user-1"), event("later", user_id="user-2")])

        assert await details(person) == ["others", "nobodys", "later"]

    async def test_an_event_of_a_person_who_was_only_signed_out_is_kept(self, person: SQLiteStore):
        await person.revoke(Revocation("user-1", NOW + 1), now=NOW)

        await person.append_events([event("late", user_id="user-1")])

        assert (await details(person))[-1] == "late"

    async def test_a_second_erasure_finds_nobody(self, person: SQLiteStore):
        await person.erase_user("user-1", now=NOW)

        assert await person.erase_user("user-1", now=NOW) is False
        assert await revoked(person) == [Revocation("user-1", NEVER)]

    @pytest.mark.parametrize("step", ["DELETE ON users", "DELETE ON auth_events", "INSERT ON revocations"])
    async def test_a_failure_in_the_middle_changes_nothing(self, person: SQLiteStore, path: Path, step: str):
        run(path, f"CREATE TRIGGER broken BEFORE {step} BEGIN SELECT RAISE(ABORT, 'broken'); END")
        before = await person.user("user-1"), await details(person)

        with pytest.raises(StoreFailure):
            await person.erase_user("user-1", now=NOW)

        assert (await person.user("user-1"), await details(person)) == before
        assert await revoked(person) == []
        run(path, "DROP TRIGGER broken")
        assert await person.erase_user("user-1", now=NOW) is True

    async def test_no_byte_of_the_number_stays_in_the_files(self, person: SQLiteStore, path: Path):
        await person.append_events([event("x" * 100, user_id="user-1", phone_masked="a-mask-that-is-theirs")])
        await person.erase_user("user-1", now=NOW)

        await person.close()

        left = b"".join(file.read_bytes() for file in path.parent.iterdir())
        assert OTHER.encode() in left
        assert PHONE.encode() not in left
        assert b"a-mask-that-is-theirs" not in left


class TestEvents:
    MASK = "99899*****77"

    @pytest.fixture
    async def kept(self, store: SQLiteStore) -> SQLiteStore:
        await store.append_events(
            [
                event("a", at_ms=100, user_id="user-1", phone_masked=self.MASK),
                event("b", at_ms=200, user_id="user-2", phone_masked=self.MASK),
                event("c", at_ms=300, kind="limit_hit", phone_masked=self.MASK),
            ]
        )
        await store.append_events(
            [
                event("d", at_ms=400, kind="limit_hit", phone_masked="99899*****78"),
                event("e", at_ms=500, kind="verify_failed"),
                event("f", at_ms=600, user_id="user-1", phone_masked=self.MASK),
            ]
        )
        return store

    async def test_an_event_comes_back_whole(self, store: SQLiteStore, second: SQLiteStore):
        whole = AuthEvent(1, "signed_in", "user-1", self.MASK, "bank", "192.0.2.7", "request-1", "created")
        bare = AuthEvent(2, "key_refused")

        await store.append_events([whole, bare])

        assert [stored.event for stored in await second.events(EventFilter())] == [whole, bare]

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            (EventFilter(), "abcdef"),
            (EventFilter(newest=2), "ef"),
            (EventFilter(newest=0), ""),
            (EventFilter(newest=6), "abcdef"),
            (EventFilter(since_ms=400), "def"),
            (EventFilter(since_ms=401), "ef"),
            (EventFilter(since_ms=601), ""),
            (EventFilter(kind="limit_hit"), "cd"),
            (EventFilter(kind="erased"), ""),
            (EventFilter(kind="signed_in", since_ms=200), "bf"),
            (EventFilter(kind="signed_in", newest=1), "f"),
            (EventFilter(phone_masked=MASK), "c"),
            (EventFilter(phone_masked=MASK, user_id="user-1"), "acf"),
            (EventFilter(phone_masked=MASK, user_id="user-1", kind="signed_in"), "af"),
            (EventFilter(phone_masked=MASK, user_id="user-1", since_ms=200, newest=1), "f"),
            (EventFilter(phone_masked="99899*****00", user_id="user-9"), ""),
            (EventFilter(user_id="user-1"), "af"),
            (EventFilter(user_id="user-9"), ""),
        ],
    )
    async def test_every_condition_of_a_filter_holds(self, kept: SQLiteStore, wanted: EventFilter, found: str):
        assert await details(kept, wanted) == list(found)

    async def test_what_came_after_an_event_is_found_by_its_position(self, kept: SQLiteStore):
        third = (await kept.events(EventFilter()))[2]
        wanted = EventFilter(kind="signed_in").after(third.position)

        assert await details(kept, wanted) == ["f"]
        assert await details(kept, wanted.after(third.position + 3)) == []

    async def test_what_comes_after_is_never_cut_to_the_newest(self, kept: SQLiteStore):
        assert await details(kept, EventFilter(newest=1).after(0)) == list("abcdef")

    async def test_positions_grow_with_the_order(self, kept: SQLiteStore):
        positions = [stored.position for stored in await kept.events(EventFilter())]

        assert positions == sorted(set(positions))

    async def test_a_batch_is_kept_whole_or_not_at_all(self, kept: SQLiteStore, path: Path):
        run(
            path,
            "CREATE TRIGGER broken BEFORE INSERT ON auth_events WHEN NEW.detail = 'bad' "
            "BEGIN SELECT RAISE(ABORT, 'broken'); END",
        )

        with pytest.raises(StoreFailure):
            await kept.append_events([event("good"), event("bad"), event("never")])

        assert "good" not in await details(kept)
        run(path, "DROP TRIGGER broken")
        await kept.append_events([event("good"), event("bad")])
        assert (await details(kept))[-2:] == ["good", "bad"]

    async def test_no_events_are_no_failure(self, store: SQLiteStore):
        await store.append_events([])

        assert await details(store) == []


class TestSweep:
    async def test_what_is_older_goes_and_what_is_as_old_stays(self, store: SQLiteStore):
        await store.append_events([event("old", at_ms=999), event("edge", at_ms=1000), event("young", at_ms=1001)])
        for user_id, at in (("old", 9), ("edge", 10), ("young", 11)):
            await store.revoke(Revocation(user_id, 1), now=at)

        await store.sweep(events_before=1000, revocations_before=10)

        assert await details(store) == ["edge", "young"]
        assert [entry.user_id for entry in await revoked(store)] == ["edge", "young"]

    async def test_a_sweep_touches_no_user(self, store: SQLiteStore):
        await store.upsert_user(PHONE, make_id=ids(), now=1)

        await store.sweep(events_before=1 << 60, revocations_before=1 << 60)

        assert await store.user("user-1") is not None

    async def test_positions_of_events_are_never_used_again(self, store: SQLiteStore):
        await store.append_events([event("old", at_ms=1)])
        last = (await store.events(EventFilter()))[-1].position
        await store.sweep(events_before=2, revocations_before=0)

        await store.append_events([event("new", at_ms=3)])

        assert await details(store, EventFilter().after(last)) == ["new"]


class TestDurability:
    async def test_what_is_answered_is_on_the_disk(self, store: SQLiteStore):
        assert store._db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert store._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)

    async def test_what_was_kept_is_there_after_a_restart(self, store: SQLiteStore, path: Path):
        await store.upsert_user(PHONE, make_id=ids(), now=NOW)
        await store.append_events([event("a")])
        await store.revoke(Revocation("user-1", 5), now=NOW)
        await store.close()
        again = SQLiteStore(path)

        await again.open()

        assert (await again.user_by_phone(PHONE)).tokens_valid_from == 5
        assert await details(again) == ["a"]
        assert await revoked(again) == [Revocation("user-1", 5)]
        await again.close()

    async def test_a_folder_that_is_made_is_the_owners_alone(self, tmp_path: Path):
        store = SQLiteStore(tmp_path / "deep" / "data" / "ovqat.db")

        await store.open()

        assert stat.S_IMODE((tmp_path / "deep" / "data").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "deep" / "data" / "ovqat.db").stat().st_mode) == 0o600
        await store.close()

    async def test_a_store_opens_again_after_it_was_closed(self, store: SQLiteStore):
        await store.close()
        await store.close()

        await store.open()

        await store.ping()


EVERY_CALL: dict[str, Callable[[SQLiteStore], Awaitable[object]]] = {
    "ping": lambda store: store.ping(),
    "check": lambda store: store.check(),
    "upsert_user": lambda store: store.upsert_user(OTHER, make_id=lambda: "fresh", now=NOW),
    "user": lambda store: store.user("user-1"),
    "user_by_phone": lambda store: store.user_by_phone(PHONE),
    "update_settings": lambda store: store.update_settings("user-1", PATCH),
    "revoke": lambda store: store.revoke(Revocation("user-1", 1), now=NOW),
    "erase_user": lambda store: store.erase_user("user-1", now=NOW),
    "revocations": lambda store: store.revocations(after=0),
    "append_events": lambda store: store.append_events([event("a")]),
    "events": lambda store: store.events(EventFilter()),
    "sweep": lambda store: store.sweep(events_before=1, revocations_before=1),
}
WRITES = ["upsert_user", "update_settings", "revoke", "erase_user", "append_events"]


class TestFailure:
    @pytest.mark.parametrize("name", list(EVERY_CALL))
    async def test_a_closed_store_fails(self, store: SQLiteStore, name: str):
        await store.close()

        with pytest.raises(StoreFailure) as failed:
            await EVERY_CALL[name](store)

        assert failed.value.sentence == "Database error"
        assert "not open" in str(failed.value.__cause__)

    @pytest.mark.parametrize("name", list(EVERY_CALL))
    async def test_a_store_that_was_never_opened_fails(self, path: Path, name: str):
        with pytest.raises(StoreFailure):
            await EVERY_CALL[name](SQLiteStore(path))

    @pytest.mark.parametrize("name", [name for name in EVERY_CALL if name != "check"])
    async def test_a_store_whose_tables_are_gone_fails_with_the_cause(self, store: SQLiteStore, path: Path, name: str):
        run(path, "DROP TABLE users", "DROP TABLE revocations", "DROP TABLE auth_events")

        with pytest.raises(StoreFailure) as failed:
            await EVERY_CALL[name](store)

        assert isinstance(failed.value.__cause__, sqlite3.Error)
        assert not store._db.in_transaction

    @pytest.mark.parametrize("name", [*WRITES, "sweep"])
    async def test_a_database_that_another_holds_locked_fails_and_works_again_after(
        self, store: SQLiteStore, path: Path, name: str
    ):
        await store.upsert_user(PHONE, make_id=ids(), now=NOW)
        for db in (store._db, store._events_db):
            db.execute("PRAGMA busy_timeout = 0")
        with closing(sqlite3.connect(path, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreFailure, match="Database error"):
                await EVERY_CALL[name](store)
            assert (await store.user_by_phone(PHONE)).id == "user-1"

        await EVERY_CALL[name](store)

    @pytest.mark.parametrize("name", WRITES)
    async def test_a_database_that_may_not_be_written_fails_and_works_again_after(self, store: SQLiteStore, name: str):
        await store.upsert_user(PHONE, make_id=ids(), now=NOW)
        for db in (store._db, store._events_db):
            db.execute("PRAGMA query_only = ON")

        with pytest.raises(StoreFailure):
            await EVERY_CALL[name](store)
        readable = await store.user_by_phone(PHONE)
        for db in (store._db, store._events_db):
            db.execute("PRAGMA query_only = OFF")

        assert readable is not None
        await EVERY_CALL[name](store)

    async def test_a_full_disk_fails_and_works_again_when_there_is_room(self, store: SQLiteStore):
        big = [event("x" * 5000) for _ in range(50)]
        pages = store._events_db.execute("PRAGMA page_count").fetchone()[0]
        store._events_db.execute(f"PRAGMA max_page_count = {pages + 2}")

        with pytest.raises(StoreFailure) as failed:
            await store.append_events(big)
        left = await details(store)
        store._events_db.execute("PRAGMA max_page_count = 1000000")
        await store.append_events(big)

        assert "full" in str(failed.value.__cause__)
        assert left == []
        assert len(await details(store)) == 50

    async def test_users_of_a_full_disk_are_made_when_there_is_room(self, store: SQLiteStore):
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count = {pages}")

        with pytest.raises(StoreFailure):
            await fill(store, 10_000)
        (made,) = store._db.execute("SELECT count(*) FROM users").fetchone()
        known = await store.upsert_user("998900000000", make_id=no_id, now=NOW)
        store._db.execute("PRAGMA max_page_count = 1000000")
        await store.upsert_user(PHONE, make_id=lambda: "after", now=NOW)

        assert known.id == "user-1"
        assert store._db.execute("SELECT count(*) FROM users").fetchone() == (made + 1,)
        assert (await store.user_by_phone(PHONE)).id == "after"

    @pytest.mark.parametrize("content", [b"this is no database " * 500, b"SQLite format 3\0" + b"\xff" * 8192])
    async def test_a_file_that_is_no_database_is_refused(self, path: Path, content: bytes):
        write(path, content)
        store = SQLiteStore(path)

        with pytest.raises(StoreFailure) as failed:
            await store.open()

        assert isinstance(failed.value.__cause__, sqlite3.Error)
        assert read(path) == content
        await store.close()

    async def test_damage_in_the_middle_of_the_file_is_found_by_the_check(self, store: SQLiteStore, path: Path):
        await fill(store, 500)
        await store.check()
        await store.close()
        content = read(path)
        middle = len(content) // 2
        write(path, content[:middle] + b"\xff" * 4096 + content[middle + 4096 :])
        await store.open()

        with pytest.raises(StoreFailure):
            await store.check()

    @pytest.mark.parametrize("obstacle", ["a file where the folder should be", "a folder where the file should be"])
    async def test_a_place_where_no_file_can_be_is_refused(self, tmp_path: Path, obstacle: str):
        if obstacle.startswith("a file"):
            (tmp_path / "place").write_text("x")
        else:
            (tmp_path / "place" / "ovqat.db").mkdir(parents=True)

        with pytest.raises(StoreFailure) as failed:
            await SQLiteStore(tmp_path / "place" / "ovqat.db").open()

        assert failed.value.__cause__ is not None

    async def test_faults_of_our_own_are_not_called_database_errors(self, store: SQLiteStore):
        with pytest.raises(AssertionError):
            await store.upsert_user(PHONE, make_id=no_id, now=NOW)

        assert await store.user_by_phone(PHONE) is None


class TestMigrations:
    async def test_a_new_file_gets_the_newest_schema(self, store: SQLiteStore, path: Path):
        newest = migrations()[-1][0]

        assert run(path, "PRAGMA user_version") == [(newest,)]
        tables = {name for (name,) in run(path, "SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert tables >= {"users", "revocations", "auth_events"}
        await store.check()

    def test_migrations_are_numbered_one_after_the_other(self):
        assert [number for number, _ in migrations()] == list(range(1, len(migrations()) + 1))

    async def test_opening_a_file_that_is_up_to_date_changes_nothing(self, store: SQLiteStore, path: Path):
        await store.upsert_user(PHONE, make_id=ids(), now=NOW)
        await store.close()
        before = run(path, "SELECT * FROM sqlite_master")

        await store.open()

        assert run(path, "SELECT * FROM sqlite_master") == before
        assert await store.user_by_phone(PHONE) is not None

    async def test_a_newer_schema_is_refused_with_a_sentence_and_left_alone(self, store: SQLiteStore, path: Path):
        await store.close()
        run(path, "PRAGMA user_version = 4711")

        with pytest.raises(StoreFailure) as failed:
            await store.open()

        said = str(failed.value.__cause__)
        assert "4711" in said
        assert str(migrations()[-1][0]) in said
        assert "install a newer ovqat" in said
        assert run(path, "PRAGMA user_version") == [(4711,)]

    def test_only_what_a_file_has_not_had_is_run(self):
        db = sqlite3.connect(":memory:", isolation_level=None)
        first = (1, "CREATE TABLE a (x);")
        _migrate(db, lambda: [first])

        _migrate(db, lambda: [first, (2, "ALTER TABLE a\nADD COLUMN y;\nCREATE TABLE b (x);\n")])

        assert db.execute("PRAGMA user_version").fetchone() == (2,)
        assert db.execute("SELECT a.x, a.y, b.x FROM a, b").fetchall() == []
        db.close()

    def test_a_step_that_fails_leaves_nothing_of_itself_and_keeps_those_before(self):
        db = sqlite3.connect(":memory:", isolation_level=None)
        steps = [(1, "CREATE TABLE a (x);"), (2, "CREATE TABLE b (x);\nCREATE TABLE a (x);")]

        with pytest.raises(sqlite3.OperationalError):
            _migrate(db, lambda: steps)

        assert db.execute("PRAGMA user_version").fetchone() == (1,)
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("a",)]
        db.close()

    @pytest.mark.parametrize(
        ("sql", "statements"),
        [
            ("", []),
            ("-- only a comment\n", []),
            ("CREATE TABLE a (x);", ["CREATE TABLE a (x);"]),
            ("CREATE TABLE a (\n  x\n);\nDROP TABLE a;\n", ["CREATE TABLE a (\n  x\n);\n", "DROP TABLE a;\n"]),
            ("INSERT INTO a VALUES (';\n');\n", ["INSERT INTO a VALUES (';\n');\n"]),
            (
                "CREATE TRIGGER t BEFORE INSERT ON a BEGIN\n  DELETE FROM a;\nEND;\n",
                ["CREATE TRIGGER t BEFORE INSERT ON a BEGIN\n  DELETE FROM a;\nEND;\n"],
            ),
        ],
    )
    def test_a_migration_is_split_into_its_statements(self, sql: str, statements: list[str]):
        assert list(_statements(sql)) == statements

    def test_a_last_statement_without_a_semicolon_is_not_left_out(self):
        assert "".join(_statements("CREATE TABLE a (x);\nCREATE TABLE b (x)")).endswith("CREATE TABLE b (x)")

    def test_processes_that_start_together_migrate_once(self, path: Path):
        gate = threading.Barrier(6)
        failures = []

        async def start() -> None:
            store = SQLiteStore(path)
            gate.wait(30)
            try:
                await store.open()
                await store.ping()
            except StoreFailure as failure:
                failures.append(repr(failure.__cause__))
            await store.close()

        threads = [threading.Thread(target=lambda: asyncio.run(start())) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert failures == []
        assert run(path, "PRAGMA user_version") == [(migrations()[-1][0],)]
