import json
import socket
import time

import psutil
import pytest

from tests.contract.made_up import HIGH_LIMITS, new_number
from tests.contract.wire import connection, head
from tests.running import SECRET, Server, server

PHONE = "/api/auth/phone"


def offer(body: bytes, upgrade: str = "h2c", **headers: str) -> bytes:
    """Give the head of a request that offers an upgrade, as Java's HTTP client and `curl --http2` do."""
    return head(
        "POST", PHONE, Connection="Upgrade, HTTP2-Settings", Upgrade=upgrade, Content_Type="application/json",
        Content_Length=str(len(body)), X_API_Key="a-made-up-key-of-24-bytes0", **headers,
    )  # fmt: skip


def phone_body() -> bytes:
    return json.dumps({"phoneNumber": new_number()}).encode()


@pytest.mark.parametrize("upgrade", ["h2c", "websocket", "TLS/1.0"])
@pytest.mark.parametrize("apart", [False, True])
def test_an_offered_upgrade_is_declined_and_the_body_is_read(open_server: Server, upgrade: str, apart) -> None:
    body = phone_body()

    with connection(open_server) as wire:
        wire.send(offer(body, upgrade) + (b"" if apart else body))
        if apart:
            time.sleep(0.1)
            wire.send(body)
        answer = wire.answer()
        wire.send(head("GET", "/api/health"))

        assert (answer.status, list(answer.json())) == (200, ["token", "userId", "expiresIn"])
        assert wire.answer().status == 200


def test_the_body_of_a_request_that_offers_an_upgrade_is_never_a_request(open_server: Server) -> None:
    smuggled = head("GET", "/api/ready")

    with connection(open_server) as wire:
        wire.send(offer(smuggled))
        time.sleep(0.1)
        wire.send(smuggled)

        assert wire.answer().status == 400
        wire.send(head("GET", "/api/health"))
        assert wire.answer().json() == {"status": "ok"}


def test_a_tunnel_is_refused(open_server: Server) -> None:
    with connection(open_server) as wire:
        wire.send(b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n")

        assert wire.answer().status == 400


def test_who_asks_on_and_on_and_reads_no_answer_fills_no_memory() -> None:
    with (
        server(JWT_SECRET=SECRET, **HIGH_LIMITS) as running,
        socket.create_connection(("127.0.0.1", running.port)) as greedy,
    ):
        before = psutil.Process(running.pid).memory_info().rss
        greedy.settimeout(0.5)
        asked = head("GET", "/openapi.json") * 100
        sent, until = 0, time.monotonic() + 4
        while sent < 8_000_000 and time.monotonic() < until:
            try:
                sent += greedy.send(asked)
            except TimeoutError:
                continue

        assert psutil.Process(running.pid).memory_info().rss - before < 40_000_000
