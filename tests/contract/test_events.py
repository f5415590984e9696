import asyncio
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.contract.made_up import HIGH_LIMITS, PARTNER_KEY, Person, new_number, sign_in, token
from tests.running import SECRET, Server, eventually, server

PHONE, VERIFY, ME = "/api/auth/phone", "/api/auth/verify", "/api/me"
ROW = "SELECT kind, user_id, phone_masked, partner, address, detail FROM auth_events WHERE request_id = ?"


@pytest.fixture(scope="module")
def watched() -> Generator[Server]:
    """A server with a key, on which every kind of event can be made to happen."""
    limits = {**HIGH_LIMITS, "OVQAT_LIMITS_NUMBER": "2/minute"}
    with server(JWT_SECRET=SECRET, API_KEY=PARTNER_KEY, **limits) as running:
        yield running


@pytest.fixture(scope="module")
def calling(watched: Server) -> Generator[httpx.Client]:
    """A client that knows the key of the watched server."""
    with httpx.Client(base_url=watched.url, headers={"X-API-Key": PARTNER_KEY}, trust_env=False) as client:
        yield client


def line_and_row(watched: Server, answer: httpx.Response) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """Give the one log line and the one row of a request."""
    request_id = answer.headers["x-request-id"]
    rows = eventually(lambda: watched.rows(ROW, request_id))
    lines = eventually(lambda: watched.lines_of(answer))
    assert (len(lines), len(rows)) == (1, 1)
    return lines[0], rows[0]


def test_a_first_sign_in_is_one_line_and_one_row(watched: Server, calling: httpx.Client) -> None:
    answer = calling.post(PHONE, json={"phoneNumber": "998997961877"})

    line, row = line_and_row(watched, answer)
    user_id = answer.json()["userId"]
    assert row == ("signed_in", user_id, "99899*****77", "default", "127.0.0.1", "created")
    assert (line["event"], line["user_id"], line["phone"]) == ("signed_in", user_id, "99899*****77")
    assert (line["partner"], line["address"], line["detail"]) == ("default", "127.0.0.1", "created")
    assert (line["level"], line["status"], line["method"], line["path"]) == ("info", 200, "POST", PHONE)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line["timestamp"])


def test_a_later_sign_in_says_nothing_of_a_new_user(watched: Server, calling: httpx.Client) -> None:
    person = sign_in(calling)

    answer = calling.post(PHONE, json={"phoneNumber": person.phone})

    line, row = line_and_row(watched, answer)
    masked = f"{person.phone[:5]}*****{person.phone[-2:]}"
    assert row == ("signed_in", person.user_id, masked, "default", "127.0.0.1", None)
    assert "detail" not in line


@pytest.mark.parametrize(
    ("shown", "detail"),
    [("wrong", "token_invalid"), (token(iat=1_700_000_000, exp=1_700_604_800), "token_expired")],
)
def test_a_failed_verification_says_why(watched: Server, calling: httpx.Client, shown: str, detail: str) -> None:
    answer = calling.post(VERIFY, json={"token": shown})

    line, row = line_and_row(watched, answer)
    assert row == ("verify_failed", None, None, None, "127.0.0.1", detail)
    assert (line["event"], line["detail"], line["status"]) == ("verify_failed", detail, 401)


def test_a_wrong_token_of_a_person_is_a_failed_verification_too(watched: Server, calling: httpx.Client) -> None:
    answer = calling.get(ME, headers={"Authorization": "Bearer wrong"})

    line, row = line_and_row(watched, answer)
    assert row == ("verify_failed", None, None, None, "127.0.0.1", "token_invalid")
    assert line["path"] == ME


@pytest.mark.parametrize("key", ["", "a-wrong-key"])
def test_a_refused_key_is_on_record(watched: Server, calling: httpx.Client, key: str) -> None:
    answer = calling.post(PHONE, json={"phoneNumber": new_number()}, headers={"X-API-Key": key})

    line, row = line_and_row(watched, answer)
    assert row == ("key_refused", None, None, None, "127.0.0.1", None)
    assert (line["event"], line["status"]) == ("key_refused", 401)


def test_a_limit_hit_is_on_record(watched: Server, calling: httpx.Client) -> None:
    phone = sign_in(calling).phone
    answers = [calling.post(PHONE, json={"phoneNumber": phone}) for _ in range(2)]

    line, row = line_and_row(watched, answers[1])
    masked = f"{phone[:5]}*****{phone[-2:]}"
    assert row == ("limit_hit", None, masked, "default", "127.0.0.1", "number")
    assert (line["event"], line["detail"], line["status"]) == ("limit_hit", "number", 429)


