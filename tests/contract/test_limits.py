import re
from collections.abc import Generator

import httpx
import pytest

from tests.contract.made_up import PARTNER_KEY, new_number, sign_in
from tests.running import SECRET, eventually, server

PHONE, VERIFY, ME = "/api/auth/phone", "/api/auth/verify", "/api/me"
TRY_AGAIN = r"Too many requests; try again in ([1-9]|[1-5][0-9]|60) s"


@pytest.fixture(scope="module")
def strict() -> Generator[httpx.Client]:
    """A client of a server without keys that allows little, and believes what we say of our address."""
    with (
        server(
            JWT_SECRET=SECRET,
            OVQAT_TRUSTED_PROXIES="127.0.0.1",
            OVQAT_LIMITS_ADDRESS="4/minute",
            OVQAT_LIMITS_NUMBER="2/minute",
            OVQAT_LIMITS_FAILED="2/minute",
        ) as running,
        httpx.Client(base_url=running.url, trust_env=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def keyed() -> Generator[httpx.Client]:
    """A client of a server with a key that allows little to an address and a little more to a key."""
    with (
        server(
            JWT_SECRET=SECRET,
            API_KEY=PARTNER_KEY,
            OVQAT_TRUSTED_PROXIES="127.0.0.1",
            OVQAT_LIMITS_ADDRESS="2/minute",
            OVQAT_LIMITS_KEY="4/minute",
        ) as running,
        httpx.Client(base_url=running.url, trust_env=False) as client,
    ):
        yield client


def phone(client: httpx.Client, address: str, number: str | None = None, **headers: str) -> httpx.Response:
    """Sign a number in, or a new one, from an address."""
    body = {"phoneNumber": number or new_number()}
    return client.post(PHONE, json=body, headers={"X-Forwarded-For": address, **headers})


def verify(client: httpx.Client, address: str, shown: str = "wrong") -> httpx.Response:
    return client.post(VERIFY, json={"token": shown}, headers={"X-Forwarded-For": address})


def statuses(answers: list[httpx.Response]) -> list[int]:
    return [answer.status_code for answer in answers]


def test_an_address_is_told_what_is_left_and_then_to_wait(strict: httpx.Client) -> None:
    answers = [phone(strict, "192.0.2.1") for _ in range(5)]

    assert statuses(answers) == [200, 200, 200, 200, 429]
    left = [re.match(r'"address";r=(\d+);t=(\d+)', answer.headers["ratelimit"]) for answer in answers]
    assert [match and match[1] for match in left] == ["3", "2", "1", "0", "0"]
    assert all(match and 1 <= int(match[2]) <= 60 for match in left)
    assert answers[4].headers["ratelimit-policy"] == '"address";q=4;w=60'
    assert not {"retry-after", "ratelimit-policy"} & set(answers[3].headers)


def test_the_429_of_a_sign_in_holds_one_field_and_says_when_to_come_back(strict: httpx.Client) -> None:
    refused = [phone(strict, "192.0.2.2") for _ in range(5)][-1]

    assert list(refused.json()) == ["error"]
    sentence = re.fullmatch(TRY_AGAIN, refused.json()["error"])
    assert sentence
    assert sentence[1] == refused.headers["retry-after"]
    assert refused.headers["x-error-code"] == "too_many_requests"


def test_one_address_does_not_use_up_anothers_calls(strict: httpx.Client) -> None:
    for _ in range(5):
        phone(strict, "192.0.2.3")

    assert phone(strict, "192.0.2.4").status_code == 200


def test_sign_ins_and_verifications_of_an_address_are_counted_together(strict: httpx.Client) -> None:
    token = sign_in(strict, **{"X-Forwarded-For": "192.0.2.5"}).token

    answers = [verify(strict, "192.0.2.5", token) for _ in range(4)]

    assert statuses(answers) == [200, 200, 200, 429]
    assert list(answers[-1].json()) == ["valid", "error"]
    assert re.fullmatch(TRY_AGAIN, answers[-1].json()["error"])


def test_a_call_that_is_refused_for_its_body_counts_too(strict: httpx.Client) -> None:
    headers = {"X-Forwarded-For": "192.0.2.6", "Content-Type": "application/json"}

    answers = [strict.post(PHONE, content=b"{", headers=headers) for _ in range(5)]

    assert statuses(answers) == [400, 400, 400, 400, 429]


def test_an_address_over_its_limit_is_refused_before_its_body_is_looked_at(strict: httpx.Client) -> None:
    for _ in range(4):
        phone(strict, "192.0.2.7")

    headers = {"X-Forwarded-For": "192.0.2.7", "Content-Type": "text/plain"}
    assert strict.post(PHONE, content=b"x", headers=headers).status_code == 429


def test_a_number_has_its_own_limit_whoever_asks_and_however_it_is_written(strict: httpx.Client) -> None:
    number = new_number()

    answers = [
        phone(strict, "198.51.100.1", number),
        phone(strict, "198.51.100.2", f"+{number}"),
        phone(strict, "198.51.100.3", f"+998 ({number[3:5]}) {number[5:8]}-{number[8:]}"),
    ]

    assert statuses(answers) == [200, 200, 429]
    assert '"number";r=0;t=' in answers[2].headers["ratelimit"]
    assert '"number";q=2;w=60' in answers[2].headers["ratelimit-policy"]
    assert list(answers[2].json()) == ["error"]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60


def test_one_number_does_not_use_up_anothers_calls(strict: httpx.Client) -> None:
    number = new_number()
    for last in range(3):
        phone(strict, f"198.51.100.1{last}", number)

    assert phone(strict, "198.51.100.13").status_code == 200


def test_bad_tokens_of_an_address_have_a_limit_and_good_ones_pass_on(strict: httpx.Client) -> None:
    token = sign_in(strict, **{"X-Forwarded-For": "203.0.113.1"}).token

    answers = [verify(strict, "203.0.113.2") for _ in range(3)]

    assert statuses(answers) == [401, 401, 429]
    assert '"failed";q=2;w=60' in answers[2].headers["ratelimit-policy"]
    assert answers[2].json()["valid"] is False
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60
    assert verify(strict, "203.0.113.2", token).status_code == 200


def test_bad_tokens_shown_as_a_persons_are_counted_with_them(strict: httpx.Client) -> None:
    person = sign_in(strict, **{"X-Forwarded-For": "203.0.113.3"})
    wrong = {"X-Forwarded-For": "203.0.113.4", "Authorization": "Bearer wrong"}

    answers = [verify(strict, "203.0.113.4"), *(strict.get(ME, headers=wrong) for _ in range(2))]

    assert statuses(answers) == [401, 401, 429]
    assert list(answers[2].json()) == ["error", "code", "requestId"]
    assert answers[2].json()["code"] == answers[2].headers["x-error-code"] == "too_many_requests"
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60
    assert strict.get(ME, headers={**wrong, **person.bearer}).status_code == 200


def test_an_ipv6_customer_is_counted_by_their_64(strict: httpx.Client) -> None:
    inside = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::", "[2001:db8:1:2::2]:4711", "2001:DB8:1:2:0:0:0:3"]

    answers = [phone(strict, address) for address in [*inside, "2001:db8:1:2::9"]]

    assert statuses(answers) == [200, 200, 200, 200, 429]
    assert phone(strict, "2001:db8:1:3::1").status_code == 200


def test_an_ipv4_address_in_ipv6_form_is_the_same_address(strict: httpx.Client) -> None:
    written = ["192.0.2.66", "::ffff:192.0.2.66", "192.0.2.66:4711", "::ffff:c000:242"]

    answers = [phone(strict, address) for address in [*written, "192.0.2.66"]]

    assert statuses(answers) == [200, 200, 200, 200, 429]
    assert phone(strict, "::ffff:192.0.2.67").status_code == 200


def test_health_readiness_and_pages_are_never_limited(strict: httpx.Client) -> None:
    headers = {"X-Forwarded-For": "192.0.2.80"}

    for path in ("/api/health", "/api/ready", "/openapi.json"):
        assert statuses([strict.get(path, headers=headers) for _ in range(6)]) == [200] * 6


def test_a_partner_is_counted_by_its_key_and_not_by_its_address(keyed: httpx.Client) -> None:
    key = {"X-API-Key": PARTNER_KEY}

    answers = [phone(keyed, "192.0.2.1", **key) for _ in range(3)]
    answers += [phone(keyed, "192.0.2.2", **key) for _ in range(2)]

    assert statuses(answers) == [200, 200, 200, 200, 429]
    assert re.match(r'"key";r=3;t=(60|5\d)(,|$)', answers[0].headers["ratelimit"])
    assert '"key";q=4;w=60' in answers[4].headers["ratelimit-policy"]
    assert list(answers[4].json()) == ["error"]
    assert 1 <= int(answers[4].headers["retry-after"]) <= 60


def test_who_guesses_keys_is_counted_by_their_address(keyed: httpx.Client) -> None:
    answers = [phone(keyed, "192.0.2.9", **{"X-API-Key": f"guess-{number}"}) for number in range(3)]

    assert statuses(answers) == [401, 401, 429]


def test_a_limit_is_over_when_its_window_is() -> None:
    with (
        server(JWT_SECRET=SECRET, OVQAT_LIMITS_ADDRESS="2/second") as running,
        httpx.Client(base_url=running.url, trust_env=False) as client,
    ):
        refused = eventually(lambda: (answer := client.post(VERIFY)).status_code == 429 and answer)

        assert refused
        assert refused.headers["retry-after"] == "1"
        assert eventually(lambda: client.post(VERIFY).status_code == 400, within_s=3)


def test_without_settings_the_limits_are_those_of_the_contract() -> None:
    with server(JWT_SECRET=SECRET) as running, httpx.Client(base_url=running.url, trust_env=False) as client:
        signed_in, failed = phone(client, "192.0.2.1"), verify(client, "192.0.2.1")

    assert signed_in.headers["ratelimit"] == '"address";r=119;t=60, "number";r=19;t=60'
    assert re.fullmatch(r'"address";r=118;t=(60|59), "failed";r=59;t=60', failed.headers["ratelimit"])


def test_limits_that_are_off_count_nothing() -> None:
    with (
        server(JWT_SECRET=SECRET, OVQAT_LIMITS_DISABLED="1", OVQAT_LIMITS_ADDRESS="1/minute") as running,
        httpx.Client(base_url=running.url, trust_env=False) as client,
    ):
        answers = [phone(client, "192.0.2.1", "998997961877") for _ in range(30)]

    assert statuses(answers) == [200] * 30
    assert "ratelimit" not in answers[0].headers
    assert "ratelimit-policy" not in answers[0].headers


def test_a_forged_address_does_not_evade_a_limit() -> None:
    with (
        server(JWT_SECRET=SECRET, OVQAT_LIMITS_ADDRESS="3/minute") as running,
        httpx.Client(base_url=running.url, trust_env=False) as client,
    ):
        answers = [phone(client, f"192.0.2.{last}", Forwarded=f"for=192.0.2.{last}") for last in range(4)]

    assert statuses(answers) == [200, 200, 200, 429]


def test_a_limit_hit_is_on_record_with_who_and_which() -> None:
    with (
        server(JWT_SECRET=SECRET, OVQAT_LIMITS_NUMBER="1/minute") as running,
        httpx.Client(base_url=running.url, trust_env=False) as client,
    ):
        answers = [phone(client, "192.0.2.1", "998997961877") for _ in range(2)]
        request_id = answers[1].headers["x-request-id"]
        recorded = eventually(
            lambda: running.rows(
                "SELECT kind, detail, phone_masked, address FROM auth_events WHERE request_id = ?", request_id
            )
        )

    assert recorded == [("limit_hit", "number", "99899*****77", "127.0.0.1")]
