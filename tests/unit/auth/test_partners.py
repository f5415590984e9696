import pytest

from ovqat.auth.partners import Partner, Partners

KEYS = {"bank": b"a-made-up-key-of-a-bank", "shop": b"a-made-up-key-of-a-shop"}
PARTNERS = [Partner.with_key(name, key) for name, key in KEYS.items()]


@pytest.mark.parametrize("name", list(KEYS))
def test_each_partner_is_known_by_its_own_key(name: str):
    partners = Partners(PARTNERS, keys_required=True)

    found = partners.of_key(KEYS[name])

    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "key",
    [
        None,
        b"",
        b" ",
        b"a-made-up-key-of-a-ban",
        b"a-made-up-key-of-a-bank ",
        b" a-made-up-key-of-a-bank",
        b"A-MADE-UP-KEY-OF-A-BANK",
        b"a-made-up-key-of-a-bank\0",
        b"a-made-up-key-of-a-bank,a-made-up-key-of-a-shop",
        b"\xff",
        b"x" * 100_000,
        PARTNERS[0].key_digest,
        PARTNERS[0].key_digest.hex().encode(),
    ],
)
def test_no_other_key_is_anybodys(key: bytes | None):
    partners = Partners(PARTNERS, keys_required=True)

    assert partners.of_key(key) is None


def test_without_partners_every_key_is_nobodys():
    partners = Partners([], keys_required=False)

    assert partners.of_key(b"a-made-up-key-of-a-bank") is None


def test_a_partner_does_not_keep_its_key():
    partner = Partner.with_key("bank", KEYS["bank"])

    assert KEYS["bank"] not in repr(partner).encode()
    assert len(partner.key_digest) == 32


@pytest.mark.parametrize("required", [True, False])
def test_whether_keys_are_required_is_remembered(required):
    assert Partners(PARTNERS, keys_required=required).keys_required is required
