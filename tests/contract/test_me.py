import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.contract.made_up import USER_ID, sign_in, token

URL = "/api/me"
FIELDS = ["userId", "phoneNumber", "language", "theme", "timeZone", "createdAt"]


def test_a_person_sees_who_they_are_and_what_a_newcomer_has(client: httpx.Client) -> None:
    person = sign_in(client)

    answer = client.get(URL, headers=person.bearer)

    me = answer.json()
    assert answer.status_code == 200
    assert list(me) == FIELDS
    assert me["userId"] == person.user_id
    assert me["phoneNumber"] == person.phone
    assert (me["language"], me["theme"], me["timeZone"]) == (None, "system", "Asia/Tashkent")
    assert datetime.now(UTC) - datetime.fromisoformat(me["createdAt"]) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("language", "uz"),
        ("language", "uz-Cyrl"),
        ("language", "ru"),
        ("language", "en"),
        ("theme", "light"),
        ("theme", "dark"),
        ("theme", "system"),
        ("timeZone", "Asia/Tashkent"),
        ("timeZone", "Europe/Moscow"),
        ("timeZone", "UTC"),
    ],
)
def test_a_setting_is_changed_answered_and_kept_and_the_others_stay(
    client: httpx.Client, field: str, value: str
) -> None:
    person = sign_in(client)
    before = client.get(URL, headers=person.bearer).json()

    changed = client.patch(URL, headers=person.bearer, json={field: value})

    assert changed.status_code == 200
    assert changed.json() == {**before, field: value}
    assert client.get(URL, headers=person.bearer).json() == changed.json()


def test_all_settings_change_at_once_and_outlive_the_next_sign_in(client: httpx.Client) -> None:
    person = sign_in(client)
    wanted = {"language": "ru", "theme": "dark", "timeZone": "Asia/Samarkand"}

    client.patch(URL, headers=person.bearer, json=wanted)

    again = sign_in(client, person.phone)
    assert wanted.items() <= client.get(URL, headers=again.bearer).json().items()


@pytest.mark.parametrize("body", [b"", b"{}", b'{"somethingElse":1}', b'{"userId":"x","phoneNumber":"998901234567"}'])
def test_a_change_of_nothing_changes_nothing(client: httpx.Client, body: bytes) -> None:
    person = sign_in(client)
    before = client.get(URL, headers=person.bearer).json()

    answer = client.patch(URL, headers={**person.bearer, "Content-Type": "application/json"}, content=body)

    assert (answer.status_code, answer.json()) == (200, before)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("language", "de"),
        ("language", "UZ"),
        ("language", "uz-cyrl"),
        ("language", ""),
        ("language", None),
        ("language", 1),
        ("language", ["uz"]),
        ("theme", "blue"),
        ("theme", None),
        ("theme", True),
        ("timeZone", "Mars/Olympus"),
        ("timeZone", "asia/tashkent"),
        ("timeZone", "../../etc/passwd"),
        ("timeZone", "/usr/share/zoneinfo/UTC"),
        ("timeZone", ""),
        ("timeZone", None),
        ("timeZone", 5),
        ("timeZone", {}),
    ],
)
def test_a_wrong_setting_is_refused_by_its_field_and_nothing_of_the_change_is_kept(
    client: httpx.Client, field: str, value: object
) -> None:
    person = sign_in(client)
    before = client.get(URL, headers=person.bearer).json()

    answer = client.patch(URL, headers=person.bearer, json={"theme": "dark", "language": "en", field: value})

    problem = answer.json()
    assert answer.status_code == 400
    assert list(problem) == ["error", "code", "requestId", "field"]
    assert problem["field"] == field
    assert field in problem["error"]
    assert problem["code"] == answer.headers["x-error-code"] == "field_invalid"
    assert problem["requestId"] == answer.headers["x-request-id"]
    assert client.get(URL, headers=person.bearer).json() == before


@pytest.mark.parametrize(
    ("content", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "body_malformed"),
        (b"[]", "application/json", 400, "body_malformed"),
        (b"[" * 10_000, "application/json", 400, "body_malformed"),
        (b'{"theme":"\xff"}', "application/json", 400, "body_malformed"),
        (b"theme=dark", "application/x-www-form-urlencoded", 415, "body_not_json"),
        (b" " * (16 * 1024 + 1), "application/json", 413, "body_too_large"),
    ],
)
def test_a_change_that_cannot_be_read_is_refused(
    client: httpx.Client, content: bytes, content_type: str, status: int, code: str
) -> None:
    person = sign_in(client)

    answer = client.patch(URL, headers={**person.bearer, "Content-Type": content_type}, content=content)

    assert answer.status_code == status
    assert list(answer.json()) == ["error", "code", "requestId"]
    assert answer.json()["code"] == answer.headers["x-error-code"] == code


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("credential", [None, "", "Bearer", "Basic dXNlcjpwYXNz", "Token abc"])
def test_without_a_token_a_person_is_asked_for_one(client: httpx.Client, method: str, credential: str | None) -> None:
    headers = {} if credential is None else {"Authorization": credential}

    answer = client.request(method, URL, headers=headers)

    assert answer.status_code == 401
    assert list(answer.json()) == ["error", "code", "requestId"]
    assert answer.json()["code"] == answer.headers["x-error-code"] == "token_required"
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_wrong_token_opens_nothing(client: httpx.Client, method: str) -> None:
    person = sign_in(client)

    answer = client.request(method, URL, headers={"Authorization": f"Bearer {person.token}x"})

    assert answer.status_code == 401
    assert answer.json()["code"] == answer.headers["x-error-code"] == "token_invalid"
    assert re.match("Bearer ", answer.headers["www-authenticate"])
    assert client.get(URL, headers=person.bearer).status_code == 200


def test_an_expired_token_is_told_from_a_wrong_one_by_its_code(client: httpx.Client) -> None:
    expired = token(iat=1_700_000_000, exp=1_700_604_800)

    answer = client.get(URL, headers={"Authorization": f"Bearer {expired}"})

    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


def test_a_good_token_of_nobody_opens_nothing(client: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {token(userId=USER_ID)}"}

    statuses = [client.get(URL, headers=headers), client.patch(URL, headers=headers, json={"theme": "dark"})]

    assert [answer.status_code for answer in statuses] == [401, 401]


def test_the_scheme_is_known_in_any_case(client: httpx.Client) -> None:
    person = sign_in(client)

    answers = [
        client.get(URL, headers={"Authorization": f"{scheme} {person.token}"}) for scheme in ("bearer", "BEARER")
    ]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_a_token_anywhere_but_in_its_header_opens_nothing(client: httpx.Client) -> None:
    person = sign_in(client)

    answers = [
        client.get(f"{URL}?token={person.token}"),
        client.get(f"{URL}?access_token={person.token}"),
        client.get(URL, headers={"Cookie": f"token={person.token}"}),
        client.get(URL, headers={"X-API-Key": person.token}),
    ]

    assert {answer.status_code for answer in answers} == {401}


def test_the_token_is_looked_at_before_the_body(client: httpx.Client) -> None:
    answer = client.patch(URL, content=b"{", headers={"Content-Type": "text/plain"})

    assert answer.status_code == 401


def test_a_person_changes_nobody_else(client: httpx.Client) -> None:
    one, other = sign_in(client), sign_in(client)

    client.patch(URL, headers=one.bearer, json={"language": "ru", "theme": "dark"})

    assert client.get(URL, headers=other.bearer).json()["theme"] == "system"
