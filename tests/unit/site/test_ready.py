from pathlib import Path

import pytest

from ovqat.edge.counters import MemoryCounters
from ovqat.edge.limits import Limiter
from ovqat.edge.resources import Resources
from ovqat.site.ready import Ready
from ovqat.store.sqlite import SQLiteStore
from tests.unit.asking import Answered, ask
from tests.unit.clock import HandClock
from tests.unit.conftest import Log, settings_of
from tests.unit.site.serving import around


class Unready(MemoryCounters):
    """Counters that cannot be reached."""

    async def ready(self) -> bool:
        return False


async def get(store: SQLiteStore, counters: MemoryCounters, folder: Path, method: str = "GET") -> Answered:
    app = Resources()
    app.add_route("/api/ready", Ready(store, Limiter(settings_of(folder).limits, counters)))
    return await ask(around(app, folder), method, "/api/ready")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_server_whose_store_and_limiter_answer_is_ready(
    store: SQLiteStore, clock: HandClock, tmp_path: Path, method: str
):
    answer = await get(store, MemoryCounters(clock), tmp_path, method)

    assert answer.status == 200
    assert answer.header("content-type") == "application/json"


async def test_a_server_whose_store_fails_is_not_ready(log: Log, store: SQLiteStore, clock: HandClock, tmp_path: Path):
    await store.close()

    answer = await get(store, MemoryCounters(clock), tmp_path)

    assert (answer.status, answer.json["code"]) == (503, "not_ready")
    assert log.lines[0]["level"] == "error"


@pytest.mark.usefixtures("log")
async def test_a_server_whose_limiter_fails_is_not_ready(store: SQLiteStore, clock: HandClock, tmp_path: Path):
    answer = await get(store, Unready(clock), tmp_path)

    assert (answer.status, answer.json["code"]) == (503, "not_ready")
