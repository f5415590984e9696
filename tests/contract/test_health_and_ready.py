from collections.abc import Generator

import httpx
import pytest

from tests.contract.made_up import HIGH_LIMITS, Person, sign_in
from tests.running import SECRET, Server, eventually, server


@pytest.fixture(scope="module")
def broken() -> Generator[tuple[Server, httpx.Client, Person]]:
    """A server whose table of people has gone from under it, and somebody who had signed in."""
    with (
        server(JWT_SECRET=SECRET, **HIGH_LIMITS) as running,
        httpx.Client(base_url=running.url, trust_env=False) as client,
    ):
        person = sign_in(client)
        running.rows("ALTER TABLE users RENAME TO lost")
        yield running, client, person


def test_health_says_exactly_that_the_process_lives(client: httpx.Client) -> None:
    answer = client.get("/api/health")

    assert (answer.status_code, answer.content) == (200, b'{"status":"ok"}')
    assert answer.headers["content-type"] == "application/json"
    assert "ratelimit" not in answer.headers


def test_health_answers_head_without_a_body(client: httpx.Client) -> None:
    answer = client.head("/api/health")

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "15"


def test_ready_says_that_the_server_can_do_its_work(client: httpx.Client) -> None:
    answer = client.get("/api/ready")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_a_store_that_fails_makes_the_server_unready_but_not_dead(broken: tuple[Server, httpx.Client, Person]) -> None:
    _, client, _ = broken

    ready, health = client.get("/api/ready"), client.get("/api/health")

    assert ready.status_code == 503
    assert list(ready.json()) == ["error", "code", "requestId"]
    assert ready.json()["code"] == ready.headers["x-error-code"] == "not_ready"
    assert (health.status_code, health.content) == (200, b'{"status":"ok"}')


def test_a_store_that_fails_at_sign_in_is_a_database_error_whose_cause_only_the_log_knows(
    broken: tuple[Server, httpx.Client, Person],
) -> None:
    running, client, _ = broken

    answer = client.post("/api/auth/phone", json={"phoneNumber": "998997961877"})

    assert (answer.status_code, answer.content) == (500, b'{"error":"Database error"}')
    assert answer.headers["x-error-code"] == "database_error"
    (line,) = eventually(lambda: running.lines_of(answer))
    assert line["level"] == "error"
    assert "no such table" in line["cause"]


def test_a_store_that_fails_under_a_person_is_a_database_error_too(broken: tuple[Server, httpx.Client, Person]) -> None:
    _, client, person = broken

    for answer in (
        client.get("/api/me", headers=person.bearer),
        client.patch("/api/me", headers=person.bearer, json={"theme": "dark"}),
        client.delete("/api/me", headers=person.bearer),
    ):
        assert answer.status_code == 500
        assert answer.json() == {
            "error": "Database error",
            "code": "database_error",
            "requestId": answer.headers["x-request-id"],
        }


def test_a_token_is_verified_while_the_store_fails(broken: tuple[Server, httpx.Client, Person]) -> None:
    _, client, person = broken

    answer = client.post("/api/auth/verify", json={"token": person.token})

    assert (answer.status_code, answer.json()) == (200, {"valid": True, "userId": person.user_id})
