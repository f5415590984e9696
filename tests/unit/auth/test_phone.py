import time

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ovqat.auth.phone import Phone
from ovqat.errors import PhoneInvalid, PhoneRequired

ONE_PERSON = "998997961877"
QUICK_S = 0.2

any_national = st.integers(0, 999_999_999).map(lambda number: f"{number:09d}")
likely_national = st.tuples(st.sampled_from([*range(50, 100), 20, 33]), st.integers(0, 9_999_999)).map(
    lambda parts: f"{parts[0]}{parts[1]:07d}"
)
nationals = st.lists(any_national | likely_national, min_size=40, max_size=40)


def library_says(written: str) -> str | None:
    """Give what the phonenumbers library alone makes of a number that is written in full."""
    number = phonenumbers.parse(written, "UZ")
    return phonenumbers.format_number(number, 0).removeprefix("+") if phonenumbers.is_valid_number(number) else None


def digits_of(written: str) -> str | None:
    try:
        return Phone.parse(written).digits
    except PhoneInvalid:
        return None


@pytest.mark.parametrize(
    "written",
    [
        "998997961877",
        "+998997961877",
        "997961877",
        "+998 99 796-18-77",
        "998 99 796 18 77",
        "99 796 18 77",
        "(99) 796-18-77",
        "+998 (99) 796-18-77",
        "+998[99]7961877",
        "998.99.796.18.77",
        "998/99/7961877",
        "00998997961877",
        " 998997961877 ",
        "\t998997961877\n",
        "998997961877\n",
        "+ 998997961877",
        "(+998) 997961877",
        "998\u00a099\u00a07961877",
        "998\u2009997961877",
        *(f"+998{dash}99{dash}796{dash}18{dash}77" for dash in "-‐‑‒–—―−"),  # noqa: RUF001 the dashes are the point
        "---998997961877---",
    ],
)
def test_one_person_in_any_writing(written: str):
    phone = Phone.parse(written)

    assert phone.digits == ONE_PERSON


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("+7 912 345-67-89", "79123456789"),
        ("79123456789", "79123456789"),
        ("+1 202-555-0123", "12025550123"),
        ("12025550123", "12025550123"),
        ("+44 20 7946 0018", "442079460018"),
        ("442079460018", "442079460018"),
        ("+49 30 123456", "4930123456"),
        ("+992 93 123 4567", "992931234567"),
        ("+7 701 123 4567", "77011234567"),
        ("+683 4002", "6834002"),
        ("00 7 912 345 67 89", "79123456789"),
    ],
)
def test_foreign_numbers_are_taken_in_international_form(written: str, digits: str):
    phone = Phone.parse(written)

    assert phone.digits == digits


@pytest.mark.parametrize("written", [None, "", " ", "   ", "\t", "\n", "\r\n", "\u00a0", "\u3000", " " * 10_000])
def test_nothing_or_blanks_is_a_number_that_is_missing(written: str | None):
    with pytest.raises(PhoneRequired) as missing:
        Phone.parse(written)

    assert (missing.value.status, missing.value.sentence) == (400, "Phone number is required")


@pytest.mark.parametrize(
    "written",
    [
        "0",
        "1",
        "-",
        "+",
        "++",
        "()",
        "12345",
        "998",
        "99899796187",
        "9989979618770",
        "998000000000",
        "998997961877x",
        "x998997961877",
        "998997961877;ext=5",
        "998997961877 ext 5",
        "tel:+998997961877",
        "0x99",
        "998-99-FLOWERS",
        "номер",
        "o998997961877",
        "++998997961877",
        "998+997961877",
        "998997961877+",
        "998997961877,998997961878",
        "998997961877 998997961878",
        "*99899796187#",
        "998_997961877",
        "9.98997961877e11",
        "\0",
        "998997961877\0",
        "\x00998997961877",
        "99899\x007961877",
        "\ud800",
        "😀",
        "٩٩٨٩٩٧٩٦١٨٧٧",
        "+٩٩٨٩٩٧٩٦١٨٧٧",
        "९९८९९७९६१८७७",
        "９９８９９７９６１８７７",  # noqa: RUF001 digits of another script
        "99899796187\u0667",
        "998997961877" * 2,
        "+" + "9" * 16,
        "+999 123 456 789",
        "00000000000",
        "-998997961877-" + "-" * 64,
    ],
)
def test_what_no_telephone_has_is_refused(written: str):
    with pytest.raises(PhoneInvalid) as refused:
        Phone.parse(written)

    assert (refused.value.status, refused.value.sentence) == (400, "Invalid phone number")


