from hypothesis import given
from hypothesis import strategies as st

from ovqat.edge.counters import MemoryCounters
from tests.unit.clock import HandClock


async def test_a_counter_counts_from_one_and_expires_a_window_after_its_first_hit(clock: HandClock):
    counters = MemoryCounters(clock)

    first = await counters.hit("a", 60)
    clock.move(59)
    second = await counters.hit("a", 60)

    assert (first, second) == ((1, 60), (2, 1))


async def test_a_window_that_is_over_begins_anew(clock: HandClock):
    counters = MemoryCounters(clock)
    await counters.hit("a", 60)
    await counters.hit("a", 60)
    clock.move(60)

    assert await counters.hit("a", 60) == (1, 60)


async def test_keys_are_counted_apart(clock: HandClock):
    counters = MemoryCounters(clock)
    await counters.hit("a", 60)

    assert (await counters.hit("b", 10), await counters.hit("a", 60)) == ((1, 10), (2, 60))


async def test_counters_that_expired_leave_memory(clock: HandClock):
    counters = MemoryCounters(clock)

    for round_number in range(20):
        for number in range(1000):
            await counters.hit(f"{round_number}/{number}", 60)
        clock.move(60)

    assert len(counters._held) <= 2048


async def test_a_hundred_thousand_live_counters_are_all_kept_and_right(clock: HandClock):
    counters = MemoryCounters(clock)
    for number in range(100_000):
        await counters.hit(str(number), 60)

    counts = [(await counters.hit(str(number), 60))[0] for number in range(0, 100_000, 997)]

    assert set(counts) == {2}


async def test_counters_are_looked_through_only_when_their_number_has_doubled(clock: HandClock):
    counters = MemoryCounters(clock)
    seen = []

    for number in range(5000):
        await counters.hit(str(number), 60)
        if counters._held and (not seen or counters._held is not seen[-1]):
            seen.append(counters._held)

    assert len(seen) == 4


async def test_memory_is_always_ready(clock: HandClock):
    assert await MemoryCounters(clock).ready() is True


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), max_size=100))
async def test_counts_are_those_of_fixed_windows(hits: list[tuple[int, int]]):
    clock = HandClock()
    counters = MemoryCounters(clock)
    counters._sweep_at = 3
    windows: dict[int, tuple[int, float]] = {}

    for key, wait in hits:
        clock.move(wait)
        count, ends = windows.get(key, (0, 0.0))
        count, ends = (count + 1, ends) if clock.now < ends else (1, clock.now + 60)
        windows[key] = (count, ends)
        assert await counters.hit(str(key), 60) == (count, ends - clock.now)
