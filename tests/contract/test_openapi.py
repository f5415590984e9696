"""The server held to `openapi.yaml`: whatever the contract allows and forbids, the answers are as it says."""

import re
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from schemathesis import Case, Response

from tests.contract.made_up import HIGH_LIMITS, PARTNER_KEY, sign_in
from tests.running import SECRET, Server, server

CONTRACT = Path(__file__).parents[2] / "openapi.yaml"
BOUNDED = settings(max_examples=50, deadline=None, database=None, suppress_health_check=list(HealthCheck))
SCENARIOS = settings(BOUNDED, max_examples=30, stateful_step_count=8)
ZONES = ("Asia/Tashkent", "Europe/Moscow", "America/New_York", "UTC")
ME = "/api/me"

contract = schemathesis.openapi.from_path(CONTRACT)


@pytest.fixture(scope="module")
def keyed() -> Generator[Server]:
    """A server that asks partners for their key."""
    with server(JWT_SECRET=SECRET, API_KEY=PARTNER_KEY, **HIGH_LIMITS) as running:
        yield running


@pytest.fixture(scope="module")
def calling(keyed: Server) -> Generator[httpx.Client]:
    """A partner's backend."""
    with httpx.Client(base_url=keyed.url, headers={"X-API-Key": PARTNER_KEY}, trust_env=False) as client:
        yield client


def credentials(case: Case, calling: httpx.Client) -> dict[str, str]:
    """Give a new person's token where a person calls, and the partner's key where a partner does."""
    return sign_in(calling).bearer if case.path == ME else {"X-API-Key": PARTNER_KEY}


def make_sensible(case: Case) -> None:
    """Turn strings that JSON Schema cannot describe, numbers that exist and known time zones, into such."""
    body = case.body
    if not isinstance(body, dict):
        return
    if isinstance(body.get("phoneNumber"), str) and body["phoneNumber"]:
        body["phoneNumber"] = _number(body["phoneNumber"])
    if isinstance(body.get("timeZone"), str):
        body["timeZone"] = ZONES[_digest(body["timeZone"]) % len(ZONES)]


def _number(text: str) -> str:
    return text if re.fullmatch(r"\+?998[0-9 -]{9,14}", text) else f"99891{_digest(text) % 10_000_000:07}"


def _digest(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


@contract.parametrize()
@BOUNDED
def test_the_contract_holds_for_anyone(case: Case, keyed: Server) -> None:
    make_sensible(case)

    case.call_and_validate(base_url=keyed.url)


@contract.parametrize()
@BOUNDED
def test_the_contract_holds_for_partners_and_people(case: Case, keyed: Server, calling: httpx.Client) -> None:
    make_sensible(case)

    case.call_and_validate(base_url=keyed.url, headers=credentials(case, calling))


def test_the_contract_holds_along_its_links(keyed: Server, calling: httpx.Client) -> None:
    class Visit(contract.as_state_machine()):
        """One person's visit: who signed in last calls as a person from then on."""

        def setup(self) -> None:
            self.bearer = sign_in(calling).bearer

        def before_call(self, case: Case) -> None:
            make_sensible(case)

        def get_call_kwargs(self, case: Case) -> dict[str, Any]:
            headers = self.bearer if case.path == ME else {"X-API-Key": PARTNER_KEY}
            return {"base_url": keyed.url, "headers": headers}

        def after_call(self, response: Response, case: Case) -> None:
            super().after_call(response, case)
            if case.operation.definition.raw["operationId"] == "signIn" and response.status_code == 200:
                self.bearer = {"Authorization": f"Bearer {response.json()['token']}"}

    Visit.run(settings=SCENARIOS)


def test_what_is_served_is_the_file(client: httpx.Client) -> None:
    assert client.get("/openapi.json").json() == yaml.safe_load(CONTRACT.read_text("utf-8"))
