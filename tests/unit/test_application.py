"""The parts joined: what holds only once they are together."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path

import pytest

from ovqat.application import _say_if_it_died, build_app, build_backend
from ovqat.edge.asgi import ASGIApp
from ovqat.errors import StoreFailure
from ovqat.store import AuthEvent, EventFilter
from ovqat.store.sqlite import SQLiteStore
from tests.unit.asking import PHONE, ask, bearer, served, sign_in, token_of, verify
from tests.unit.clock import HandClock
from tests.unit.conftest import SECRET, Log, settings_of

KEY = "a-made-up-partner-key"
TABLES = ("users", "revocations", "auth_events")
BANK = "https://app.bank.example"


@pytest.fixture
async def live(log: Log, tmp_path: Path, clock: HandClock) -> AsyncGenerator[ASGIApp]:
    """Give the application as production has it."""
    assert log.text == ""
    settings = settings_of(tmp_path, OVQAT_ENV="production", API_KEY=KEY)
    async with served(build_app(settings, clock)) as running:
        yield running


async def kept(folder: Path) -> list[AuthEvent]:
    """Give the events in the file, as another process sees them."""
    store = SQLiteStore(folder / "ovqat.db")
    await store.open()
    events = [stored.event for stored in await store.events(EventFilter())]
    await store.close()
    return events


class TestContract:
    async def test_a_person_signs_in_and_their_token_is_verified(self, app: ASGIApp):
        session = await sign_in(app)
        verified = await verify(app, session.json["token"])

        assert session.status == 200
        assert list(session.json) == ["token", "userId", "expiresIn"]
        assert verified.json == {"valid": True, "userId": session.json["userId"]}

    async def test_the_process_says_that_it_lives(self, app: ASGIApp):
        answer = await ask(app, "GET", "/api/health")

        assert (answer.status, answer.body) == (200, b'{"status":"ok"}')

    @pytest.mark.parametrize(
        ("content", "status", "error"),
        [
            (b"", 400, "Phone number is required"),
            (b"{}", 400, "Phone number is required"),
            (b'{"phoneNumber":null}', 400, "Phone number is required"),
            (b'{"phoneNumber":" "}', 400, "Phone number is required"),
            (b'{"phoneNumber":"12345"}', 400, "Invalid phone number"),
            (b'{"phoneNumber":"9989979618\\u0000"}', 400, "Invalid phone number"),
            (b'{"phoneNumber":998997961877}', 400, "phoneNumber must be a string, not a number"),
            (b'{"phoneNumber":["998997961877"]}', 400, "phoneNumber must be a string, not a list"),
            (b"[]", 400, "The body must be a JSON object"),
            (b"{", 400, "The body is not valid JSON"),
            (b"x" * 16_385, 413, "The body is too large; send at most 16384 bytes"),
        ],
    )
    async def test_what_is_wrong_with_a_sign_in_is_said_in_one_field(
        self, app: ASGIApp, content: bytes, status: int, error: str
    ):
        answer = await ask(app, "POST", "/api/auth/phone", body=content)

        assert (answer.status, answer.json) == (status, {"error": error})

    @pytest.mark.parametrize(
        ("content", "status", "error"),
        [
            (b"", 400, "Token is required"),
            (b'{"token":""}', 400, "Token is required"),
            (b'{"token":"x"}', 401, "Invalid token"),
            (b'{"token":1}', 400, "token must be a string, not a number"),
            (b"[]", 400, "The body must be a JSON object"),
        ],
    )
    async def test_what_is_wrong_with_a_verification_is_said_beside_valid_false(
        self, app: ASGIApp, content: bytes, status: int, error: str
    ):
        answer = await ask(app, "POST", "/api/auth/verify", body=content)

        assert answer.status == status
        assert answer.body == json.dumps({"valid": False, "error": error}, separators=(",", ":")).encode()

    @pytest.mark.parametrize("path", ["/api/auth/phone", "/api/auth/verify"])
    async def test_a_wrong_method_has_the_body_of_its_call(self, app: ASGIApp, path: str):
        answer = await ask(app, "GET", path)

        assert (answer.status, answer.header("allow")) == (405, "POST")
        assert set(answer.json) == ({"error"} if path.endswith("phone") else {"valid", "error"})

    async def test_a_token_of_another_secret_is_invalid(self, app: ASGIApp, tmp_path: Path, clock: HandClock):
        settings = settings_of(tmp_path / "other", JWT_SECRET=SECRET[::-1])
        async with served(build_app(settings, clock)) as other:
            foreign = await token_of(other)

        assert (await verify(app, foreign)).status == 401

    async def test_a_secret_that_was_rotated_still_verifies(self, app: ASGIApp, tmp_path: Path, clock: HandClock):
        old = await token_of(app)
        settings = settings_of(tmp_path, JWT_SECRET=f"{SECRET[::-1]},{SECRET}")
        async with served(build_app(settings, clock)) as rotated:
            new = await token_of(rotated)

            assert (await verify(rotated, old)).status == 200
            assert (await verify(rotated, new)).status == 200
        assert (await verify(app, new)).status == 401

    async def test_a_token_is_dead_after_seven_days(self, app: ASGIApp, clock: HandClock):
        token = await token_of(app)

        clock.move(604_799)
        before = (await verify(app, token)).status
        clock.move(1)

        assert (before, (await verify(app, token)).status) == (200, 401)

    async def test_limits_are_told_in_headers_and_kept(self, app: ASGIApp):
        answers = [await sign_in(app) for _ in range(21)]

        assert [answer.status for answer in answers] == [200] * 20 + [429]
        assert answers[0].header("ratelimit") == '"address";r=119;t=60, "number";r=19;t=60'
        assert answers[-1].header("ratelimit-policy") == '"number";q=20;w=60'
        assert answers[-1].header("retry-after") == "60"
        assert list(answers[-1].json) == ["error"]

    async def test_failed_verifications_are_limited_and_good_ones_go_on(self, app: ASGIApp):
        token = await token_of(app)

        statuses = [(await verify(app, "bad")).status for _ in range(61)]

        assert statuses == [401] * 60 + [429]
        assert (await verify(app, token)).status == 200

    async def test_limits_may_be_off_for_load_tests(self, log: Log, tmp_path: Path):
        async with served(build_app(settings_of(tmp_path, OVQAT_LIMITS_DISABLED="1"))) as app:
            answers = [await sign_in(app) for _ in range(130)]

        assert {answer.status for answer in answers} == {200}
        assert answers[0].header("ratelimit") is None
        assert "limit_hit" not in log.text


class TestKey:
    async def test_production_wants_the_key(self, live: ASGIApp):
        without = await sign_in(live, scheme="https")
        wrong = await sign_in(live, scheme="https", headers={"x-api-key": "wrong"})
        right = await sign_in(live, scheme="https", headers={"x-api-key": KEY})

        assert [answer.status for answer in (without, wrong, right)] == [401, 401, 200]
        assert without.body == wrong.body == b'{"error":"Invalid API key"}'

    async def test_a_keys_calls_are_counted_by_the_key(self, live: ASGIApp):
        answer = await sign_in(live, scheme="https", headers={"x-api-key": KEY})

        assert answer.header("ratelimit") == '"key";r=5999;t=60, "number";r=19;t=60'


class TestStoreFailure:
    @pytest.fixture
    async def token(self, app: ASGIApp, tmp_path: Path) -> AsyncGenerator[str]:
        """Give a good token while the store's tables are hidden beneath the running application."""
        good = await token_of(app)
        with closing(sqlite3.connect(tmp_path / "ovqat.db", isolation_level=None)) as db:
            for table in TABLES:
                db.execute(f"ALTER TABLE {table} RENAME TO hidden_{table}")
            yield good
            for table in TABLES:
                db.execute(f"ALTER TABLE hidden_{table} RENAME TO {table}")

    @pytest.mark.usefixtures("token")
    async def test_of_a_sign_in_is_answered_to_the_byte_with_the_cause_in_the_log_only(self, app: ASGIApp, log: Log):
        answer = await sign_in(app)

        assert (answer.status, answer.body) == (500, b'{"error":"Database error"}')
        assert answer.header("x-error-code") == "database_error"
        assert "no such table" in log.lines[-1]["cause"]

    @pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
    async def test_of_a_persons_call_says_no_more(self, app: ASGIApp, token: str, method: str):
        answer = await ask(app, method, "/api/me", body={"theme": "dark"}, headers=bearer(token))

        assert (answer.status, answer.json["error"], answer.json["code"]) == (500, "Database error", "database_error")
        assert b"table" not in answer.body

    async def test_does_not_touch_verification_and_health(self, app: ASGIApp, token: str):
        assert (await verify(app, token)).status == 200
        assert (await ask(app, "GET", "/api/health")).status == 200

    @pytest.mark.usefixtures("token")
    async def test_makes_the_server_unready_with_the_cause_in_the_log(self, app: ASGIApp, log: Log):
        answer = await ask(app, "GET", "/api/ready")

        assert (answer.status, answer.json["code"]) == (503, "not_ready")
        assert b"table" not in answer.body
        assert log.lines[-1]["level"] == "error"


