"""The store on SQLite: one file, called directly in the event loop.

A read by key takes microseconds, less than handing it to a thread would. `synchronous=FULL` makes a commit
reach the disk before it is acknowledged; auth events, which are written in batches behind the answers, go
through a second connection that leaves that to the operating system.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from time import monotonic
from typing import TypeVar

import msgspec

from ovqat.errors import StoreFailure
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

_BUSY_TIMEOUT_S = 5.0
"""Seconds for which a write waits for other processes to let go of the lock."""
_BLOCKED_MS = 20
"""Milliseconds of it for which the event loop may stand still at a time."""
_LOOK_AGAIN_S = 0.005
_SWEPT_AT_ONCE = 2000
_WAL_PAGES = 8000
"""32 MB: events touch pages all over an index, and in a longer log one write to the database serves many of them."""
_INSERT_EVENT = (
    "INSERT INTO auth_events (at_ms, kind, user_id, phone_masked, partner, address, request_id, detail) "  # noqa: S608 a constant
    "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS "
    f"(SELECT 1 FROM revocations WHERE user_id = ?3 AND tokens_valid_from = {NEVER})"
)
"""The columns are in the order of AuthEvent's fields."""
_USER_COLUMNS = "id, phone, language, theme, time_zone, created_at, tokens_valid_from"


Result = TypeVar("Result")


class SQLiteStore:
    """One SQLite database file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._events_db: sqlite3.Connection | None = None

    async def open(self) -> None:
        with _failures():
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.touch(mode=0o600)
            try:
                self._db = _connect(self._path, synchronous="FULL")
                _migrate(self._db)
                self._events_db = _connect(self._path, synchronous="NORMAL")
                for connection in (self._db, self._events_db):
                    connection.execute(f"PRAGMA busy_timeout = {_BLOCKED_MS}")
            except sqlite3.Error:
                await self.close()
                raise

    async def close(self) -> None:
        with _failures():
            for connection in (self._events_db, self._db):
                if connection is not None:
                    connection.close()
            self._db = self._events_db = None

    async def ping(self) -> None:
        with _failures():
            self._read("SELECT 1 FROM users LIMIT 1", {}).fetchone()

    async def check(self) -> None:
        with _failures():
            found = self._read("PRAGMA integrity_check(1)", ()).fetchone()[0]
            if found != "ok":
                raise sqlite3.DatabaseError(found)

    async def upsert_user(self, phone: str, *, make_id: MakeId, now: int) -> UpsertedUser:
        with _failures():
            known = self._read("SELECT id, tokens_valid_from FROM users WHERE phone = ?", (phone,)).fetchone()
            if known is not None:
                return UpsertedUser(known[0], known[1], created=False)
            new_id = make_id()
            upserted = await self._write(
                lambda db: db.execute(
                    "INSERT INTO users (id, phone, created_at) VALUES (:id, :phone, :now) "
                    "ON CONFLICT (phone) DO UPDATE SET phone = excluded.phone RETURNING id, tokens_valid_from",
                    {"id": new_id, "phone": phone, "now": now},
                ).fetchone()
            )
            return UpsertedUser(upserted[0], upserted[1], created=upserted[0] == new_id)

    async def user(self, user_id: str) -> User | None:
        with _failures():
            row = self._read(f"SELECT {_USER_COLUMNS} FROM users WHERE id = ?", (user_id,)).fetchone()  # noqa: S608 constant columns
            return row and User(*row)

    async def user_by_phone(self, phone: str) -> User | None:
        with _failures():
            row = self._read(f"SELECT {_USER_COLUMNS} FROM users WHERE phone = ?", (phone,)).fetchone()  # noqa: S608 constant columns
            return row and User(*row)

    async def update_settings(self, user_id: str, patch: SettingsPatch) -> User | None:
        with _failures():
            row = await self._write(
                lambda db: db.execute(
                    "UPDATE users SET language = coalesce(:language, language), theme = coalesce(:theme, theme), "  # noqa: S608 constant columns
                    f"time_zone = coalesce(:time_zone, time_zone) WHERE id = :id RETURNING {_USER_COLUMNS}",
                    {"id": user_id, "language": patch.language, "theme": patch.theme, "time_zone": patch.time_zone},
                ).fetchone()
            )
            return row and User(*row)

    async def revoke(self, revocation: Revocation, *, now: int) -> None:
        def step(db: sqlite3.Connection) -> None:
            db.execute(
                "UPDATE users SET tokens_valid_from = ? WHERE id = ?",
                (revocation.tokens_valid_from, revocation.user_id),
            )
            _insert_revocation(db, revocation, now)

        with _failures():
            await self._write(step)

    async def erase_user(self, user_id: str, *, now: int) -> bool:
        def step(db: sqlite3.Connection) -> bool:
            deleted = db.execute("DELETE FROM users WHERE id = ?", (user_id,)).rowcount
            db.execute(
                "DELETE FROM auth_events WHERE substr(user_id, -12) = substr(?1, -12) AND user_id = ?1", (user_id,)
            )
            if deleted:
                _insert_revocation(db, Revocation(user_id, NEVER), now)
            return bool(deleted)

        with _failures():
            erased = await self._write(step)
            # The log still holds the rows: empty it, unless somebody is reading from it just now.
            self._read("PRAGMA wal_checkpoint(TRUNCATE)", ()).fetchone()
            return erased

    async def revocations(self, *, after: int) -> Revocations:
        with _failures():
            rows = self._read(
                "SELECT position, user_id, tokens_valid_from FROM revocations WHERE position > ? ORDER BY position",
                (after,),
            ).fetchall()
            entries = [Revocation(user_id, valid_from) for _, user_id, valid_from in rows]
            return Revocations(entries, rows[-1][0] if rows else after)

    async def append_events(self, events: Sequence[AuthEvent]) -> None:
        with _failures():
            db = _opened(self._events_db)
            with _immediate(db):
                db.executemany(_INSERT_EVENT, [msgspec.structs.astuple(event) for event in events])

    async def events(self, wanted: EventFilter) -> list[StoredEvent]:
        with _failures():
            rows = self._read(
                "SELECT position, at_ms, kind, user_id, phone_masked, partner, address, request_id, detail "
                "FROM auth_events WHERE position > :after AND at_ms >= :since "
                "AND (:kind IS NULL OR kind = :kind) "
                "AND (coalesce(:masked, :user_id) IS NULL OR user_id = :user_id "
                "OR (user_id IS NULL AND phone_masked = :masked)) "
                "ORDER BY position DESC LIMIT :newest",
                {
                    "after": wanted.after_position,
                    "since": wanted.since_ms,
                    "kind": wanted.kind,
                    "masked": wanted.phone_masked,
                    "user_id": wanted.user_id,
                    "newest": wanted.newest,
                },
            ).fetchall()
            return [StoredEvent(row[0], AuthEvent(*row[1:])) for row in reversed(rows)]

    async def sweep(self, *, events_before: int, revocations_before: int) -> None:
        with _failures():
            swept = _SWEPT_AT_ONCE
            while swept == _SWEPT_AT_ONCE:
                swept = await self._write(
                    lambda db: (
                        db.execute(
                            "DELETE FROM auth_events WHERE position IN "
                            "(SELECT position FROM auth_events WHERE at_ms < ? ORDER BY at_ms LIMIT ?)",
                            (events_before, _SWEPT_AT_ONCE),
                        ).rowcount
                    )
                )
                await asyncio.sleep(0)
            await self._write(
                lambda db: db.execute("DELETE FROM revocations WHERE revoked_at < ?", (revocations_before,))
            )

    def _read(self, sql: str, parameters: tuple[object, ...] | dict[str, object]) -> sqlite3.Cursor:
        return _opened(self._db).execute(sql, parameters)

    async def _write(self, step: Callable[[sqlite3.Connection], Result]) -> Result:
        """Take a step in a transaction; while another process holds the write lock, others here go on."""
        patience_ends = monotonic() + _BUSY_TIMEOUT_S
        while True:
            db = _opened(self._db)
            try:
                with _immediate(db):
                    return step(db)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() >= patience_ends:
                    raise
            await asyncio.sleep(_LOOK_AGAIN_S)


def _insert_revocation(db: sqlite3.Connection, revocation: Revocation, now: int) -> None:
    """Keep a revocation under a new position; an erased person's stays as it is."""
    db.execute(
        "INSERT OR REPLACE INTO revocations (user_id, tokens_valid_from, revoked_at) SELECT ?1, ?2, ?3 "  # noqa: S608 a constant
        f"WHERE NOT EXISTS (SELECT 1 FROM revocations WHERE user_id = ?1 AND tokens_valid_from = {NEVER})",
        (revocation.user_id, revocation.tokens_valid_from, now),
    )


