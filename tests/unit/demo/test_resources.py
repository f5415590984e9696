import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from ovqat.application import build_app
from ovqat.edge.asgi import ASGIApp
from ovqat.server import uvicorn_config
from tests.unit.asking import Answered, ask, served
from tests.unit.conftest import Log, settings_of

KEY = "a-made-up-partner-key"
PHONE = "998997961877"
CLOSED_PORT = 1


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncGenerator[int]:
    """Serve an application that is started already on a free port of loopback; give the port."""
    server = uvicorn.Server(uvicorn_config(app, lifespan=False))
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup()
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        await server.shutdown()


@pytest.fixture(params=["", KEY], ids=["without a key", "with a key"])
async def app(request: pytest.FixtureRequest, log: Log, tmp_path: Path) -> AsyncGenerator[ASGIApp]:
    assert log.text == ""
    async with served(build_app(settings_of(tmp_path, API_KEY=request.param))) as running:
        yield running


async def open_mini_app(app: ASGIApp, body: object, port: int, host: str = "127.0.0.1") -> Answered:
    headers = {"host": "demo.example:3001"}
    return await ask(app, "POST", "/demo/api/open-mini-app", body=body, headers=headers, server=(host, port))


async def calls(app: ASGIApp, query: str) -> dict[str, Any]:
    return (await ask(app, "GET", f"/demo/api/calls{query}")).json


async def test_the_partners_backend_signs_in_over_http_and_gives_the_mini_apps_address(app: ASGIApp):
    async with listening(app) as port:
        answer = await open_mini_app(app, {"phoneNumber": PHONE}, port)

    url = answer.json["miniAppUrl"]
    assert (answer.status, list(answer.json)) == (200, ["miniAppUrl"])
    assert url.startswith("http://demo.example:3001/?token=")
    verified = await ask(app, "POST", "/api/auth/verify", body={"token": url.partition("=")[2]})
    assert verified.status == 200


async def test_the_call_between_the_two_backends_is_shown_with_its_key_masked(app: ASGIApp):
    async with listening(app) as port:
        await open_mini_app(app, {"phoneNumber": PHONE}, port)

    said = await calls(app, "?after=0")
    (made,) = said["calls"]
    assert said["newest"] == 1
    assert (made["method"], made["path"], made["status"]) == ("POST", "/api/auth/phone", 200)
    assert json.loads(made["requestBody"]) == {"phoneNumber": PHONE}
    assert json.loads(made["answerBody"])["expiresIn"] == 604_800
    assert KEY not in json.dumps(said)


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"phoneNumber": "12345"}, 400, "Invalid phone number"),
        ({}, 400, "Phone number is required"),
        ({"phoneNumber": None}, 400, "Phone number is required"),
    ],
)
async def test_an_error_of_the_api_is_passed_on_as_it_came(app: ASGIApp, body: object, status: int, error: str):
    async with listening(app) as port:
        answer = await open_mini_app(app, body, port)

    assert (answer.status, json.loads(answer.body)) == (status, {"error": error})


async def test_a_body_that_is_wrong_is_refused_by_the_partners_backend_itself(app: ASGIApp):
    answer = await open_mini_app(app, {"phoneNumber": 1}, CLOSED_PORT)

    assert (answer.status, answer.json["field"]) == (400, "phoneNumber")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_an_api_that_does_not_answer_is_said_so(app: ASGIApp, host: str):
    answer = await open_mini_app(app, {"phoneNumber": PHONE}, CLOSED_PORT, host)

    assert (answer.status, answer.json["code"]) == (502, "upstream_unreachable")


async def test_calls_are_given_from_a_number_on(app: ASGIApp):
    for _ in range(3):
        await ask(app, "GET", "/api/health")

    later, none = await calls(app, "?after=1"), await calls(app, "?after=3")
    assert [made["number"] for made in later["calls"]] == [2, 3]
    assert (none["calls"], none["newest"]) == ([], 3)
    assert none["now"] >= later["calls"][-1]["began"]


async def test_without_a_number_only_the_newest_is_told(app: ASGIApp):
    await ask(app, "GET", "/api/health")

    said = await calls(app, "")
    assert (said["calls"], said["newest"]) == ([], 1)


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "1e3"])
async def test_what_is_no_number_is_refused(app: ASGIApp, after: str):
    answer = await ask(app, "GET", f"/demo/api/calls?after={after}")

    assert (answer.status, answer.json["code"]) == (400, "body_malformed")


async def test_asking_for_calls_is_not_logged(app: ASGIApp, log: Log):
    await calls(app, "?after=0")
    await asyncio.sleep(0)

    assert log.lines == []


async def test_the_page_is_served_with_a_strict_policy_and_may_frame_the_mini_app(app: ASGIApp):
    answer = await ask(app, "GET", "/demo")

    policy = answer.header("content-security-policy") or ""
    assert answer.status == 200
    assert (answer.header("content-type") or "").startswith("text/html")
    assert "default-src 'none'" in policy
    assert "frame-src 'self'" in policy
    assert "unsafe" not in policy
    assert b"<html" in answer.body or b"<!doctype html" in answer.body


@pytest.mark.parametrize("name", ["nothing.js", "..", "%2e%2e", "page.html.br", "__init__.py"])
async def test_what_is_no_file_of_the_page_is_not_found(app: ASGIApp, name: str):
    assert (await ask(app, "GET", f"/demo/{name}")).status == 404
