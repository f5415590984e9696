"""No token, key, secret or whole phone number comes out anywhere but in the answers that are made of them."""

import json
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path

import httpx
import msgspec
import pytest

from tests.contract.made_up import HIGH_LIMITS, Person, claims, compact, new_number, sign_in, signed, token
from tests.running import SECRET, Server, eventually, production, server

KEY = "made-up-key-of-24-bytes0"
PHONE, VERIFY, ME = "/api/auth/phone", "/api/auth/verify", "/api/me"
NUMBER = "998997961877"
WRITTEN = ("998997961877", "997961877", "99 796 18 77", "99-796-18-77", "99 796-18-77", "99)796", "99.796.18.77")

Send = Callable[[httpx.Client, str], list[httpx.Response]]


class Site(msgspec.Struct, frozen=True):
    """A production server, a partner and a stranger who call it, and somebody whose number is known."""

    running: Server
    partner: httpx.Client
    stranger: httpx.Client
    person: Person


@pytest.fixture(scope="module")
def site() -> Generator[Site]:
    """A server that logs to a file, with its limits out of the way."""
    over_https = {"X-Forwarded-Proto": "https"}
    with (
        server(**production(API_KEY=KEY, **HIGH_LIMITS)) as running,
        httpx.Client(base_url=running.url, headers={**over_https, "X-API-Key": KEY}, trust_env=False) as partner,
        httpx.Client(base_url=running.url, headers=over_https, trust_env=False) as stranger,
    ):
        yield Site(running, partner, stranger, sign_in(partner, NUMBER))


def in_path(client: httpx.Client, secret: str) -> list[httpx.Response]:
    paths = ("/api/{}", "/api/me/{}", "/api/auth/phone/{}", "/{}", "/assets/{}", "/api/a/{}/b", "/api/x{}x")
    return [client.get(path.format(secret)) for path in paths]


def in_query(client: httpx.Client, secret: str) -> list[httpx.Response]:
    query = {"token": secret, "code": secret, "phoneNumber": secret, secret: ""}
    paths = (ME, "/api/nothing", "/api/health", "/api/ready", "/docs", "/openapi.json")
    return [client.get(path, params=query) for path in paths] + [client.post(VERIFY, params=query)]


def in_headers(client: httpx.Client, secret: str) -> list[httpx.Response]:
    names = (
        "Authorization", "X-API-Key", "Cookie", "Referer", "User-Agent", "Origin", "X-Forwarded-For", "Forwarded",
        "Accept-Language", "Content-Type", "X-Token", "Host", "Accept-Encoding", "Traceparent",
    )  # fmt: skip
    return [
        client.request(method, path, headers={name: secret})
        for name in names
        for method, path in (("POST", PHONE), ("POST", VERIFY), ("PATCH", ME), ("GET", "/api/nothing"))
    ] + [client.get(ME, headers={"Authorization": f"Bearer {secret}x"})]


def in_request_id(client: httpx.Client, secret: str) -> list[httpx.Response]:
    headers = {"X-Request-Id": secret}
    return [
        client.post(VERIFY, json={"token": "wrong"}, headers=headers),
        client.post(PHONE, json={}, headers=headers),
        client.get(ME, headers=headers),
        client.get("/api/nothing", headers=headers),
    ]


def in_body(client: httpx.Client, secret: str) -> list[httpx.Response]:
    bodies = (
        {"token": f"{secret}x"},
        {"phoneNumber": f"{secret}x"},
        {"phoneNumber": {secret: secret}},
        {"token": [secret]},
        {secret: secret},
        secret,
        [secret],
    )
    malformed = (f'{{"token":"{secret}"', f'{{"phoneNumber":"{secret}\x00"}}', secret)
    contents = [json.dumps(body) for body in bodies] + list(malformed)
    headers = {"Content-Type": "application/json"}
    calls = [("POST", PHONE), ("POST", VERIFY)]
    answers = [client.request(*call, content=content, headers=headers) for call in calls for content in contents]
    return answers + [client.post(path, content=secret, headers={"Content-Type": "text/plain"}) for _, path in calls]


def in_settings(client: httpx.Client, secret: str) -> list[httpx.Response]:
    headers = {"Authorization": f"Bearer {token()}"}
    bodies = ({"language": secret}, {"theme": secret}, {"timeZone": secret}, {"timeZone": [secret]}, {secret: secret})
    return [client.patch(ME, json=body, headers=headers) for body in bodies]


PLACES: dict[str, Send] = {
    "path": in_path,
    "query": in_query,
    "headers": in_headers,
    "request id": in_request_id,
    "body": in_body,
    "settings": in_settings,
}


def logged(site: Site) -> list[str]:
    return site.running.log.read_text("utf-8").splitlines()


