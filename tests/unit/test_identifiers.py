import uuid

from hypothesis import given
from hypothesis import strategies as st

from ovqat.identifiers import uuid7
from tests.unit.clock import NOW, HandClock


@given(st.floats(0, (1 << 48) / 1000 - 1), st.integers(0, (1 << 74) - 1))
def test_an_id_is_a_uuid_of_version_seven_with_its_time_and_all_its_random_bits(now: float, random: int):
    text = uuid7(lambda: now, lambda bits: random if bits == 74 else -1)

    made = uuid.UUID(text)
    assert str(made) == text
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == int(now * 1000)
    assert (made.int >> 64 & 0xFFF) << 62 | made.int & (1 << 62) - 1 == random


def test_ids_of_one_moment_are_all_different():
    clock = HandClock()

    assert len({uuid7(clock) for _ in range(10_000)}) == 10_000


def test_later_ids_are_greater():
    clock = HandClock()
    made = []

    for _ in range(100):
        made.append(uuid7(clock))
        clock.move(0.01)

    assert made == sorted(made)


def test_the_example_of_the_standard_is_met():
    """RFC 9562, appendix A.6."""
    random = (0xCC3 << 62) | 0x18C4DC0C0C07398F

    assert uuid7(lambda: 1_645_557_742.0, lambda _: random) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_a_time_that_needs_more_than_48_bits_leaves_the_version_alone():
    assert uuid.UUID(uuid7(lambda: NOW * 1e6)).version == 7
