import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.contract.made_up import PHONE, USER_ID, WEEK_S, claims, compact, segment, sign_in, signed, token
from tests.contract.made_up import signed_segments as segments

URL = "/api/auth/verify"
REQUIRED = b'{"valid":false,"error":"Token is required"}'
INVALID = b'{"valid":false,"error":"Invalid token"}'
HEADER = b'{"alg":"HS256","typ":"JWT"}'
UNSIGNED = b'{"alg":"none","typ":"JWT"}'
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def verify(client: httpx.Client, shown: Any) -> httpx.Response:
    return client.post(URL, json={"token": shown})


def respelled(last: str) -> str:
    """Give the character that differs from a last one only in bits that base64 throws away."""
    return ALPHABET[ALPHABET.index(last) ^ 1]


def payload_with_spare_bits() -> str:
    """Give a payload whose last character has bits to spare."""
    payload = compact(claims())
    return segment(payload if len(payload) % 3 else payload.replace(b'{"', b'{ "', 1))


def tampered(good: str) -> str:
    """Give a token in whose payload somebody wrote another name."""
    header, payload, signature = good.split(".")
    other = compact(claims(userId="01890a5d-ac96-774b-bcce-b302099a8058"))
    assert segment(other) != payload
    return f"{header}.{segment(other)}.{signature}"


def test_a_good_token_is_valid_and_names_its_user_in_this_order_and_nothing_else(client: httpx.Client) -> None:
    person = sign_in(client)

    answer = verify(client, person.token)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == f'{{"valid":true,"userId":"{person.user_id}"}}'.encode()


def test_a_token_that_pyjwt_makes_with_the_same_secret_is_valid(client: httpx.Client) -> None:
    answer = verify(client, token())

    assert (answer.status_code, answer.json()) == (200, {"valid": True, "userId": USER_ID})


@pytest.mark.parametrize("body", [b"", b"{}", b'{"token":null}', b'{"token":""}', b'{"Token":"x"}'])
def test_without_a_token_the_answer_says_that_one_is_required(client: httpx.Client, body: bytes) -> None:
    answer = client.post(URL, content=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.content) == (400, REQUIRED)
    assert answer.headers["x-error-code"] == "token_required"


def test_without_a_body_a_token_is_required(client: httpx.Client) -> None:
    answer = client.post(URL)

    assert (answer.status_code, answer.content) == (400, REQUIRED)