def assert_says_nothing(text: str, *secrets: str) -> None:
    """Fail with what leaked and a little of what stands around it."""
    found = [text[max(0, at - 60) : at + 80] for secret in secrets if (at := text.find(secret)) >= 0]
    assert found == []


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ["token", "expired token", "key", "number", "number with dashes"])
def test_what_is_shown_in_a_wrong_place_is_in_no_error_and_in_no_log_line(site: Site, place: str, kind: str) -> None:
    secret = {
        "token": site.person.token,
        "expired token": token(iat=1_700_000_000, exp=1_700_604_800),
        "key": KEY,
        "number": NUMBER,
        "number with dashes": "+998-99-796-18-77",
    }[kind]
    spellings = WRITTEN if kind.startswith("number") else (secret, *secret.split("."))
    before = len(logged(site))

    answers = PLACES[place](site.stranger, secret)

    assert eventually(lambda: len(logged(site)) >= before + len(answers))
    assert_says_nothing("\n".join(logged(site)[before:]), *spellings)
    for answer in answers:
        if answer.status_code >= 400:
            assert_says_nothing(answer.text, *spellings)


def test_what_is_shown_in_its_right_place_is_in_no_log_line(site: Site) -> None:
    before = len(logged(site))

    person = sign_in(site.partner, "+998 (99) 796-18-77")
    site.stranger.post(VERIFY, json={"token": person.token})
    site.stranger.get(ME, headers=person.bearer)
    site.stranger.patch(ME, headers=person.bearer, json={"theme": "dark"})
    site.stranger.get("/", params={"token": person.token})
    site.partner.post(PHONE, json={"phoneNumber": "998997961877 x"})

    assert eventually(lambda: len(logged(site)) == before + 6)
    lines = "\n".join(logged(site)[before:])
    assert_says_nothing(lines, person.token, *person.token.split("."), KEY, *WRITTEN)


def test_a_redirect_to_https_logs_no_token(site: Site) -> None:
    with httpx.Client(base_url=site.running.url, trust_env=False) as plain:
        answer = plain.get("/", params={"token": site.person.token})

    assert answer.status_code == 308
    assert_says_nothing(site.running.log.read_text("utf-8"), site.person.token)


def test_the_database_holds_whole_numbers_in_its_table_of_people_alone_and_no_credential_at_all() -> None:
    with server(**production(API_KEY=KEY, **HIGH_LIMITS)) as running:
        over_https = {"X-Forwarded-Proto": "https"}
        with (
            httpx.Client(base_url=running.url, headers={**over_https, "X-API-Key": KEY}, trust_env=False) as partner,
            httpx.Client(base_url=running.url, headers=over_https, trust_env=False) as stranger,
        ):
            person = sign_in(partner, NUMBER)
            for send in PLACES.values():
                for secret in (person.token, KEY, NUMBER):
                    send(stranger, secret)
        running.command("user", "revoke", NUMBER)
        running.stop()

        tables = dumped(running.folder / "ovqat.db")
        assert len(tables["auth_events"]) > 50
        assert NUMBER in str(tables.pop("users"))
        assert_says_nothing(str(tables), *WRITTEN)
        everything = (running.folder / "ovqat.db").read_bytes().decode("latin-1")
        assert_says_nothing(everything, person.token, *person.token.split("."), KEY, SECRET)
        assert_says_nothing(running.log.read_text("utf-8"), person.token, KEY, SECRET, *WRITTEN)


def dumped(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Give all rows of all tables."""
    with closing(sqlite3.connect(path)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in names}  # noqa: S608 our own tables


def test_no_byte_of_an_erased_persons_number_stays_on_the_disk() -> None:
    with server(JWT_SECRET=SECRET) as running:
        with httpx.Client(base_url=running.url, trust_env=False) as client:
            staying, leaving = sign_in(client), sign_in(client)
            client.delete(ME, headers=leaving.bearer)
        running.stop()

        files = {file.name: file.read_bytes() for file in running.folder.iterdir()}
        assert staying.phone.encode() in files["ovqat.db"]
        assert [name for name, content in files.items() if leaving.phone.encode() in content] == []


def test_the_demo_that_shows_every_call_shows_no_key() -> None:
    with (
        server(JWT_SECRET=SECRET, API_KEY=KEY, **HIGH_LIMITS) as running,
        httpx.Client(base_url=running.url, trust_env=False) as client,
    ):
        client.post("/demo/api/open-mini-app", json={"phoneNumber": new_number()})
        client.post(PHONE, json={"phoneNumber": new_number()}, headers={"X-API-Key": KEY})
        calls = client.get("/demo/api/calls?after=0").text
        page = client.get("/demo").text

    assert '"x-api-key":"made…"' in calls
    assert_says_nothing(calls + page, KEY, SECRET)


def test_an_empty_secret_file_signs_nothing() -> None:
    with server() as running:
        running.stop()
        (running.folder / "jwt_secret").write_bytes(b"")

        with running.restart() as again, httpx.Client(base_url=again.url, trust_env=False) as client:
            forged = signed(b'{"alg":"HS256","typ":"JWT"}', compact(claims()), key=b"")
            assert client.post(VERIFY, json={"token": forged}).status_code == 401
            assert len((again.folder / "jwt_secret").read_bytes()) >= 32


def test_the_signing_secret_that_development_makes_is_its_owners_alone() -> None:
    with server() as running:
        secret = running.folder / "jwt_secret"

        assert secret.stat().st_mode & 0o077 == 0
        assert_says_nothing(running.log.read_text("utf-8"), secret.read_text("ascii"))
