import pytest

from ovqat.edge.asgi import ASGIApp
from tests.unit.asking import PHONE, ask, bearer, sign_in, token_of, verify
from tests.unit.clock import HandClock


async def test_a_person_sees_themselves(app: ASGIApp):
    session = (await sign_in(app)).json

    answer = await ask(app, "GET", "/api/me", headers=bearer(session["token"]))

    assert list(answer.json.items()) == [
        ("userId", session["userId"]),
        ("phoneNumber", PHONE),
        ("language", None),
        ("theme", "system"),
        ("timeZone", "Asia/Tashkent"),
        ("createdAt", "2026-02-02T02:40:00Z"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        *({"language": language} for language in ("uz", "uz-Cyrl", "ru", "en")),
        *({"theme": theme} for theme in ("light", "dark", "system")),
        {"timeZone": "Europe/London"},
        {"timeZone": "Asia/Samarkand", "language": "ru", "theme": "dark"},
        {},
    ],
)
async def test_a_person_changes_their_settings_and_they_stay(app: ASGIApp, change: dict[str, str]):
    token = await token_of(app)
    before = (await ask(app, "GET", "/api/me", headers=bearer(token))).json

    answer = await ask(app, "PATCH", "/api/me", body=change, headers=bearer(token))

    assert (answer.status, answer.json) == (200, {**before, **change})
    assert (await ask(app, "GET", "/api/me", headers=bearer(token))).json == answer.json


async def test_no_body_changes_nothing(app: ASGIApp):
    token = await token_of(app)

    assert (await ask(app, "PATCH", "/api/me", headers=bearer(token))).json["theme"] == "system"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"language": "de"}, "language"),
        ({"language": None}, "language"),
        ({"language": ""}, "language"),
        ({"language": "RU"}, "language"),
        ({"theme": "blue"}, "theme"),
        ({"theme": 1}, "theme"),
        ({"timeZone": "Mars/Olympus"}, "timeZone"),
        ({"timeZone": ""}, "timeZone"),
        ({"timeZone": None}, "timeZone"),
        ({"timeZone": "../etc/passwd"}, "timeZone"),
        ({"timeZone": "asia/tashkent"}, "timeZone"),
        ({"timeZone": 5}, "timeZone"),
        ({"language": "ru", "timeZone": "Mars/Olympus"}, "timeZone"),
    ],
)
async def test_what_cannot_be_set_is_named_and_nothing_is_changed(app: ASGIApp, change: dict[str, object], field: str):
    token = await token_of(app)
    before = (await ask(app, "GET", "/api/me", headers=bearer(token))).json

    answer = await ask(app, "PATCH", "/api/me", body=change, headers=bearer(token))

    assert (answer.status, answer.json["code"], answer.json["field"]) == (400, "field_invalid", field)
    assert field in answer.json["error"]
    assert (await ask(app, "GET", "/api/me", headers=bearer(token))).json == before


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize(("headers", "code"), [({}, "token_required"), (bearer("x"), "token_invalid")])
async def test_without_a_good_token_nothing_is_done(app: ASGIApp, method: str, headers: dict[str, str], code: str):
    answer = await ask(app, method, "/api/me", headers=headers)

    assert (answer.status, answer.json["code"]) == (401, code)
    assert (answer.header("www-authenticate") or "").startswith("Bearer")


async def test_a_person_sees_nobody_else(app: ASGIApp):
    mine, theirs = await token_of(app), await token_of(app, "998997961878")
    await ask(app, "PATCH", "/api/me", body={"language": "ru"}, headers=bearer(mine))
    await ask(app, "DELETE", "/api/me", headers=bearer(mine))

    other = await ask(app, "GET", "/api/me", headers=bearer(theirs))

    assert (other.json["phoneNumber"], other.json["language"]) == ("998997961878", None)


async def test_an_erased_person_is_gone_with_all_their_tokens_at_once(app: ASGIApp, clock: HandClock):
    first = (await sign_in(app)).json
    clock.move(10)
    second = await token_of(app)

    erased = await ask(app, "DELETE", "/api/me", headers=bearer(first["token"]))

    assert (erased.status, erased.body) == (204, b"")
    for token in (first["token"], second):
        answer = await ask(app, "GET", "/api/me", headers=bearer(token))
        assert (answer.status, answer.json["code"]) == (401, "token_revoked")
        assert (await verify(app, token)).body == b'{"valid":false,"error":"Invalid token"}'


async def test_an_erased_number_begins_anew_and_its_new_token_is_good(app: ASGIApp):
    first = (await sign_in(app)).json
    await ask(app, "PATCH", "/api/me", body={"language": "ru"}, headers=bearer(first["token"]))
    await ask(app, "DELETE", "/api/me", headers=bearer(first["token"]))

    again = (await sign_in(app)).json

    me = await ask(app, "GET", "/api/me", headers=bearer(again["token"]))
    assert again["userId"] != first["userId"]
    assert (me.status, me.json["language"]) == (200, None)


async def test_a_body_over_sixteen_kibibytes_is_refused(app: ASGIApp):
    token = await token_of(app)

    answer = await ask(app, "PATCH", "/api/me", body=b"{}".ljust(16_385), headers=bearer(token))

    assert answer.status == 413