def test_an_erasure_is_on_record_without_whose_it_was(watched: Server, calling: httpx.Client) -> None:
    person = sign_in(calling)

    answer = calling.delete(ME, headers=person.bearer)

    line, row = line_and_row(watched, answer)
    assert row == ("erased", None, None, None, "127.0.0.1", None)
    assert line["event"] == "erased"


def test_a_revocation_is_on_record(watched: Server, calling: httpx.Client) -> None:
    person = sign_in(calling)

    command = watched.command("user", "revoke", person.phone)

    masked = f"{person.phone[:5]}*****{person.phone[-2:]}"
    assert watched.rows(
        "SELECT phone_masked, partner, address FROM auth_events WHERE kind = 'revoked' AND user_id = ?", person.user_id
    ) == [(masked, None, None)]
    (line,) = [json.loads(line) for line in command.stderr.splitlines()]
    assert (line["event"], line["user_id"], line["phone"]) == ("revoked", person.user_id, masked)


def test_what_is_no_event_is_a_line_and_no_row(watched: Server, calling: httpx.Client) -> None:
    answers = [
        calling.get("/api/health"),
        calling.get("/api/nothing"),
        calling.post(PHONE, json={}),
        calling.post(VERIFY, json={}),
        calling.post(VERIFY, json={"token": sign_in(calling).token}),
    ]
    last = calling.post(VERIFY, json={"token": "wrong"})

    line_and_row(watched, last)
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert [line["event"] for line in watched.lines() if line.get("request_id") in ids] == ["request"] * 5
    assert [watched.rows(ROW, request_id) for request_id in ids] == [[]] * 5


def test_every_line_after_the_greeting_is_one_json_object(watched: Server, calling: httpx.Client) -> None:
    answer = calling.get("/api/%0a%22%7b")

    assert eventually(lambda: watched.lines_of(answer))
    lines = watched.log.read_text("utf-8").splitlines()
    first = next(index for index, line in enumerate(lines) if line.startswith("{"))
    assert all({"event", "level", "timestamp"} <= json.loads(line).keys() for line in lines[first:])


async def test_no_event_of_an_answered_call_is_lost_on_a_clean_stop() -> None:
    with server(JWT_SECRET=SECRET, **HIGH_LIMITS) as running:
        async with httpx.AsyncClient(base_url=running.url, timeout=30, trust_env=False) as crowd:
            answers = await asyncio.gather(
                *(crowd.post(PHONE, json={"phoneNumber": new_number()}) for _ in range(100)),
                *(crowd.post(VERIFY, json={"token": "wrong"}) for _ in range(100)),
            )
            running.ask_to_stop()
        running.stop()

        answered = {answer.headers["x-request-id"] for answer in answers}
        rows = running.rows("SELECT kind, request_id FROM auth_events")
        assert {answer.status_code for answer in answers} == {200, 401}
        assert len(rows) == 200
        assert {request_id for _, request_id in rows} == answered
        assert {
            line["request_id"] for line in running.lines() if line["event"] in {kind for kind, _ in rows}
        } == answered


def test_events_are_kept_for_ninety_days() -> None:
    now_ms, day_ms = int(time.time() * 1000), 86_400_000
    with server(JWT_SECRET=SECRET) as running:
        insert(running, now_ms - 91 * day_ms, "too-old")
        insert(running, now_ms - 89 * day_ms, "still-kept")
        running.stop()

        with running.restart() as again:
            assert eventually(lambda: again.rows("SELECT request_id FROM auth_events") == [("still-kept",)])


# The command


@contextmanager
def event(watched: Server, at_ms: int, request_id: str) -> Generator[None]:
    """Let there be one more event for the length of a block."""
    insert(watched, at_ms, request_id)
    yield
    watched.rows("DELETE FROM auth_events WHERE request_id = ?", request_id)


def insert(running: Server, at_ms: int, request_id: str) -> None:
    running.rows("INSERT INTO auth_events (at_ms, kind, request_id) VALUES (?, 'signed_in', ?)", at_ms, request_id)


def shown(watched: Server, *options: str) -> list[str]:
    """Give the lines of `ovqat events`."""
    command = watched.command("events", *options)
    assert (command.returncode, command.stderr) == (0, "")
    return command.stdout.splitlines()


