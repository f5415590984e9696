from collections.abc import Generator

import httpx
import pytest

from tests.contract.made_up import USER_ID, Person, sign_in, token
from tests.running import SECRET, Server, server

VERIFY = "/api/auth/verify"
NEW_SECRET = "another-made-up-secret-of-32-bytes-and-more"


@pytest.fixture
def stopped() -> Generator[tuple[Server, Person]]:
    """A server that was stopped after somebody had signed in, and who that was."""
    with server(JWT_SECRET=SECRET) as running:
        with client_of(running) as client:
            person = sign_in(client)
        running.stop()
        yield running, person


def client_of(running: Server) -> httpx.Client:
    return httpx.Client(base_url=running.url, trust_env=False)


def verify(running: Server, shown: str) -> int:
    with client_of(running) as client:
        return client.post(VERIFY, json={"token": shown}).status_code


def test_a_token_outlives_a_restart(stopped: tuple[Server, Person]) -> None:
    running, person = stopped

    with running.restart() as again:
        assert verify(again, person.token) == 200


def test_a_new_secret_signs_while_the_old_one_still_verifies(stopped: tuple[Server, Person]) -> None:
    running, person = stopped

    with running.restart(JWT_SECRET=f"{NEW_SECRET},{SECRET}") as rotated:
        with client_of(rotated) as client:
            again = sign_in(client, person.phone)
        old, new = verify(rotated, person.token), verify(rotated, again.token)

    assert (old, new) == (200, 200)
    assert again.user_id == person.user_id
    with running.restart(JWT_SECRET=NEW_SECRET) as moved:
        assert verify(moved, again.token) == 200
        assert verify(moved, person.token) == 401


def test_a_secret_that_was_taken_away_verifies_nothing(stopped: tuple[Server, Person]) -> None:
    running, person = stopped

    with running.restart(JWT_SECRET=NEW_SECRET) as moved:
        assert verify(moved, person.token) == 401
        assert verify(moved, token(SECRET, userId=USER_ID)) == 401
        assert verify(moved, token(NEW_SECRET, userId=USER_ID)) == 200


def test_development_makes_a_secret_and_keeps_it() -> None:
    with server() as running:
        with client_of(running) as client:
            person = sign_in(client)
        kept = running.folder / "jwt_secret"
        running.stop()

        assert len(kept.read_bytes()) >= 32
        assert kept.stat().st_mode & 0o077 == 0
        with running.restart() as again:
            assert verify(again, person.token) == 200


def test_two_servers_do_not_share_a_secret_that_they_made() -> None:
    with server() as one, server() as other:
        with client_of(one) as client:
            person = sign_in(client)

        assert verify(other, person.token) == 401


def test_an_erased_person_stays_erased_after_a_restart() -> None:
    with server(JWT_SECRET=SECRET) as running:
        with client_of(running) as client:
            person = sign_in(client)
            client.delete("/api/me", headers=person.bearer)
        running.stop()

        with running.restart() as again:
            assert verify(again, person.token) == 401
