from collections.abc import Generator

import httpx
import pytest

from tests.contract.made_up import HIGH_LIMITS, ORIGIN, PARTNER_KEY
from tests.running import SECRET, Server, production, server


@pytest.fixture(scope="session")
def open_server() -> Generator[Server]:
    """A development server that needs no key."""
    with server(JWT_SECRET=SECRET, **HIGH_LIMITS) as running:
        yield running


@pytest.fixture(scope="session")
def client(open_server: Server) -> Generator[httpx.Client]:
    """A client of the server that needs no key."""
    with httpx.Client(base_url=open_server.url, trust_env=False) as calling:
        yield calling


@pytest.fixture(scope="session")
def production_server() -> Generator[Server]:
    """A production server that trusts a proxy on this machine."""
    with server(**production(API_KEY=PARTNER_KEY, OVQAT_ALLOWED_ORIGINS=ORIGIN, **HIGH_LIMITS)) as running:
        yield running


@pytest.fixture(scope="session")
def partner(production_server: Server) -> Generator[httpx.Client]:
    """A partner's backend that calls the production server through its proxy, with its key."""
    headers = {"X-API-Key": PARTNER_KEY, "X-Forwarded-Proto": "https"}
    with httpx.Client(base_url=production_server.url, headers=headers, trust_env=False) as calling:
        yield calling


@pytest.fixture(scope="session")
def stranger(production_server: Server) -> Generator[httpx.Client]:
    """Anyone who calls the production server through its proxy, without a key."""
    with httpx.Client(
        base_url=production_server.url, headers={"X-Forwarded-Proto": "https"}, trust_env=False
    ) as calling:
        yield calling
