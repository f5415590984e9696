from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from ovqat.edge.call import Call
from ovqat.edge.counters import MemoryCounters
from ovqat.edge.limits import Limiter
from ovqat.errors import TooManyRequests
from tests.unit.asking import call
from tests.unit.clock import HandClock
from tests.unit.conftest import settings_of

Hit = Callable[[Limiter, Call], Awaitable[None]]
HITS: dict[str, Hit] = {
    "address": lambda limiter, asked: limiter.hit_address(asked),
    "key": lambda limiter, asked: limiter.hit_key(asked, "bank"),
    "number": lambda limiter, asked: limiter.hit_number(asked, "998997961877"),
    "failed": lambda limiter, asked: limiter.hit_failed(asked),
}


def limiter_of(clock: HandClock, folder: Path, **limits: str) -> Limiter:
    settings = settings_of(folder, **{f"OVQAT_LIMITS_{name.upper()}": limit for name, limit in limits.items()})
    return Limiter(settings.limits, MemoryCounters(clock))


async def allowed(hit: Hit, limiter: Limiter, asked: Call) -> bool:
    try:
        await hit(limiter, asked)
    except TooManyRequests:
        return False
    return True


@pytest.mark.parametrize(("name", "amount"), [("address", 120), ("key", 6000), ("number", 20), ("failed", 60)])
async def test_the_default_limits_are_those_that_are_promised(name: str, amount: int, clock: HandClock, tmp_path: Path):
    limiter = limiter_of(clock, tmp_path)

    within = [await allowed(HITS[name], limiter, call()) for _ in range(amount)]
    past = await allowed(HITS[name], limiter, call())
    clock.move(59.9)
    still = await allowed(HITS[name], limiter, call())
    clock.move(0.1)

    assert (all(within), past, still) == (True, False, False)
    assert await allowed(HITS[name], limiter, call())


@pytest.mark.parametrize("name", list(HITS))
async def test_each_limit_is_set_by_its_own_variable(name: str, clock: HandClock, tmp_path: Path):
    limiter = limiter_of(clock, tmp_path, **{name: "2/hour"})

    assert [await allowed(HITS[name], limiter, call()) for _ in range(3)] == [True, True, False]
    clock.move(3599)
    assert not await allowed(HITS[name], limiter, call())
    clock.move(1)
    assert await allowed(HITS[name], limiter, call())


@pytest.mark.parametrize("name", list(HITS))
async def test_a_call_says_what_is_left_and_when_it_begins_anew(name: str, clock: HandClock, tmp_path: Path):
    limiter = limiter_of(clock, tmp_path, **{name: "2/minute"})
    said = []

    for wait in (0, 10.5, 0):
        clock.move(wait)
        asked = call()
        await allowed(HITS[name], limiter, asked)
        said.append(asked.rate_limit.decode())

    assert said == [f'"{name}";r=1;t=60', f'"{name}";r=0;t=50', f'"{name}";r=0;t=50']


async def test_a_call_past_the_limit_is_told_when_to_come_again(clock: HandClock, tmp_path: Path):
    limiter = limiter_of(clock, tmp_path, address="1/minute")
    await limiter.hit_address(call())
    clock.move(20.2)

    with pytest.raises(TooManyRequests) as refused:
        await limiter.hit_address(call())

    assert (refused.value.status, refused.value.code) == (429, "too_many_requests")
    assert dict(refused.value.headers) == {b"retry-after": b"40", b"ratelimit-policy": b'"address";q=1;w=60'}
    assert "40 s" in refused.value.sentence


async def test_nobody_is_told_to_come_again_at_once(clock: HandClock, tmp_path: Path):
    limiter = limiter_of(clock, tmp_path, address="1/minute")
    await limiter.hit_address(call())
    clock.move(59.999)

    with pytest.raises(TooManyRequests) as refused:
        await limiter.hit_address(call())

    assert dict(refused.value.headers)[b"retry-after"] == b"1"


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("203.0.113.1", "203.0.113.1", True),
        ("203.0.113.1", "203.0.113.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:203.0.113.1", "203.0.113.1", True),
    ],
)
@pytest.mark.parametrize("name", ["address", "failed"])
async def test_senders_are_counted_by_address_or_by_64(
    name: str,
    one: str,
    other: str,
    together,
    clock: HandClock,
    tmp_path: Path,
):
    limiter = limiter_of(clock, tmp_path, **{name: "1/minute"})
    await HITS[name](limiter, call(address=one))

    assert await allowed(HITS[name], limiter, call(address=other)) is not together


async def test_partners_and_numbers_are_counted_each_for_itself(clock: HandClock, tmp_path: Path):
    limiter = limiter_of(clock, tmp_path, key="1/minute", number="1/minute")
    await limiter.hit_key(call(), "bank")
    await limiter.hit_number(call(), "998997961877")

    await limiter.hit_key(call(), "shop")
    await limiter.hit_number(call(), "998997961878")

    assert not await allowed(HITS["key"], limiter, call())
    assert not await allowed(HITS["number"], limiter, call())


async def test_limits_of_different_kinds_do_not_count_each_other(clock: HandClock, tmp_path: Path):
    limiter = limiter_of(clock, tmp_path, address="1/minute", failed="1/minute", key="1/minute", number="1/minute")
    asked = call(address="same")

    await limiter.hit_address(asked)
    await limiter.hit_failed(asked)
    await limiter.hit_key(asked, "same")
    await limiter.hit_number(asked, "same")

    assert asked.rate_limit == b'"address";r=0;t=60, "failed";r=0;t=60, "key";r=0;t=60, "number";r=0;t=60'


@pytest.mark.parametrize("name", list(HITS))
async def test_limits_that_are_off_count_and_say_nothing(name: str, clock: HandClock, tmp_path: Path):
    limiter = limiter_of(clock, tmp_path, **{name: "1/minute", "disabled": "1"})
    asked = call()

    assert [await allowed(HITS[name], limiter, asked) for _ in range(5)] == [True] * 5
    assert asked.rate_limit == b""


async def test_the_limiter_is_ready_when_its_counters_are(clock: HandClock, tmp_path: Path):
    class Unready(MemoryCounters):
        async def ready(self) -> bool:
            return False

    limits = settings_of(tmp_path).limits

    assert await Limiter(limits, MemoryCounters(clock)).ready() is True
    assert await Limiter(limits, Unready(clock)).ready() is False
