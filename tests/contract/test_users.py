import asyncio
from collections.abc import AsyncGenerator

import httpx
import pytest

from tests.contract.made_up import Person, new_number, sign_in
from tests.running import Server, eventually

PHONE, VERIFY, ME = "/api/auth/phone", "/api/auth/verify", "/api/me"


@pytest.fixture
async def crowd(open_server: Server) -> AsyncGenerator[httpx.AsyncClient]:
    """A client with a connection for everyone in a crowd."""
    limits = httpx.Limits(max_connections=50)
    async with httpx.AsyncClient(base_url=open_server.url, limits=limits, timeout=30, trust_env=False) as client:
        yield client


async def together(crowd: httpx.AsyncClient, phones: list[str]) -> list[httpx.Response]:
    return await asyncio.gather(*(crowd.post(PHONE, json={"phoneNumber": phone}) for phone in phones))


def is_valid(client: httpx.Client, person: Person) -> bool:
    return client.post(VERIFY, json={"token": person.token}).status_code == 200


async def test_fifty_first_sign_ins_at_once_make_one_user(open_server: Server, crowd: httpx.AsyncClient) -> None:
    phone = new_number()

    answers = await together(crowd, [phone] * 50)

    ids = {answer.json()["userId"] for answer in answers}
    assert [answer.status_code for answer in answers] == [200] * 50
    assert len(ids) == 1
    assert open_server.rows("SELECT id FROM users WHERE phone = ?", phone) == [(ids.pop(),)]


async def test_fifty_first_sign_ins_at_once_are_fifty_events_of_which_one_made_the_user(
    open_server: Server, crowd: httpx.AsyncClient
) -> None:
    answers = await together(crowd, [new_number()] * 50)

    user_id = answers[0].json()["userId"]
    counted = "SELECT count(*), count(detail), max(detail) FROM auth_events WHERE user_id = ? AND kind = 'signed_in'"
    assert eventually(lambda: open_server.rows(counted, user_id) == [(50, 1, "created")])


async def test_fifty_people_at_once_are_fifty_users(crowd: httpx.AsyncClient) -> None:
    answers = await together(crowd, [new_number() for _ in range(50)])

    assert [answer.status_code for answer in answers] == [200] * 50
    assert len({answer.json()["userId"] for answer in answers}) == 50


def test_a_person_is_found_again_by_their_number(client: httpx.Client) -> None:
    person = sign_in(client)

    again = sign_in(client, person.phone)

    assert again.user_id == person.user_id


def test_ids_sort_in_the_order_in_which_people_came(client: httpx.Client) -> None:
    ids = [sign_in(client).user_id for _ in range(3)]

    assert [user_id[:13] for user_id in ids] == sorted(user_id[:13] for user_id in ids)


def test_who_erases_themselves_is_gone_at_once_with_all_their_tokens(client: httpx.Client) -> None:
    first = sign_in(client)
    second = sign_in(client, first.phone)

    answer = client.delete(ME, headers=first.bearer)

    assert (answer.status_code, answer.content) == (204, b"")
    for person in (first, second):
        refused = client.get(ME, headers=person.bearer)
        verified = client.post(VERIFY, json={"token": person.token})
        assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")
        assert (verified.status_code, verified.content) == (401, b'{"valid":false,"error":"Invalid token"}')
        assert client.patch(ME, headers=person.bearer, json={"theme": "dark"}).status_code == 401
        assert client.delete(ME, headers=person.bearer).status_code == 401


def test_an_erased_number_begins_anew_with_another_id_and_nothing_of_before(client: httpx.Client) -> None:
    before = sign_in(client)
    client.patch(ME, headers=before.bearer, json={"language": "ru", "theme": "dark", "timeZone": "UTC"})
    client.delete(ME, headers=before.bearer)

    after = sign_in(client, before.phone)

    me = client.get(ME, headers=after.bearer).json()
    assert after.user_id != before.user_id
    assert (me["userId"], me["phoneNumber"]) == (after.user_id, before.phone)
    assert (me["language"], me["theme"], me["timeZone"]) == (None, "system", "Asia/Tashkent")
    assert is_valid(client, after)
    assert not is_valid(client, before)


def test_nothing_in_the_database_names_who_was_erased_but_the_list_of_dead_tokens(
    open_server: Server, client: httpx.Client
) -> None:
    person = sign_in(client)
    events = "SELECT kind FROM auth_events WHERE user_id = ?"
    assert eventually(lambda: open_server.rows(events, person.user_id))

    client.delete(ME, headers=person.bearer)

    assert open_server.rows("SELECT 1 FROM users WHERE phone = ? OR id = ?", person.phone, person.user_id) == []
    assert open_server.rows(events, person.user_id) == []
    assert len(open_server.rows("SELECT 1 FROM revocations WHERE user_id = ?", person.user_id)) == 1


def test_events_that_were_not_written_yet_are_erased_too(open_server: Server, client: httpx.Client) -> None:
    person = sign_in(client)

    erased = client.delete(ME, headers=person.bearer)

    request_id = erased.headers["x-request-id"]
    written = eventually(
        lambda: open_server.rows("SELECT kind, user_id, phone_masked FROM auth_events WHERE request_id = ?", request_id)
    )
    assert written == [("erased", None, None)]
    assert open_server.rows("SELECT 1 FROM auth_events WHERE user_id = ?", person.user_id) == []


def test_nobody_else_is_touched_by_an_erasure(client: httpx.Client) -> None:
    leaving, staying = sign_in(client), sign_in(client)

    client.delete(ME, headers=leaving.bearer)

    assert is_valid(client, staying)
    assert client.get(ME, headers=staying.bearer).status_code == 200


async def test_ten_erasures_at_once_are_one_erasure(client: httpx.Client, crowd: httpx.AsyncClient) -> None:
    person = sign_in(client)

    answers = await asyncio.gather(*(crowd.delete(ME, headers=person.bearer) for _ in range(10)))

    assert sorted(answer.status_code for answer in answers) == [204] + [401] * 9


async def test_changes_at_once_to_different_settings_are_all_kept(
    client: httpx.Client, crowd: httpx.AsyncClient
) -> None:
    person = sign_in(client)
    changes = [{"language": "en"}, {"theme": "light"}, {"timeZone": "Europe/London"}]

    await asyncio.gather(*(crowd.patch(ME, headers=person.bearer, json=change) for change in changes))

    me = (await crowd.get(ME, headers=person.bearer)).json()
    assert (me["language"], me["theme"], me["timeZone"]) == ("en", "light", "Europe/London")