@pytest.mark.parametrize(
    "written",
    ["9" * 10_000, "998" * 3400, "+" * 10_000, "- " * 5000 + "9", "(" * 10_000, "998997961877" + " " * 10_000],
)
def test_ten_kilobytes_are_refused_quickly(written: str):
    started = time.perf_counter()

    with pytest.raises(PhoneInvalid):
        Phone.parse(written)

    assert time.perf_counter() - started < QUICK_S


@hypothesis_settings(max_examples=100)
@given(nationals)
def test_the_fast_path_says_what_the_library_says(numbers: list[str]):
    written = [f"998{number}" for number in numbers]

    assert [digits_of(number) for number in written] == [library_says(f"+{number}") for number in written]


@hypothesis_settings(max_examples=20)
@given(nationals)
def test_a_national_number_is_the_same_as_the_whole_one(numbers: list[str]):
    known = [number for number in numbers if digits_of(f"998{number}")]

    assert [digits_of(number) for number in known] == [f"998{number}" for number in known]


@given(st.text() | st.text("0123456789+-() .", max_size=30))
def test_whatever_is_written_is_a_number_or_refused(written: str):
    try:
        phone = Phone.parse(written)
    except (PhoneInvalid, PhoneRequired):
        return

    assert phone.digits.isascii()
    assert phone.digits.isdecimal()
    assert 5 <= len(phone.digits) <= 15
    assert phonenumbers.is_valid_number(phonenumbers.parse(f"+{phone.digits}"))


@given(likely_national)
def test_what_was_read_reads_the_same_again(national: str):
    digits = digits_of(national)

    if digits is not None:
        assert digits_of(digits) == digits
        assert digits_of(f"+{digits}") == digits


@pytest.mark.parametrize(
    ("digits", "masked"),
    [
        ("998997961877", "99899*****77"),
        ("79123456789", "7912*****89"),
        ("12025550123", "1202*****23"),
        ("4930123456", "493*****56"),
        ("6834002", "*****02"),
        ("29021", "***21"),
        ("999999999999999", "99999********99"),
    ],
)
def test_a_masked_number_shows_its_ends_only(digits: str, masked: str):
    assert Phone(digits).masked == masked


@given(st.from_regex(r"[1-9][0-9]{4,14}", fullmatch=True))
def test_at_least_three_digits_of_every_number_are_hidden(digits: str):
    masked = Phone(digits).masked

    assert len(masked) == len(digits)
    assert masked.count("*") >= min(5, len(digits) - 2)
    assert all(shown in {"*", digit} for shown, digit in zip(masked, digits, strict=True))


@pytest.mark.parametrize("written", ["+4942115613788557", "4942115613788557"])
def test_a_number_longer_than_e164_allows_is_refused(written: str):
    with pytest.raises(PhoneInvalid):
        Phone.parse(written)


def test_digits_are_not_taken_for_a_number_that_they_do_not_spell():
    with pytest.raises(PhoneInvalid):
        Phone.parse("810998561382")


@pytest.mark.parametrize("mark", ["\u200b", "\u200e", "\u202a", "\u202d", "\u2060", "\ufeff"])
def test_the_invisible_marks_of_a_pasted_number_are_passed_over(mark: str):
    assert Phone.parse(f"{mark}+998 99 796-18-77{mark}").digits == "998997961877"