@pytest.mark.parametrize(("shown", "called"), [(5, "a number"), (True, "a boolean"), ([], "a list"), ({}, "an object")])
def test_a_token_of_a_wrong_json_type_is_refused_by_field_and_type(
    client: httpx.Client, shown: object, called: str
) -> None:
    answer = verify(client, shown)

    assert answer.status_code == 400
    assert answer.json() == {"valid": False, "error": f"token must be a string, not {called}"}


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda good: good[:-1] + respelled(good[-1]), id="non-canonical last character"),
        pytest.param(lambda good: good + "=", id="padding"),
        pytest.param(lambda good: good + " ", id="trailing space"),
        pytest.param(lambda good: good + "\n", id="trailing newline"),
        pytest.param(lambda good: " " + good, id="leading space"),
        pytest.param(lambda good: good + "\x00", id="trailing NUL"),
        pytest.param(lambda good: "Bearer " + good, id="scheme"),
        pytest.param(lambda good: good + ".", id="fourth segment"),
        pytest.param(lambda good: good[:-1], id="cut"),
        pytest.param(lambda good: good[:-43], id="no signature"),
        pytest.param(lambda good: good.rpartition(".")[0], id="two segments"),
        pytest.param(lambda good: good.replace(".", "..", 1), id="empty segment"),
        pytest.param(lambda good: good.swapcase(), id="other case"),
        pytest.param(lambda good: good.replace("-", "+").replace("_", "/") + "+", id="base64 of the other alphabet"),
        pytest.param(tampered, id="forged payload"),
    ],
)
def test_a_good_token_that_was_touched_is_invalid(client: httpx.Client, make: Callable[[str], str]) -> None:
    answer = verify(client, make(sign_in(client).token))

    assert (answer.status_code, answer.content) == (401, INVALID)
    assert answer.headers["x-error-code"] == "token_invalid"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: token("another-secret-of-more-than-32-bytes!"), id="forged"),
        pytest.param(lambda: signed(b'{"alg":"HS384","typ":"JWT"}', compact(claims()), "sha384"), id="HS384"),
        pytest.param(lambda: signed(b'{"alg":"HS512","typ":"JWT"}', compact(claims()), "sha512"), id="HS512"),
        pytest.param(lambda: signed(HEADER, compact(claims()), "sha512"), id="signature of another algorithm"),
        pytest.param(lambda: f"{segment(UNSIGNED)}.{segment(compact(claims()))}.", id="unsigned"),
        pytest.param(lambda: signed(UNSIGNED, compact(claims())), id="no algorithm but a signature"),
        pytest.param(lambda: token(header={"kid": "1"}), id="extra header field"),
        pytest.param(lambda: token(header={"crit": ["b64"], "b64": False}), id="critical header field"),
        pytest.param(lambda: signed(b'{"alg":"HS256"}', compact(claims())), id="no type"),
        pytest.param(lambda: signed(b'{"typ":"JWT","alg":"HS256"}', compact(claims())), id="header in other order"),
        pytest.param(lambda: signed(b'{"alg": "HS256", "typ": "JWT"}', compact(claims())), id="header with spaces"),
        pytest.param(lambda: token(userId=None), id="no user"),
        pytest.param(lambda: token(phoneNumber=None), id="no number"),
        pytest.param(lambda: token(iat=None), id="no time of issue"),
        pytest.param(lambda: token(exp=None), id="no expiry"),
        pytest.param(lambda: signed(HEADER, compact(claims(userId=5))), id="user of another type"),
        pytest.param(lambda: signed(HEADER, compact(claims(userId="../../etc/passwd"))), id="user that is no id"),
        pytest.param(lambda: signed(HEADER, compact(claims(phoneNumber=998997961877))), id="number of another type"),
        pytest.param(lambda: signed(HEADER, compact(claims(iat=str(int(time.time()))))), id="issue as text"),
        pytest.param(lambda: signed(HEADER, compact(claims(exp=time.time() + 60))), id="expiry with a fraction"),
        pytest.param(lambda: signed(HEADER, compact(claims(exp=True))), id="expiry of another type"),
        pytest.param(lambda: signed(HEADER, compact(claims(exp=10**30))), id="expiry beyond all integers"),
        pytest.param(lambda: token(admin=True), id="extra claim"),
        pytest.param(lambda: token(exp=int(time.time()) + 2 * WEEK_S), id="longer life than we give"),
        pytest.param(lambda: token(iat=int(time.time()) + 90), id="issued in the future"),
        pytest.param(lambda: signed(HEADER, b"[]"), id="payload that is no object"),
        pytest.param(lambda: signed(HEADER, b""), id="empty payload"),
        pytest.param(lambda: signed(HEADER, b"\xff\xfe"), id="payload that is not UTF-8"),
        pytest.param(lambda: signed(HEADER, b"[" * 300), id="nested payload"),
        pytest.param(
            lambda: segments(segment(HEADER), segment(compact(claims())) + "="), id="payload padded under the signature"
        ),
        pytest.param(
            lambda: segments(segment(HEADER), (payload := payload_with_spare_bits())[:-1] + respelled(payload[-1])),
            id="payload with a non-canonical last character under the signature",
        ),
        pytest.param(lambda: "x", id="a letter"),
        pytest.param(lambda: "..", id="dots"),
        pytest.param(lambda: " ", id="blank"),
        pytest.param(lambda: "токен.в.кириллице", id="not ASCII"),
        pytest.param(lambda: "A" * 9_216, id="9 kB of letters"),
        pytest.param(lambda: "." * 9_216, id="9 kB of dots"),
        pytest.param(lambda: PHONE, id="a phone number"),
    ],
)
def test_every_other_token_is_invalid(client: httpx.Client, make: Callable[[], str]) -> None:
    answer = verify(client, make())

    assert (answer.status_code, answer.content) == (401, INVALID)
    assert answer.headers["x-error-code"] == "token_invalid"


def test_a_token_is_expired_at_its_expiry_already(client: httpx.Client) -> None:
    now = int(time.time())

    answer = verify(client, token(iat=now - WEEK_S, exp=now))

    assert (answer.status_code, answer.content) == (401, INVALID)
    assert answer.headers["x-error-code"] == "token_expired"


def test_a_token_is_good_until_its_expiry(client: httpx.Client) -> None:
    now = int(time.time())

    answer = verify(client, token(iat=now - WEEK_S + 30, exp=now + 30))

    assert answer.status_code == 200


def test_a_token_of_a_clock_that_is_less_than_a_minute_ahead_is_valid(client: httpx.Client) -> None:
    now = int(time.time())

    answer = verify(client, token(iat=now + 50, exp=now + 50 + WEEK_S))

    assert answer.status_code == 200


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'{"token":"\xff"}', b"[" * 10_000])
def test_a_body_that_is_no_json_object_is_refused(client: httpx.Client, body: bytes) -> None:
    answer = client.post(URL, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert list(answer.json()) == ["valid", "error"]
    assert answer.json()["valid"] is False


def test_a_body_that_is_not_json_by_its_content_type_is_refused(client: httpx.Client) -> None:
    answer = client.post(URL, content=b'{"token":"x"}', headers={"Content-Type": "text/plain"})

    assert answer.status_code == 415
    assert re.fullmatch(rb'\{"valid":false,"error":"[^"]+"\}', answer.content)


def test_a_body_over_16_kib_is_refused(client: httpx.Client) -> None:
    answer = verify(client, "A" * 16 * 1024)

    assert answer.status_code == 413
    assert re.fullmatch(rb'\{"valid":false,"error":"[^"]+"\}', answer.content)


def test_verifying_needs_no_key_where_signing_in_does(stranger: httpx.Client, partner: httpx.Client) -> None:
    person = sign_in(partner)

    answer = verify(stranger, person.token)

    assert (answer.status_code, answer.json()) == (200, {"valid": True, "userId": person.user_id})
