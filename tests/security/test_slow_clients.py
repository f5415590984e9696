"""Who sends slowly, or never, holds nothing up."""

import time
from contextlib import suppress

import httpx

from tests.contract.made_up import HIGH_LIMITS, sign_in
from tests.contract.wire import Wire, connection, head
from tests.running import SECRET, server

PHONE, VERIFY, ME = "/api/auth/phone", "/api/auth/verify", "/api/me"
WITHIN_S = 11.5
BODY = {"Content_Type": "application/json", "Content_Length": "1000"}


def drip(wire: Wire, seconds: float) -> None:
    """Send a byte now and then, as who wants to keep a server waiting does."""
    until = time.monotonic() + seconds
    with suppress(OSError):
        while time.monotonic() < until:
            wire.send(b" ")
            time.sleep(0.5)


def test_bodies_that_never_come_or_come_by_drips_are_given_up_after_ten_seconds() -> None:
    with (
        server(JWT_SECRET=SECRET, **HIGH_LIMITS) as running,
        httpx.Client(base_url=running.url, trust_env=False) as client,
        connection(running) as never,
        connection(running) as dripping,
        connection(running) as half,
        connection(running) as of_a_person,
    ):
        bearer = sign_in(client).bearer["Authorization"]
        started = time.monotonic()
        never.send(head("POST", PHONE, **BODY))
        dripping.send(head("POST", PHONE, Content_Type="application/json", Content_Length="1000"))
        half.send(head("POST", VERIFY, **BODY) + b'{"token":')
        of_a_person.send(head("PATCH", ME, Authorization=bearer, **BODY))
        asked = time.monotonic()
        assert client.get("/api/health").status_code == 200
        assert time.monotonic() - asked < 1

        drip(dripping, WITHIN_S - 1)
        answers = [wire.answer() for wire in (never, dripping, half, of_a_person)]

        assert 9 < time.monotonic() - started < WITHIN_S
        assert [answer.status for answer in answers] == [408] * 4
        assert [list(answer.json()) for answer in answers] == [
            ["error"],
            ["error"],
            ["valid", "error"],
            ["error", "code", "requestId"],
        ]
        assert {answer.headers["x-error-code"] for answer in answers} == {"body_timeout"}
        assert {answer.headers.get("connection") for answer in answers} == {"close"}
        assert client.get("/api/health").status_code == 200