def _connect(path: Path, *, synchronous: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA synchronous = {synchronous}")
        db.execute("PRAGMA secure_delete = ON")
        db.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
    except sqlite3.Error:
        db.close()
        raise
    return db


def _opened(connection: sqlite3.Connection | None) -> sqlite3.Connection:
    if connection is None:
        message = "the store is not open"
        raise StoreFailure from RuntimeError(message)
    return connection


@contextmanager
def _immediate(db: sqlite3.Connection) -> Generator[None]:
    """Begin with the write lock, commit at the end, roll back on any error."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


class _failures:  # noqa: N801 read as a word after `with`
    """Turns the driver's errors into StoreFailure. A class, since a generator costs 1 µs more on the hot path."""

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, sqlite3.Error | OSError):
            raise StoreFailure from error


def migrations() -> list[tuple[int, str]]:
    """Give the numbered SQL files of this folder, in order, as (number, SQL)."""
    folder = resources.files("ovqat.store") / "migrations"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return [(int(file.name.partition("_")[0]), file.read_text("utf-8")) for file in files]


def _migrate(db: sqlite3.Connection, steps: Callable[[], list[tuple[int, str]]] = migrations) -> None:
    """Run the migrations that this file has not had, each in a transaction of its own, under the write lock."""
    all_steps = steps()
    newest = all_steps[-1][0]
    for number, sql in all_steps:
        with _immediate(db):
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > newest:
                message = (
                    f"the database has schema {version}, newer than this program's {newest}; install a newer ovqat"
                )
                raise sqlite3.DatabaseError(message)
            if version < number:
                for statement in _statements(sql):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {number}")


def _statements(sql: str) -> Iterator[str]:
    """Split a migration, since `executescript` would commit the transaction around it."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if any(line and not line.startswith("--") for line in statement.splitlines()):
        yield statement
