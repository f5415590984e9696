import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovqat.edge.sender import SenderOf, limit_group
from tests.unit.asking import scope_of

PROXIES = ["10.0.0.0/8", "192.0.2.1/32", "2001:db8:ffff::/48"]


def sender_of(
    peer: str | None, *chain: str, proto: str | None = None, trusted: list[str] = PROXIES, scheme: str = "http"
) -> tuple[str, bool]:
    """Give what is read of a request with these lines of X-Forwarded-For."""
    pairs = [(b"x-forwarded-for", line.encode("latin-1")) for line in chain]
    if proto is not None:
        pairs.append((b"x-forwarded-proto", proto.encode()))
    client = None if peer is None else (peer, 4711)
    scope = scope_of("GET", "/", pairs, client=client, scheme=scheme)
    return SenderOf([ipaddress.ip_network(network) for network in trusted])(scope, dict(pairs))


@pytest.mark.parametrize("trusted", [[], PROXIES])
@pytest.mark.parametrize("forged", ["127.0.0.1", "10.0.0.1", "203.0.113.9, 10.0.0.1", "::1", "unknown", "", "x" * 9000])
def test_what_a_stranger_says_about_itself_changes_nothing(trusted: list[str], forged: str):
    assert sender_of("198.51.100.5", forged, proto="https", trusted=trusted) == ("198.51.100.5", False)


@pytest.mark.parametrize(
    ("peer", "chain", "client"),
    [
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", [" , ,"], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("192.0.2.1", ["203.0.113.9"], "203.0.113.9"),
        ("192.0.2.2", ["203.0.113.9"], "192.0.2.2"),
        ("10.0.0.1", ["203.0.113.9, 10.0.0.2"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9,10.0.0.3,10.0.0.2"], "203.0.113.9"),
        ("10.0.0.1", ["  203.0.113.9  ,  10.0.0.2  "], "203.0.113.9"),
        ("10.0.0.1", ["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["10.0.0.9, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["1.1.1.1", "203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9", "10.0.0.2"], "203.0.113.9"),
        ("10.0.0.1", ["1.1.1.1, 203.0.113.9", "10.0.0.3", "10.0.0.2"], "203.0.113.9"),
    ],
)
def test_the_client_is_the_nearest_address_that_is_no_trusted_proxy(peer: str, chain: list[str], client: str):
    assert sender_of(peer, *chain)[0] == client


@pytest.mark.parametrize(
    ("hop", "client"),
    [
        ("203.0.113.9:4711", "203.0.113.9"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("2001:DB8:0:0::7", "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%eth0]:80", "fe80::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:80", "203.0.113.9"),
    ],
)
def test_an_address_is_read_in_every_form_that_proxies_write(hop: str, client: str):
    assert sender_of("10.0.0.1", hop)[0] == client


@pytest.mark.parametrize(
    "hop",
    [
        "unknown",
        "_hidden",
        "_SEVKISEK",
        "203.0.113",
        "203.0.113.999",
        "203.0.113.09",
        "0x7f.1",
        "2130706433.",
        "for=203.0.113.9",
        "203.0.113.9;10.0.0.1",
        "[]",
        "[",
        "::g",
        "1:2:3:4:5:6:7:8:9",
        "\xff",
        "<script>",
        "a" * 5000,
    ],
)
def test_before_what_is_no_address_nobody_is_believed(hop: str):
    assert sender_of("10.0.0.1", f"203.0.113.9, {hop}, 10.0.0.2")[0] == "10.0.0.2"
    assert sender_of("10.0.0.1", f"203.0.113.9, {hop}")[0] == "10.0.0.1"


def test_a_trusted_proxy_is_known_by_its_ipv4_in_ipv6_too():
    assert sender_of("::ffff:10.0.0.1", "203.0.113.9, ::ffff:10.0.0.2")[0] == "203.0.113.9"


def test_a_proxy_of_ipv6_is_trusted_by_its_network():
    assert sender_of("2001:db8:ffff::1", "203.0.113.9, [2001:db8:ffff::2]:80")[0] == "203.0.113.9"
    assert sender_of("2001:db8:fffe::1", "203.0.113.9")[0] == "2001:db8:fffe::1"


@pytest.mark.parametrize("trusted", [[], PROXIES])
def test_a_peer_without_an_address_is_unknown_and_not_trusted(trusted: list[str]):
    assert sender_of(None, "203.0.113.9", proto="https", trusted=trusted) == ("0.0.0.0", False)  # noqa: S104 no bind


def test_the_same_peer_is_read_anew_for_every_chain():
    sender = SenderOf([ipaddress.ip_network("10.0.0.0/8")])
    seen = []

    for client in ("203.0.113.1", "203.0.113.2", "203.0.113.1"):
        pairs = [(b"x-forwarded-for", client.encode())]
        scope = scope_of("GET", "/", pairs, client=("10.0.0.1", 1))
        seen.append(sender(scope, dict(pairs))[0])

    assert seen == ["203.0.113.1", "203.0.113.2", "203.0.113.1"]


@pytest.mark.parametrize(
    ("proto", "secure"),
    [
        (None, False),
        ("https", True),
        ("HTTPS", True),
        (" https ", True),
        ("http, https", True),
        ("http", False),
        ("https, http", False),
        ("https,", False),
        ("wss", False),
        ("httpsx", False),
        ("", False),
    ],
)
def test_a_trusted_proxy_says_whether_its_client_spoke_https(proto: str | None, secure):
    assert sender_of("10.0.0.1", "203.0.113.9", proto=proto) == ("203.0.113.9", secure)


@pytest.mark.parametrize("proto", [None, "http", "https"])
@pytest.mark.parametrize("peer", ["10.0.0.1", "203.0.113.9"])
def test_a_connection_that_is_encrypted_itself_is_secure(peer: str, proto: str | None):
    assert sender_of(peer, proto=proto, scheme="https")[1] is True


@given(st.lists(st.ip_addresses().map(str) | st.text("0123456789abcdef.:[]%, _", max_size=20), max_size=6))
def test_whatever_the_chain_holds_the_client_is_an_address(hops: list[str]):
    client, _ = sender_of("10.0.0.1", ",".join(hops))

    assert ipaddress.ip_address(client)


@given(st.lists(st.ip_addresses(network="10.0.0.0/8").map(str), max_size=5), st.lists(st.text(max_size=10), max_size=3))
def test_nothing_before_the_client_changes_who_it_is(proxies: list[str], forged: list[str]):
    lines = [text.encode("ascii", "ignore").decode() for text in forged]

    assert sender_of("10.0.0.1", ",".join([*lines, "203.0.113.9", *proxies]))[0] == "203.0.113.9"


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.10", "203.0.113.10"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("0.0.0.0", "0.0.0.0"),  # noqa: S104 not bound to
        ("testclient", "testclient"),
        ("a:b", "a:b"),
    ],
)
def test_one_customer_is_counted_as_one(address: str, group: str):
    assert limit_group(address) == group


@given(st.ip_addresses(v=6), st.integers(0, (1 << 64) - 1))
def test_every_address_of_a_64_is_one_group(address: ipaddress.IPv6Address, host: int):
    if address.ipv4_mapped is None:
        neighbour = ipaddress.IPv6Address(int(address) >> 64 << 64 | host)
        if neighbour.ipv4_mapped is None:
            assert limit_group(str(address)) == limit_group(str(neighbour))