class TestEvents:
    async def test_every_event_is_in_the_file_after_a_clean_stop(self, log: Log, tmp_path: Path, clock: HandClock):
        settings = settings_of(tmp_path, API_KEY=KEY, OVQAT_LIMITS_NUMBER="1/minute", OVQAT_LIMITS_FAILED="1/minute")
        async with served(build_app(settings, clock)) as app:
            session = (await sign_in(app, headers={"x-api-key": KEY})).json
            await sign_in(app, headers={"x-api-key": KEY})
            await sign_in(app)
            await verify(app, "bad")
            await verify(app, "bad")
            before = await kept(tmp_path)

        assert before == []
        assert [(event.kind, event.detail, event.partner) for event in await kept(tmp_path)] == [
            ("signed_in", "created", "default"),
            ("limit_hit", "number", "default"),
            ("key_refused", None, None),
            ("verify_failed", "token_invalid", None),
            ("limit_hit", "failed", None),
        ]
        assert [line["event"] for line in log.lines] == [event.kind for event in await kept(tmp_path)]
        assert (await kept(tmp_path))[0].user_id == session["userId"]

    async def test_no_event_of_an_erased_person_stays(self, app: ASGIApp, tmp_path: Path):
        token = await token_of(app)

        await ask(app, "DELETE", "/api/me", headers=bearer(token))

        assert {event.user_id for event in await kept(tmp_path)} <= {None}

    async def test_no_row_and_no_line_holds_a_token_a_key_a_secret_or_a_whole_number(
        self, log: Log, tmp_path: Path, clock: HandClock
    ):
        settings = settings_of(tmp_path, API_KEY=KEY)
        async with served(build_app(settings, clock)) as app:
            token = (await sign_in(app, headers={"x-api-key": KEY})).json["token"]
            await sign_in(app, headers={"x-api-key": "a-wrong-made-up-key"})
            await sign_in(app, "998997961878x", headers={"x-api-key": KEY})
            await verify(app, token)
            await verify(app, f"{token}x")
            await ask(app, "GET", f"/?token={token}")
            await ask(app, "GET", f"/{token}")
            await ask(app, "GET", f"/api/users/{PHONE}")
            await ask(app, "GET", "/api/me", headers=bearer(token))
            await ask(app, "PATCH", "/api/me", body={"theme": token}, headers=bearer(token))
            await ask(app, "DELETE", "/api/me", headers=bearer(token))

        said = log.text + repr(await kept(tmp_path))
        secrets = [*token.split("."), KEY, "a-wrong-made-up-key", SECRET, PHONE, "997961877", "998997961878"]
        assert [secret for secret in secrets if secret in said] == []

    async def test_a_backend_that_cannot_open_its_store_does_not_run(self, tmp_path: Path, clock: HandClock):
        backend = build_backend(settings_of(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}"), clock)

        with pytest.raises(StoreFailure):
            async with backend.running():
                pass

    async def test_a_backend_that_stops_with_an_error_lets_go_of_its_store(self, tmp_path: Path, clock: HandClock):
        backend = build_backend(settings_of(tmp_path), clock)

        with pytest.raises(ZeroDivisionError):
            async with backend.serving():
                raise ZeroDivisionError

        with pytest.raises(StoreFailure):
            await backend.store.ping()

    async def test_what_was_revoked_before_the_start_is_dead_after_it(self, log: Log, tmp_path: Path, clock: HandClock):
        settings = settings_of(tmp_path)
        async with served(build_app(settings, clock)) as app:
            token = await token_of(app)
        backend = build_backend(settings, clock)
        async with backend.running():
            await backend.accounts.revoke(await backend.store.user_by_phone(PHONE))

        async with served(build_app(settings, clock)) as app:
            answer = await verify(app, token)
            fresh = await verify(app, await token_of(app))

        assert (answer.status, fresh.status) == (401, 200)
        assert log.of("verify_failed")[0]["detail"] == "token_revoked"


class TestPlaces:
    async def test_readiness_is_said_when_all_answers(self, app: ASGIApp):
        answer = await ask(app, "GET", "/api/ready")

        assert (answer.status, answer.body) == (200, b'{"status":"ready"}')

    @pytest.mark.parametrize("path", ["/api", "/api/", "/api/nowhere", "/api/auth", "/api/me/", "/api/demo"])
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
    async def test_an_unknown_path_is_a_404_in_json(self, app: ASGIApp, method: str, path: str):
        answer = await ask(app, method, path)

        assert (answer.status, answer.json["code"]) == (404, "not_found")

    @pytest.mark.parametrize("path", ["/demo", "/demo/api/calls", "/demo/api/open-mini-app"])
    async def test_the_demo_is_in_development_only(self, app: ASGIApp, live: ASGIApp, path: str):
        method = "POST" if path.endswith("app") else "GET"

        here = await ask(app, method, path, server=("127.0.0.1", 1))
        there = await ask(live, method, path, scheme="https")

        assert here.status != 404
        assert there.status == 404

    @pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json"])
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    async def test_the_pages_and_the_contract_are_there_for_anyone(self, live: ASGIApp, method: str, path: str):
        answer = await ask(live, method, path, scheme="https")

        assert answer.status in {200, 503}
        assert answer.header("x-request-id")

    async def test_an_allowed_page_of_another_origin_may_call_the_api(self, log: Log, tmp_path: Path):
        async with served(build_app(settings_of(tmp_path, OVQAT_ALLOWED_ORIGINS=BANK))) as app:
            answer = await ask(app, "GET", "/api/me", headers={"origin": BANK})
            page = await ask(app, "GET", "/")

        assert (answer.status, answer.header("access-control-allow-origin")) == (401, BANK)
        assert BANK in (page.header("content-security-policy") or "")
        assert log.lines

    async def test_a_development_server_keeps_the_secret_that_it_made(self, log: Log, tmp_path: Path):
        settings = settings_of(tmp_path, JWT_SECRET="")
        async with served(build_app(settings)) as app:
            token = await token_of(app)

        async with served(build_app(settings)) as again:
            answer = await verify(again, token)

        assert answer.status == 200
        assert (tmp_path / "jwt_secret").read_text() not in log.text


async def test_a_background_task_that_dies_says_so(log: Log):
    async def dies() -> None:
        message = "a fault of ours"
        raise RuntimeError(message)

    task = asyncio.create_task(dies())
    task.add_done_callback(_say_if_it_died)
    await asyncio.wait([task])
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    (line,) = log.of("background_task_died")
    assert "a fault of ours" in line["exception"]
