"""Who sent a request: the client's address and whether it spoke HTTPS, past the proxies that we trust."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

from ovqat.edge.asgi import Scope
from ovqat.settings import Network

UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104 not bound to: it stands for a peer without an address
_IPV6_PREFIX = 64
_REMEMBERED = 4096
_LONGEST_CHAIN = 512
"""Bytes: our proxies write at its end, and what stands far before that is the client's own invention."""


class SenderOf:
    """Reads a request's sender. `X-Forwarded-*` counts only when it comes from a trusted proxy."""

    def __init__(self, trusted_proxies: Sequence[Network]) -> None:
        self._trusted = tuple(trusted_proxies)
        self._is_trusted = lru_cache(_REMEMBERED)(self._in_trusted_network)
        self._behind_proxy = lru_cache(_REMEMBERED)(self._forwarded)

    def __call__(self, scope: Scope, headers: dict[bytes, bytes]) -> tuple[str, bool]:
        """Give the client's address and whether its connection was encrypted.

        `headers` are the scope's, of repeated ones the last.
        """
        client = scope["client"]
        peer: str = client[0] if client else UNKNOWN_ADDRESS
        if not self._trusted or not self._is_trusted(peer):
            return peer, scope["scheme"] == "https"
        chain = headers.get(b"x-forwarded-for", b"")
        if len(headers) != len(scope["headers"]):  # a proxy may also add a line of its own to the chain
            chain = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        if len(chain) > _LONGEST_CHAIN:
            chain = chain[-_LONGEST_CHAIN:].partition(b",")[2]
        return self._behind_proxy(
            peer, scope["scheme"], chain, headers.get(b"x-forwarded-proto", b"")[-_LONGEST_CHAIN:]
        )

    def _forwarded(self, peer: str, scheme: str, chain: bytes, protocol: bytes) -> tuple[str, bool]:
        secure = scheme == "https" or protocol.rpartition(b",")[2].strip().lower() == b"https"
        return self._client(peer, chain), secure

    def _client(self, peer: str, chain: bytes) -> str:
        """Walk the chain from our side: the first address that is no trusted proxy is the client.

        What stands before it, or before something that is no address, anyone could have written.
        """
        nearest = peer
        for hop in reversed([hop.strip() for hop in chain.decode("latin-1").split(",") if hop.strip()]):
            address = _address(hop)
            if address is None:
                return nearest
            nearest = address
            if not self._is_trusted(address):
                return nearest
        return nearest

    def _in_trusted_network(self, address: str) -> bool:
        parsed = _parsed(address)
        return parsed is not None and any(parsed in network for network in self._trusted)


def limit_group(address: str) -> str:
    """Give what is counted as one sender: an IPv4 address, or the /64 that one IPv6 customer has."""
    return _ipv6_group(address) if ":" in address else address


@lru_cache(_REMEMBERED)
def _ipv6_group(address: str) -> str:
    parsed = _parsed(address)
    if not isinstance(parsed, ipaddress.IPv6Address):
        return address if parsed is None else str(parsed)
    return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False))


def _address(hop: str) -> str | None:
    """Read `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7` or `[2001:db8::7]:4711`."""
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    parsed = _parsed(hop)
    return None if parsed is None else str(parsed)


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Give an address without its zone; one that maps IPv4 into IPv6 as IPv4."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        return parsed.ipv4_mapped
    return parsed
