import httpx
import pytest

from tests.contract.made_up import PARTNER_KEY, new_number
from tests.contract.wire import connection, exchange, head
from tests.running import Server, eventually

URL = "/api/auth/phone"
INVALID = b'{"error":"Invalid API key"}'
OVER_HTTPS = {"X_Forwarded_Proto": "https"}


def test_the_right_key_opens(partner: httpx.Client) -> None:
    answer = partner.post(URL, json={"phoneNumber": new_number()})

    assert answer.status_code == 200
    assert list(answer.json()) == ["token", "userId", "expiresIn"]


@pytest.mark.parametrize(
    "key",
    [
        None,
        "",
        "your-api-key",
        PARTNER_KEY[:-1],
        PARTNER_KEY + "x",
        PARTNER_KEY.upper(),
        f'"{PARTNER_KEY}"',
        f"Bearer {PARTNER_KEY}",
        f"{PARTNER_KEY},{PARTNER_KEY}",
        "x" * 8_000,
    ],
)
def test_no_key_or_a_wrong_one_is_refused(stranger: httpx.Client, key: str | None) -> None:
    headers = {} if key is None else {"X-API-Key": key}

    answer = stranger.post(URL, json={"phoneNumber": new_number()}, headers=headers)

    assert (answer.status_code, answer.content) == (401, INVALID)
    assert answer.headers["x-error-code"] == "api_key_invalid"


def test_a_key_that_is_not_ascii_is_refused(production_server: Server) -> None:
    answer = exchange(production_server, head("POST", URL, X_API_Key="ключ".encode().decode("latin-1"), **OVER_HTTPS))

    assert (answer.status, answer.body) == (401, INVALID)


def test_the_right_key_in_a_wrong_place_is_refused(stranger: httpx.Client) -> None:
    body = {"phoneNumber": new_number(), "apiKey": PARTNER_KEY}

    answers = [
        stranger.post(URL, json=body, headers={"Authorization": f"Bearer {PARTNER_KEY}"}),
        stranger.post(f"{URL}?X-API-Key={PARTNER_KEY}&api_key={PARTNER_KEY}", json=body),
        stranger.post(URL, json=body, headers={"Cookie": f"X-API-Key={PARTNER_KEY}"}),
    ]

    assert [answer.content for answer in answers] == [INVALID] * 3


@pytest.mark.parametrize("key", [None, "a-wrong-key"])
def test_the_key_is_checked_before_the_body_is_read(production_server: Server, key: str | None) -> None:
    keys = {} if key is None else {"X_API_Key": key}
    request = head("POST", URL, Content_Type="application/json", Content_Length="1000", **OVER_HTTPS, **keys)

    answer = exchange(production_server, request)

    assert (answer.status, answer.body) == (401, INVALID)


def test_a_client_without_a_key_that_waits_for_a_100_is_told_401_instead(production_server: Server) -> None:
    request = head("POST", URL, Content_Length="1000", Expect="100-continue", **OVER_HTTPS)

    assert exchange(production_server, request).status == 401


def test_a_body_is_waited_for_once_the_key_is_right(production_server: Server) -> None:
    body = f'{{"phoneNumber":"{new_number()}"}}'.encode()
    request = head(
        "POST", URL, Content_Type="application/json", Content_Length=str(len(body)), X_API_Key=PARTNER_KEY, **OVER_HTTPS
    )

    with connection(production_server) as wire:
        wire.send(request)
        wire.send(body)
        answer = wire.answer()

    assert answer.status == 200


@pytest.mark.parametrize(
    ("content", "content_type"),
    [(b"{", "application/json"), (b"{}", "application/json"), (b"x", "text/plain"), (b"x" * 20_000, "text/plain")],
)
def test_whatever_is_wrong_with_the_body_the_key_comes_first(
    stranger: httpx.Client, content: bytes, content_type: str
) -> None:
    answer = stranger.post(URL, content=content, headers={"Content-Type": content_type})

    assert (answer.status_code, answer.content) == (401, INVALID)


def test_nobody_is_made_without_a_key(production_server: Server, stranger: httpx.Client) -> None:
    phone = new_number()

    stranger.post(URL, json={"phoneNumber": phone})

    assert production_server.rows("SELECT 1 FROM users WHERE phone = ?", phone) == []


def test_a_sign_in_is_on_record_as_the_partners(production_server: Server, partner: httpx.Client) -> None:
    answer = partner.post(URL, json={"phoneNumber": new_number()})

    request_id = answer.headers["x-request-id"]
    recorded = eventually(
        lambda: production_server.rows("SELECT kind, partner FROM auth_events WHERE request_id = ?", request_id)
    )
    assert recorded == [("signed_in", "default")]


def test_a_persons_own_calls_need_no_key(stranger: httpx.Client, partner: httpx.Client) -> None:
    token = partner.post(URL, json={"phoneNumber": new_number()}).json()["token"]

    answer = stranger.get("/api/me", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 200
