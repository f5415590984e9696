"""Who may vouch for a phone number."""

import hashlib
import hmac
from collections.abc import Sequence

import msgspec


class Partner(msgspec.Struct, frozen=True):
    """A company whose backend signs its users in."""

    name: str
    key_digest: bytes
    """SHA-256 of its key; the key itself is not kept."""

    @classmethod
    def with_key(cls, name: str, key: bytes) -> "Partner":
        """Give a partner that is known by this key."""
        return cls(name, hashlib.sha256(key).digest())


class Partners:
    """The partners that may call. With `keys_required` False, a call without a key is served too."""

    def __init__(self, partners: Sequence[Partner], *, keys_required: bool) -> None:
        self._partners = tuple(partners)
        self.keys_required = keys_required

    def of_key(self, key: bytes | None) -> Partner | None:
        """Give the partner of a key, in time that does not tell how much of a wrong one was right."""
        if key is None or not self._partners:
            return None
        digest = hashlib.sha256(key).digest()
        found = None
        for partner in self._partners:
            if hmac.compare_digest(partner.key_digest, digest):
                found = partner
        return found
