"""Identifiers that we make ourselves."""

import secrets
from collections.abc import Callable

Clock = Callable[[], float]
"""Gives the time now in seconds since 1970, as `time.time` does."""

MakeId = Callable[[], str]
"""Gives a new identifier."""

RandomBits = Callable[[int], int]
"""Gives a number of that many random bits, as `secrets.randbits` does."""


def uuid7(clock: Clock, random_bits: RandomBits = secrets.randbits) -> str:
    """Give a new UUID of version 7 in its canonical text form.

    Its first 48 bits are the time in milliseconds, so that rows made one after the other lie side by side
    in an index; 74 bits are random. Source: RFC 9562, section 5.7.
    """
    milliseconds = int(clock() * 1000) & 0xFFFF_FFFF_FFFF
    random = random_bits(74)
    value = milliseconds << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