@pytest.fixture(scope="module")
def recorded(watched: Server, calling: httpx.Client) -> tuple[Person, Person]:
    """Two people of whom there is something on record."""
    one, other = sign_in(calling), sign_in(calling)
    last = calling.post(VERIFY, json={"token": "wrong"})
    line_and_row(watched, last)
    return one, other


def test_the_command_shows_all_events_with_what_is_known_of_each(
    watched: Server, recorded: tuple[Person, Person]
) -> None:
    lines = shown(watched)

    for person in recorded:
        (line,) = [line for line in lines if person.user_id in line]
        masked = f"{person.phone[:5]}*****{person.phone[-2:]}"
        assert re.match(rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00  signed_in +{re.escape(masked)} ", line)
        assert "default  127.0.0.1  created" in line


@pytest.mark.usefixtures("recorded")
def test_the_command_shows_the_oldest_event_first_whoever_wrote_it_first(watched: Server) -> None:
    an_hour_ago = int((time.time() - 3600) * 1000)
    with event(watched, an_hour_ago, "written-late"):
        lines = shown(watched)

    assert "written-late" in lines[0]
    assert [line[:25] for line in lines] == sorted(line[:25] for line in lines)


def test_the_command_shows_the_events_of_one_number(watched: Server, recorded: tuple[Person, Person]) -> None:
    one, other = recorded

    lines = shown(watched, "--phone", f"+998 {one.phone[3:5]} {one.phone[5:8]}-{one.phone[8:10]}-{one.phone[10:]}")

    assert any("signed_in" in line and one.user_id in line for line in lines)
    assert not any(other.user_id in line or "verify_failed" in line for line in lines)


@pytest.mark.parametrize("kind", ["signed_in", "verify_failed", "key_refused", "limit_hit", "revoked", "erased"])
def test_the_command_shows_the_events_of_one_kind(
    watched: Server, calling: httpx.Client, recorded: tuple[Person, Person], kind: str
) -> None:
    refused = calling.post(PHONE, json={"phoneNumber": recorded[0].phone}, headers={"X-API-Key": "x"})
    line_and_row(watched, refused)

    lines = shown(watched, "--kind", kind)

    expected = watched.rows("SELECT count(*) FROM auth_events WHERE kind = ?", kind)
    assert [(len(lines),)] == expected
    assert all(line.split()[2] == kind for line in lines)


@pytest.mark.usefixtures("recorded")
def test_the_command_shows_the_events_since_a_time(watched: Server) -> None:
    two_hours_ago = int((time.time() - 7200) * 1000)
    with event(watched, two_hours_ago, "an-old-request"):
        lines_1h, lines_3h = (shown(watched, "--since", since, "--kind", "signed_in") for since in ("1h", "3h"))

    assert not any("an-old-request" in line for line in lines_1h)
    assert any("an-old-request" in line for line in lines_3h)
    assert len(lines_3h) == len(lines_1h) + 1


@pytest.mark.parametrize("since", ["yesterday", "1", "h", "-1h", "1 h", "1.5h"])
def test_a_time_that_cannot_be_read_is_answered_with_how_to_write_it(watched: Server, since: str) -> None:
    command = watched.command("events", f"--since={since}")

    assert command.returncode == 1
    assert "30s, 15m, 1h or 7d" in command.stderr
    assert "Traceback" not in command.stderr


@pytest.mark.usefixtures("recorded")
def test_the_command_shows_at_most_the_newest(watched: Server) -> None:
    everything = shown(watched)

    assert shown(watched, "--newest", "2") == everything[-2:]


def test_following_shows_what_was_and_then_what_comes(watched: Server, calling: httpx.Client) -> None:
    one = sign_in(calling)
    assert eventually(lambda: watched.rows("SELECT 1 FROM auth_events WHERE user_id = ?", one.user_id))
    follow = [sys.executable, "-m", "ovqat", "events", "--follow", "--phone", one.phone]
    output = watched.folder / "followed"
    with output.open("w") as sink:
        following = subprocess.Popen(follow, env=watched.environ, stdout=sink, stderr=subprocess.STDOUT)
        try:
            before = eventually(lambda: output.read_text().splitlines(), within_s=10)
            answer = calling.post(PHONE, json={"phoneNumber": one.phone})
            request_id = answer.headers["x-request-id"]
            seen = eventually(lambda: request_id in output.read_text())
        finally:
            following.send_signal(signal.SIGINT)
            code = following.wait(10)

    assert [one.user_id in line for line in before] == [True]
    assert seen
    assert len(output.read_text().splitlines()) == len(before) + 1
    assert code == 130
