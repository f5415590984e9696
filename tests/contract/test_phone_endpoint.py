import json
import re
import time
import uuid

import httpx
import jwt
import pytest

from tests.contract.made_up import WEEK_S, new_number, sign_in
from tests.running import SECRET, Server

URL = "/api/auth/phone"
JSON = {"Content-Type": "application/json"}
REQUIRED = b'{"error":"Phone number is required"}'
INVALID = b'{"error":"Invalid phone number"}'


def send(client: httpx.Client, body: bytes, content_type: str = "application/json") -> httpx.Response:
    return client.post(URL, content=body, headers={"Content-Type": content_type})


def test_a_sign_in_answers_token_user_id_and_life_in_this_order_and_nothing_else(client: httpx.Client) -> None:
    answer = client.post(URL, json={"phoneNumber": "998997961877"})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert re.fullmatch(
        rb'\{"token":"[\w-]+\.[\w-]+\.[\w-]{43}","userId":"[0-9a-f-]{36}","expiresIn":604800\}', answer.content
    )


def test_the_token_says_exactly_who_and_for_how_long(client: httpx.Client) -> None:
    before = int(time.time())
    session = client.post(URL, json={"phoneNumber": "998997961877"}).json()

    header, claims = jwt.get_unverified_header(session["token"]), jwt.decode(session["token"], SECRET, ["HS256"])
    assert header == {"alg": "HS256", "typ": "JWT"}
    assert session["token"].startswith("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.")
    assert list(claims) == ["userId", "phoneNumber", "iat", "exp"]
    assert claims["userId"] == session["userId"]
    assert claims["phoneNumber"] == "998997961877"
    assert before <= claims["iat"] <= time.time()
    assert claims["exp"] - claims["iat"] == WEEK_S


def test_a_user_id_is_a_uuid_of_version_seven_of_the_time_of_the_first_sign_in(client: httpx.Client) -> None:
    before_ms = int(time.time() * 1000)
    user_id = uuid.UUID(sign_in(client).user_id)

    assert user_id.version == 7
    assert before_ms <= user_id.int >> 80 <= time.time() * 1000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"phoneNumber":null}',
        b'{"phoneNumber":""}',
        b'{"phoneNumber":" "}',
        b'{"phoneNumber":"\\t\\r\\n"}',
        b'{"phoneNumber":"\\u00a0\\u2003"}',
        b'{"phonenumber":"998997961877"}',
        b'{"phone_number":"998997961877"}',
        b'{"token":"998997961877"}',
    ],
)
def test_without_a_number_the_answer_says_that_one_is_required(client: httpx.Client, body: bytes) -> None:
    answer = send(client, body)

    assert (answer.status_code, answer.content) == (400, REQUIRED)
    assert answer.headers["x-error-code"] == "phone_required"


def test_without_a_body_or_a_content_type_a_number_is_required(client: httpx.Client) -> None:
    answer = client.post(URL)

    assert "content-type" not in answer.request.headers
    assert (answer.status_code, answer.content) == (400, REQUIRED)


@pytest.mark.parametrize(
    ("value", "called"),
    [
        ("998997961877", "a number"),
        ("-1", "a number"),
        ("99899796187.7", "a number"),
        ("true", "a boolean"),
        ("false", "a boolean"),
        ('["998997961877"]', "a list"),
        ("[]", "a list"),
        ('{"value":"998997961877"}', "an object"),
    ],
)
def test_a_number_of_a_wrong_json_type_is_refused_by_field_and_type(
    client: httpx.Client, value: str, called: str
) -> None:
    answer = send(client, f'{{"phoneNumber":{value}}}'.encode())

    assert answer.status_code == 400
    assert answer.json() == {"error": f"phoneNumber must be a string, not {called}"}
    assert answer.headers["x-error-code"] == "field_invalid"


@pytest.mark.parametrize(
    "written",
    [
        "+998 99 796-18-77",
        "998997961877",
        "+998997961877",
        "997961877",
        "99 796 18 77",
        "(99) 796-18-77",
        "998 (99) 796-18-77",
        "+998(99)7961877",
        "  998997961877  ",
        "998\u00a099\u00a0796\u201118\u201177",
    ],
)
def test_one_person_is_found_however_their_number_is_written(client: httpx.Client, written: str) -> None:
    known = sign_in(client, "998997961877")

    found = sign_in(client, written)

    assert found.user_id == known.user_id
    assert jwt.decode(found.token, SECRET, ["HS256"])["phoneNumber"] == "998997961877"


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("+7 701 000-00-01", "77010000001"),
        ("77010000001", "77010000001"),
        ("+44 20 7946 0018", "442079460018"),
        ("+1 (202) 555-0123", "12025550123"),
    ],
)
def test_a_number_of_another_country_is_taken_in_international_form(
    client: httpx.Client, written: str, digits: str
) -> None:
    person = sign_in(client, written)

    assert jwt.decode(person.token, SECRET, ["HS256"])["phoneNumber"] == digits


