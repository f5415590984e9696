"""Telephone numbers as people and partners write them."""

import re

import msgspec
import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberFormat

from ovqat.errors import PhoneInvalid, PhoneRequired

HOME_REGION = "UZ"
_LONGEST_WRITTEN = 64
_SHORTEST_FOREIGN = 11
"""National numbers of Uzbekistan have 9 digits: digits this long can only be an international number."""

_LONGEST_E164 = 15

_SEPARATORS = re.compile(r"[\s()\[\].\-\u2010-\u2015\u2212/\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
"""Blanks, punctuation, dashes, and the invisible marks that come along when a number is pasted."""
_DIALLED = re.compile(r"\+?[0-9]{5,20}")


def _home_numbers() -> re.Pattern[str]:
    """Read the library's own patterns for Uzbekistan, so that most numbers need no full parse."""
    metadata = PhoneMetadata.metadata_for_region(HOME_REGION)
    if metadata is None or metadata.general_desc is None:
        message = f"phonenumbers has no metadata for {HOME_REGION}"
        raise LookupError(message)
    kinds = (
        metadata.fixed_line, metadata.mobile, metadata.toll_free, metadata.premium_rate, metadata.shared_cost,
        metadata.personal_number, metadata.voip, metadata.pager, metadata.uan, metadata.voicemail,
    )  # fmt: skip
    patterns = [kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern]
    general = metadata.general_desc.national_number_pattern
    return re.compile(rf"{metadata.country_code}(?=(?:{general})\Z)(?:{'|'.join(patterns)})", re.ASCII)


_HOME_NUMBERS = _home_numbers()


class Phone(msgspec.Struct, frozen=True):
    """A valid telephone number."""

    digits: str
    """Digits of E.164 without `+`: `998997961877`."""

    @property
    def masked(self) -> str:
        """The number for logs: `99899*****77`."""
        shown = max(0, min(5, len(self.digits) - 7))
        return f"{self.digits[:shown]}{'*' * (len(self.digits) - shown - 2)}{self.digits[-2:]}"

    @classmethod
    def parse(cls, written: str | None) -> "Phone":
        """Read a number with or without `+`, spaces, dashes and brackets; national ones are Uzbekistan's.

        Raises PhoneRequired for nothing or blanks, PhoneInvalid for what no telephone could have.
        """
        if not written or written.isspace():
            raise PhoneRequired(field="phoneNumber")
        if _HOME_NUMBERS.fullmatch(written):
            return cls(written)
        if len(written) > _LONGEST_WRITTEN:
            raise PhoneInvalid(field="phoneNumber")
        dialled = _SEPARATORS.sub("", written)
        if not _DIALLED.fullmatch(dialled):
            raise PhoneInvalid(field="phoneNumber")
        if _HOME_NUMBERS.fullmatch(dialled.removeprefix("+")):
            return cls(dialled.removeprefix("+"))
        digits = _e164(dialled)
        if digits is None and len(dialled) >= _SHORTEST_FOREIGN and _e164(f"+{dialled}") == dialled:
            digits = dialled
        if digits is None or len(digits) > _LONGEST_E164:
            raise PhoneInvalid(field="phoneNumber")
        return cls(digits)


def _e164(dialled: str) -> str | None:
    try:
        number = phonenumbers.parse(dialled, HOME_REGION)
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")
