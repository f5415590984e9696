import asyncio
import io
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

import ovqat
from ovqat import cli
from ovqat.application import build_backend
from ovqat.settings import Settings
from ovqat.store import AuthEvent, EventFilter, Revocation, SettingsPatch, User
from ovqat.store.sqlite import SQLiteStore
from tests.unit.clock import HandClock
from tests.unit.conftest import SECRET, settings_of

PHONE = "998997961877"
OTHER = "998997961878"
USER_ID = "27a2b872-93b4-44ba-8835-75163463e903"
MASKED = "99899*****77"
LONG_AGO_MS = 1_000_000

pytestmark = pytest.mark.filterwarnings("ignore:Cyclopts application invoked without tokens")  # as an operator does


class Said(msgspec.Struct):
    """What a command left behind."""

    code: int
    out: str
    err: str


Ovqat = Callable[..., Said]


@pytest.fixture
def ovqat_command(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    logging_restored: None,
) -> Ovqat:
    """Give the command line, on a data folder of its own."""
    assert logging_restored is None
    for name in ("DATABASE_URL", "API_KEY", "OVQAT_ENV"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OVQAT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("JWT_SECRET", SECRET)
    monkeypatch.setenv("PORT", "1")

    def run(*words: str, stdin: str = "") -> Said:
        monkeypatch.setattr(sys, "argv", ["ovqat", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        written = capsys.readouterr()
        return Said(code, written.out, written.err)

    return run


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


@pytest.fixture
def person(settings: Settings) -> None:
    """Put one person with an event into the store, and another person."""

    async def put() -> None:
        store = SQLiteStore(settings.database)
        await store.open()
        await store.upsert_user(PHONE, make_id=lambda: USER_ID, now=1_770_000_000)
        await store.upsert_user(OTHER, make_id=lambda: "other", now=1_770_000_000)
        await store.append_events(
            [
                AuthEvent(LONG_AGO_MS, "signed_in", USER_ID, MASKED, "bank", "192.0.2.7", "request-1", "created"),
                AuthEvent(LONG_AGO_MS + 1, "limit_hit", None, MASKED, address="192.0.2.8", detail="number"),
                AuthEvent(LONG_AGO_MS + 2, "signed_in", "other", "99899*****78"),
            ]
        )
        await store.close()

    asyncio.run(put())


def user_of(settings: Settings, phone: str = PHONE) -> User | None:
    async def get() -> User | None:
        store = SQLiteStore(settings.database)
        await store.open()
        user = await store.user_by_phone(phone)
        await store.close()
        return user

    return asyncio.run(get())


def events_of(settings: Settings) -> list[AuthEvent]:
    async def get() -> list[AuthEvent]:
        store = SQLiteStore(settings.database)
        await store.open()
        events = [stored.event for stored in await store.events(EventFilter())]
        await store.close()
        return events

    return asyncio.run(get())


@pytest.mark.usefixtures("person")
class TestUser:
    @pytest.mark.parametrize("written", [PHONE, f"+{PHONE}", "997961877", "+998 99 796-18-77"])
    def test_a_person_is_shown_by_a_number_in_any_writing(self, ovqat_command: Ovqat, written: str):
        said = ovqat_command("user", "show", written)

        assert said.code == 0
        assert USER_ID in said.out
        assert MASKED in said.out
        assert PHONE not in said.out
        assert "Asia/Tashkent" in said.out
        assert "2026-02-02 02:40:00" in said.out

    def test_the_settings_and_revocation_of_a_person_are_shown(self, ovqat_command: Ovqat, settings: Settings):
        async def change() -> None:
            store = SQLiteStore(settings.database)
            await store.open()
            await store.update_settings(USER_ID, SettingsPatch(language="uz-Cyrl", theme="dark"))
            await store.revoke(Revocation(USER_ID, 1_770_086_400), now=1_770_086_400)
            await store.close()

        asyncio.run(change())

        said = ovqat_command("user", "show", PHONE)

        assert "uz-Cyrl" in said.out
        assert "dark" in said.out
        assert "2026-02-03 02:40:00" in said.out

    def test_a_revocation_kills_every_token_until_now(self, ovqat_command: Ovqat, settings: Settings):
        said = ovqat_command("user", "revoke", PHONE)

        user = user_of(settings)
        assert (said.code, MASKED in said.out, PHONE in said.out) == (0, True, False)
        assert user is not None
        assert user.tokens_valid_from > 1_770_000_000
        assert events_of(settings)[-1].kind == "revoked"
        assert '"event":"revoked"' in said.err.replace(" ", "")

    @pytest.mark.parametrize("written", [PHONE, "997961877"])
    def test_an_erasure_that_is_confirmed_leaves_nothing(self, ovqat_command: Ovqat, settings: Settings, written: str):
        said = ovqat_command("user", "erase", written, "--yes")

        assert said.code == 0
        assert user_of(settings) is None
        assert user_of(settings, OTHER) is not None
        assert USER_ID not in {event.user_id for event in events_of(settings)}

    def test_an_erasure_is_asked_about_first(self, ovqat_command: Ovqat, settings: Settings):
        said = ovqat_command("user", "erase", PHONE, stdin="y\n")

        assert said.code == 0
        assert MASKED in said.out + said.err
        assert user_of(settings) is None

    @pytest.mark.parametrize("answer", ["n\n", "\n", "maybe\nn\n"])
    def test_an_erasure_that_is_not_confirmed_changes_nothing(
        self, ovqat_command: Ovqat, settings: Settings, answer: str
    ):
        said = ovqat_command("user", "erase", PHONE, stdin=answer)

        assert said.code == 1
        assert "Nothing was erased" in said.err
        assert user_of(settings) is not None

    def test_an_erasure_that_nobody_can_confirm_changes_nothing(self, ovqat_command: Ovqat, settings: Settings):
        said = ovqat_command("user", "erase", PHONE, stdin="")

        assert said.code == 1
        assert "Nothing was erased" in said.err
        assert user_of(settings) is not None

    @pytest.mark.parametrize("command", [("show",), ("revoke",), ("erase", "--yes")])
    @pytest.mark.parametrize(
        ("phone", "sentence"),
        [("998901234567", "Nobody with this number"), ("12345", "no phone number"), ("", "no phone")],
    )
    def test_a_number_that_is_nobodys_or_none_is_said_so(
        self, ovqat_command: Ovqat, command: tuple[str, ...], phone: str, sentence: str
    ):
        said = ovqat_command("user", *command, phone)

        assert (said.code, said.out) == (1, "")
        assert sentence in said.err
        assert "Traceback" not in said.err


@pytest.mark.usefixtures("person")
class TestEvents:
    def lines(self, said: Said) -> list[str]:
        assert said.code == 0
        return said.out.splitlines()

    def test_events_are_shown_oldest_first_with_all_they_hold(self, ovqat_command: Ovqat):
        lines = self.lines(ovqat_command("events"))

        assert [line.split()[2] for line in lines] == ["signed_in", "limit_hit", "signed_in"]
        assert lines[0].startswith("1970-01-01 00:16:40")
        assert all(part in lines[0] for part in (MASKED, USER_ID, "bank", "192.0.2.7", "request-1", "created"))

    @pytest.mark.parametrize("written", [PHONE, "+998 99 796-18-77", "997961877"])
    def test_events_of_one_number_are_theirs_and_those_of_nobody_with_its_mask(
        self, ovqat_command: Ovqat, written: str
    ):
        lines = self.lines(ovqat_command("events", "--phone", written))

        assert [line.split()[2] for line in lines] == ["signed_in", "limit_hit"]

    def test_a_number_that_nobody_has_shows_only_what_bears_its_mask(self, ovqat_command: Ovqat):
        lines = self.lines(ovqat_command("events", "--phone", "998991234577"))

        assert [line.split()[2] for line in lines] == ["limit_hit"]

    @pytest.mark.parametrize(
        ("options", "count"),
        [
            (("--kind", "limit_hit"), 1),
            (("--kind", "signed-in"), 2),
            (("--kind", "erased"), 0),
            (("--newest", "1"), 1),
            (("--since", "1h"), 0),
            (("--since", "999999d"), 3),
        ],
    )
    def test_events_are_chosen_by_kind_age_and_number(self, ovqat_command: Ovqat, options: tuple[str, ...], count: int):
        assert len(self.lines(ovqat_command("events", *options))) == count

    @pytest.mark.parametrize(("span", "seconds"), [("30s", 30), ("15m", 900), ("1h", 3600), ("7d", 604_800), ("0s", 0)])
    def test_a_span_of_time_is_read(self, span: str, seconds: int):
        began = cli._since_ms(span) / 1000

        assert began == pytest.approx(time.time() - seconds, abs=5)

    @pytest.mark.parametrize("span", ["1", "h", "1w", "-1h", "1.5h", "1 h", "1H", "1h ", "9" * 7 + "s"])
    def test_what_is_no_span_of_time_is_said_so(self, ovqat_command: Ovqat, span: str):
        said = ovqat_command("events", f"--since={span}")

        assert said.code == 1
        assert "--since" in said.err
        assert "1h" in said.err
        assert "Traceback" not in said.err

    def test_a_kind_that_there_is_not_is_said_so(self, ovqat_command: Ovqat):
        said = ovqat_command("events", "--kind", "nothing")

        assert said.code != 0
        assert "limit" in said.out + said.err

    def test_more_events_than_there_can_be_are_all_of_them_or_a_sentence(self, ovqat_command: Ovqat):
        said = ovqat_command("events", "--newest", "99999999999999999999")

        assert said.code != 0 or len(said.out.splitlines()) == 3


async def test_events_are_followed_as_they_come(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], clock: HandClock
):
    monkeypatch.setattr(cli, "_POLL_S", 0)
    backend = build_backend(settings, clock)
    async with backend.running():
        following = asyncio.create_task(cli._print_events(backend, EventFilter(), follow=True))
        seen = []
        for detail in ("first", "second"):
            await backend.store.append_events([AuthEvent(LONG_AGO_MS, "verify_failed", detail=detail)])
            for _ in range(20):
                await asyncio.sleep(0)
            seen.append(capsys.readouterr().out)
        following.cancel()

    assert [detail in said for said, detail in zip(seen, ("first", "second"), strict=True)] == [True, True]
    assert "first" not in seen[1]
    assert [said.count("verify_failed") for said in seen] == [1, 1]


class TestFailures:
    def test_a_setting_that_cannot_be_used_is_a_sentence(self, ovqat_command: Ovqat, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("PORT", "many")
        monkeypatch.setenv("OVQAT_ALLOWED_ORIGINS", "*")

        said = ovqat_command("events")

        assert (said.code, said.out) == (1, "")
        assert "PORT" in said.err
        assert "OVQAT_ALLOWED_ORIGINS" in said.err
        assert "Traceback" not in said.err

    def test_a_store_that_fails_is_a_sentence_that_sends_to_the_doctor(self, ovqat_command: Ovqat, tmp_path: Path):
        (tmp_path / "ovqat.db").write_bytes(b"this is no database " * 500)

        said = ovqat_command("user", "show", PHONE)

        assert (said.code, said.out) == (1, "")
        assert "not a database" in said.err
        assert "ovqat doctor" in said.err
        assert "Traceback" not in said.err

    def test_a_server_that_may_not_start_says_why(self, ovqat_command: Ovqat, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("OVQAT_ENV", "production")
        monkeypatch.setenv("JWT_SECRET", "")

        said = ovqat_command("serve")

        assert said.code == 1
        assert "JWT_SECRET" in said.err
        assert "API_KEY" in said.err

    def test_an_unknown_command_is_said_so(self, ovqat_command: Ovqat):
        said = ovqat_command("nothing")

        assert said.code != 0
        assert "nothing" in said.out + said.err


class TestDoctor:
    def test_every_setting_and_finding_is_printed_and_no_secret(self, ovqat_command: Ovqat):
        said = ovqat_command("doctor")

        assert all(name in said.out for name in ("OVQAT_DATA_DIR", "JWT_SECRET", "(environment)", "(default)"))
        assert "ok   The store opens" in said.out
        assert SECRET not in said.out + said.err

    def test_what_does_not_work_is_marked_and_fails_the_command(self, ovqat_command: Ovqat, tmp_path: Path):
        (tmp_path / "ovqat.db").write_bytes(b"this is no database " * 500)

        said = ovqat_command("doctor")

        assert said.code == 1
        assert "FAIL The store does not work" in said.out

    @pytest.mark.parametrize(("status", "code", "mark"), [(200, 0, "ok  "), (503, 1, "FAIL")])
    def test_a_server_that_runs_is_asked_too(
        self, ovqat_command: Ovqat, monkeypatch: pytest.MonkeyPatch, status: int, code: int, mark: str
    ):
        class Answering(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
            monkeypatch.setenv("PORT", str(server.server_port))
            serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            serving.start()
            said = ovqat_command("doctor")
            server.shutdown()
            serving.join()

        assert f"{mark} The server at port {server.server_port} answers" in said.out
        assert said.code == code or "FAIL The mini-app is not built" in said.out


def test_the_version_is_told(ovqat_command: Ovqat):
    said = ovqat_command("--version")

    assert (said.code, said.out.strip()) == (0, ovqat.__version__)


@pytest.mark.parametrize("words", [("--help",), ("user", "--help"), ("events", "--help"), ("user", "erase", "--help")])
def test_help_is_there_for_every_command(ovqat_command: Ovqat, words: tuple[str, ...]):
    said = ovqat_command(*words)

    assert said.code == 0
    assert "Usage" in said.out
