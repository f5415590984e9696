from pathlib import Path
from typing import Any

import pytest
import yaml

import ovqat
from ovqat.edge.resources import Resources
from ovqat.site.contract import Contract
from tests.unit.asking import ask
from tests.unit.site.serving import around

WRITTEN = Path(ovqat.__file__).parents[2] / "openapi.yaml"


@pytest.fixture
async def contract(tmp_path: Path) -> dict[str, Any]:
    app = Resources()
    app.add_route("/openapi.json", Contract())
    return (await ask(around(app, tmp_path), "GET", "/openapi.json")).json


def test_the_contract_is_served_as_it_is_written(contract: dict[str, Any]):
    assert contract == yaml.safe_load(WRITTEN.read_bytes())


def test_the_contract_is_openapi_of_the_version_that_partners_hold(contract: dict[str, Any]):
    assert contract["openapi"].startswith("3.1.")
    assert contract["info"]["version"] == "1.0.0"
    assert {"/api/auth/phone", "/api/auth/verify", "/api/health", "/api/ready", "/api/me"} <= set(contract["paths"])