@pytest.mark.parametrize(
    "written",
    [
        "0",
        "+",
        "12345",
        "99899796187",
        "9989979618777",
        "998000000000",
        "not a number",
        "99899796187a",
        "998997961877 ext. 5",
        "998997961877;phone-context=+1",
        "tel:998997961877",
        "998997961877\u0000",
        "\u0000",
        "998997961877\n998901234567,",
        "9989979618७७",
        "\uff19\uff19\uff18\uff19\uff19\uff17\uff19\uff16\uff11\uff18\uff17\uff17",
        "998997961877'--",
        "😀",
        "9" * 10_240,
        "+" + "9" * 10_240,
        " " * 10_240 + "998997961877",
        "-" * 10_240,
    ],
)
def test_what_no_telephone_could_have_is_refused(client: httpx.Client, written: str) -> None:
    answer = client.post(URL, json={"phoneNumber": written})

    assert (answer.status_code, answer.content) == (400, INVALID)
    assert answer.headers["x-error-code"] == "phone_invalid"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"phoneNumber":}',
        b'{"phoneNumber":"998997961877"',
        b'{"phoneNumber":"998997961877"}}',
        b'{"phoneNumber":"998997961877"}{"phoneNumber":"998997961877"}',
        b"{'phoneNumber':'998997961877'}",
        b'{"phoneNumber":"998997961877",}',
        b'{"phoneNumber":NaN}',
        b"phoneNumber=998997961877",
        b" ",
        b'{"phoneNumber":"\xff"}',
        b'{"phoneNumber":"\xed\xa0\x80"}',
        b'{"phoneNumber":"\\ud800"}',
        b'{"phoneNumber":"998997961877\n"}',
        '{"phoneNumber":"998997961877"}'.encode("utf-16"),
        b'\xef\xbb\xbf{"phoneNumber":"998997961877"}',
        b"\x00",
        b"[" * 10_000,
        b'{"a":' * 3_000,
        b'{"other":' + b"[" * 8_000 + b"]" * 8_000 + b"}",
        b"[]",
        b'["998997961877"]',
        b'"998997961877"',
        b"998997961877",
        b"true",
        b"null",
    ],
)
def test_a_body_that_is_no_json_object_is_refused(client: httpx.Client, body: bytes) -> None:
    answer = send(client, body)

    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert answer.headers["x-error-code"] == "body_malformed"


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/octet-stream",
        "json",
        "*/*",
        "",
    ],
)
def test_a_body_that_is_not_json_by_its_content_type_is_refused(client: httpx.Client, content_type: str) -> None:
    answer = send(client, b'{"phoneNumber":"998997961877"}', content_type)

    assert answer.status_code == 415
    assert list(answer.json()) == ["error"]
    assert answer.headers["x-error-code"] == "body_not_json"


def test_a_body_without_a_content_type_is_refused(client: httpx.Client) -> None:
    answer = client.post(URL, content=b'{"phoneNumber":"998997961877"}')

    assert answer.status_code == 415


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"]
)
def test_json_is_known_by_every_spelling_of_its_content_type(client: httpx.Client, content_type: str) -> None:
    answer = send(client, b'{"phoneNumber":"998997961877"}', content_type)

    assert answer.status_code == 200


def test_a_body_of_16_kib_is_read_and_one_byte_more_is_not(client: httpx.Client) -> None:
    body = b'{"phoneNumber":"998997961877"}'.ljust(16 * 1024)

    assert send(client, body).status_code == 200
    too_large = send(client, body + b" ")
    assert too_large.status_code == 413
    assert list(too_large.json()) == ["error"]
    assert too_large.headers["x-error-code"] == "body_too_large"


def test_fields_that_nobody_asked_for_are_ignored(client: httpx.Client) -> None:
    phone = new_number()

    answer = client.post(URL, json={"extra": [1, {"a": None}], "phoneNumber": phone, "token": 5})

    assert answer.status_code == 200


def test_the_last_of_two_numbers_in_one_body_does_not_make_two_people(client: httpx.Client) -> None:
    first, second = new_number(), new_number()

    answer = send(client, f'{{"phoneNumber":"{first}","phoneNumber":"{second}"}}'.encode())

    assert jwt.decode(answer.json()["token"], SECRET, ["HS256"])["phoneNumber"] == second


def test_a_key_is_no_obstacle_where_none_is_configured(client: httpx.Client) -> None:
    answer = client.post(URL, json={"phoneNumber": "998997961877"}, headers={"X-API-Key": "your-api-key"})

    assert answer.status_code == 200


def test_the_example_of_the_specification_works_as_it_is_written(open_server: Server) -> None:
    answer = httpx.post(
        f"{open_server.url}/api/auth/phone",
        headers=JSON,
        content=json.dumps({"phoneNumber": "998997961877"}, indent=2),
        trust_env=False,
    )

    assert answer.status_code == 200
    assert list(answer.json()) == ["token", "userId", "expiresIn"]
