import re
from contextlib import ExitStack, suppress

import httpx
import psutil
import pytest

from tests.contract.made_up import sign_in
from tests.contract.wire import Wire, connection, exchange, head
from tests.running import Server

PHONE, VERIFY, ME = "/api/auth/phone", "/api/auth/verify", "/api/me"
MEBIBYTE = b"x" * (1 << 20)


def allowed(answer: httpx.Response) -> set[str]:
    return {method.strip() for method in answer.headers["allow"].split(",")} - {"OPTIONS"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "LINK"])
@pytest.mark.parametrize("path", [PHONE, VERIFY])
def test_a_wrong_method_on_a_contract_call_is_told_the_right_one(client: httpx.Client, method: str, path: str) -> None:
    answer = client.request(method, path)

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert answer.headers["x-error-code"] == "method_not_allowed"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE", "QUERY"])
@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/health", {"GET", "HEAD"}),
        ("/api/ready", {"GET", "HEAD"}),
        ("/openapi.json", {"GET", "HEAD"}),
        ("/", {"GET", "HEAD"}),
        ("/docs", {"GET", "HEAD"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(client: httpx.Client, method: str, path: str, methods: set[str]) -> None:
    answer = client.request(method, path)

    assert answer.status_code == 405
    assert allowed(answer) == methods
    assert answer.headers["x-error-code"] == "method_not_allowed"


@pytest.mark.parametrize("method", ["POST", "PUT", "TRACE", "PROPFIND", "LINK", "PURGE", "SEARCH"])
def test_a_wrong_method_on_a_persons_account_is_told_the_right_ones(client: httpx.Client, method: str) -> None:
    answer = client.request(method, ME, headers=sign_in(client).bearer)

    assert answer.status_code == 405
    assert allowed(answer) - {"HEAD"} == {"GET", "PATCH", "DELETE"}


@pytest.mark.parametrize("path", [PHONE, "/api/health"])
def test_the_contracts_405_holds_one_field(client: httpx.Client, path: str) -> None:
    assert re.fullmatch(rb'\{"error":"[^"]+"\}', client.put(path).content)


def test_verifys_405_holds_two_fields(client: httpx.Client) -> None:
    assert re.fullmatch(rb'\{"valid":false,"error":"[^"]+"\}', client.get(VERIFY).content)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PROPFIND"])
@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/auth",
        "/api/auth/phone/",
        "/api/auth/phone/998997961877",
        "/API/health",
        "/api/health/",
        "/api/me/",
        "/api//me",
        "/api/%ff",
        "/api/%00",
        "/api/../secret",
        "/api/" + "x" * 4_000,
        "/nothing",
        "/docs/nothing",
        "/.env",
    ],
)
def test_an_unknown_path_is_a_404_in_json(client: httpx.Client, method: str, path: str) -> None:
    answer = client.request(method, path)

    assert answer.status_code == 404
    assert list(answer.json()) == ["error", "code", "requestId"]
    assert answer.json()["code"] == answer.headers["x-error-code"] == "not_found"
    assert answer.json()["requestId"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("name", ["", "nothing.js", "..%2fsettings.py", "%2e%2e/index.html", "x.br"])
def test_an_asset_that_was_not_built_is_a_404_in_json(client: httpx.Client, name: str) -> None:
    answer = client.get(f"/assets/{name}")

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("path", ["//api/me", "///api/me", "//api/ready", "/./api/me", "/api/./me", "*"])
def test_a_path_that_only_resembles_one_of_ours_is_unknown(open_server: Server, path: str) -> None:
    answer = exchange(open_server, head("GET", path))

    assert answer.status == 404


def test_an_answer_to_head_has_no_body(open_server: Server) -> None:
    answer = exchange(open_server, head("HEAD", "/api/nothing"))

    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST /api/auth/verify HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
        b"POST /api/auth/verify HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/auth/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /api/auth/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /api/auth/verify HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\n",
        b"GET /api/\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/health HTTP/1.1\r\nBad Header\r\n\r\n",
        b"GET /api/health HTTP/1.1\r\nA: b\x00c\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_and_the_server_lives(open_server: Server, request_bytes: bytes) -> None:
    answer = exchange(open_server, request_bytes)

    assert answer.status == 400
    assert exchange(open_server, head("GET", "/api/health")).status == 200


@pytest.mark.parametrize("path", [PHONE, VERIFY])
def test_a_body_that_is_announced_too_large_is_refused_before_it_is_sent(open_server: Server, path: str) -> None:
    request = head("POST", path, Content_Type="application/json", Content_Length="10000000000")

    answer = exchange(open_server, request)

    assert answer.status == 413
    assert answer.headers["x-error-code"] == "body_too_large"
    assert list(answer.json())[-1] == "error"


def test_no_refusal_waits_for_a_body_that_it_does_not_need(open_server: Server, client: httpx.Client) -> None:
    json, little, much = {"Content_Type": "application/json"}, "1000", "10000000000"
    requests = {
        404: head("POST", "/api/nothing", Content_Length=little, **json),
        405: head("PUT", ME, Content_Length=little, **json),
        401: head("PATCH", ME, Content_Length=little, **json),
        413: head("PATCH", ME, Content_Length=much, Authorization=sign_in(client).bearer["Authorization"], **json),
    }

    with ExitStack() as stack:
        wires = [stack.enter_context(connection(open_server)) for _ in requests]
        for wire, request in zip(wires, requests.values(), strict=True):
            wire.send(request)
        answers = [wire.answer() for wire in wires]

    assert [answer.status for answer in answers] == list(requests)


def test_a_client_that_waits_for_a_100_is_told_413_instead(open_server: Server) -> None:
    request = head("POST", PHONE, Content_Type="application/json", Content_Length="99999", Expect="100-continue")

    assert exchange(open_server, request).status == 413


def test_a_client_that_waits_for_a_100_gets_it_and_its_answer(open_server: Server) -> None:
    body = b'{"phoneNumber":"998997961877"}'
    request = head("POST", PHONE, Content_Type="application/json", Content_Length=str(len(body)), Expect="100-continue")

    with connection(open_server) as wire:
        wire.send(request)
        go_on = wire.answer()
        wire.send(body)
        answer = wire.answer()

    assert (go_on.status, answer.status) == (100, 200)


@pytest.mark.parametrize("chunked", [True, False])
def test_an_endless_body_is_refused_early_and_not_kept(open_server: Server, *, chunked: bool) -> None:
    framing = {"Transfer_Encoding": "chunked"} if chunked else {"Content_Length": str(1 << 40)}
    piece = b"%x\r\n%s\r\n" % (len(MEBIBYTE), MEBIBYTE) if chunked else MEBIBYTE
    process = psutil.Process(open_server.pid)

    with connection(open_server) as wire:
        wire.send(head("POST", PHONE, Content_Type="application/json", **framing))
        wire.send(piece[: 1 << 18])
        answer = wire.answer()
        before = process.memory_info().rss
        _pour(wire, piece[1 << 18 :], piece, mebibytes=48)
        grown = process.memory_info().rss - before

    assert answer.status == 413
    assert list(answer.json()) == ["error"]
    assert grown < 8 << 20
    assert exchange(open_server, head("GET", "/api/health")).status == 200


def _pour(wire: Wire, rest: bytes, piece: bytes, *, mebibytes: int) -> None:
    """Go on sending after the answer; the server may hang up."""
    with suppress(OSError):
        wire.send(rest, within_s=2)
        for _ in range(mebibytes):
            wire.send(piece, within_s=2)


def test_a_body_that_the_client_breaks_off_harms_nobody(open_server: Server) -> None:
    with connection(open_server) as wire:
        wire.send(head("POST", PHONE, Content_Type="application/json", Content_Length="100") + b'{"phone')

    assert exchange(open_server, head("GET", "/api/health")).status == 200


def test_a_body_in_many_pieces_is_one_body(open_server: Server) -> None:
    body = b'{"phoneNumber":"998997961877"}'

    with connection(open_server) as wire:
        wire.send(head("POST", PHONE, Content_Type="application/json", Transfer_Encoding="chunked"))
        for byte in body:
            wire.send(b"1\r\n%c\r\n" % byte)
        wire.send(b"0\r\n\r\n")
        answer = wire.answer()

    assert answer.status == 200
    assert list(answer.json()) == ["token", "userId", "expiresIn"]


def test_requests_in_one_packet_are_answered_in_order(open_server: Server) -> None:
    with connection(open_server) as wire:
        wire.send(head("GET", "/api/health") + head("GET", "/api/nothing") + head("GET", "/api/ready"))
        statuses = [wire.answer().status for _ in range(3)]

    assert statuses == [200, 404, 200]
