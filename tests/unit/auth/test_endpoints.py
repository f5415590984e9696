import json
from pathlib import Path

import pytest

from ovqat.auth.endpoints import AUTH_BODY_BYTES, contract_error, health, verify_error
from ovqat.edge.call import Call
from ovqat.errors import (
    ApiKeyInvalid,
    BodyTooLarge,
    FieldInvalid,
    PhoneInvalid,
    PhoneRequired,
    StoreFailure,
    TokenRejected,
    TokenRequired,
    TooManyRequests,
)
from ovqat.store.sqlite import SQLiteStore
from tests.unit.asking import JSON_TYPE, Wire, call
from tests.unit.auth.parts import KEY, Parts
from tests.unit.clock import HandClock

PHONE = "998997961877"


def asking(body: object, *, key: str | None = None, address: str = "192.0.2.7") -> Call:
    headers = {**JSON_TYPE, **({"x-api-key": key} if key is not None else {})}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return call(headers=headers, receive=Wire(content), address=address)


@pytest.fixture
def parts(store: SQLiteStore, clock: HandClock, tmp_path: Path) -> Parts:
    return Parts(store, clock, tmp_path)


@pytest.fixture
def guarded(store: SQLiteStore, clock: HandClock, tmp_path: Path) -> Parts:
    return Parts(store, clock, tmp_path, partner_key=KEY, address="3/minute")


class TestPhone:
    async def test_a_number_gives_a_session_in_the_order_of_the_specification(self, parts: Parts):
        answer = json.loads(await parts.phone(asking({"phoneNumber": PHONE})))

        assert list(answer) == ["token", "userId", "expiresIn"]
        assert answer["expiresIn"] == 604_800
        assert parts.tokens.verify(answer["token"]).user_id == answer["userId"]

    async def test_every_writing_of_a_number_is_one_user(self, parts: Parts):
        writings = ["998997961877", "+998 99 796-18-77", "997961877"]

        ids = {json.loads(await parts.phone(asking({"phoneNumber": written})))["userId"] for written in writings}

        assert len(ids) == 1

    async def test_fields_that_are_not_known_are_ignored(self, parts: Parts):
        answer = await parts.phone(asking({"phoneNumber": PHONE, "phone_number": 1, "more": {"deep": [1, None]}}))

        assert b"token" in answer

    @pytest.mark.parametrize(
        "body", [b"", {}, {"phoneNumber": None}, {"phoneNumber": ""}, {"phoneNumber": " \t"}, {"phone_number": PHONE}]
    )
    async def test_without_a_number_it_is_asked_for(self, parts: Parts, body: object):
        with pytest.raises(PhoneRequired):
            await parts.phone(asking(body))

    async def test_what_is_no_number_is_refused(self, parts: Parts):
        with pytest.raises(PhoneInvalid):
            await parts.phone(asking({"phoneNumber": "12345"}))

    async def test_a_body_over_sixteen_kibibytes_is_refused(self, parts: Parts):
        fits = json.dumps({"phoneNumber": PHONE}).encode().ljust(16_384)

        assert b"token" in await parts.phone(asking(fits))
        with pytest.raises(BodyTooLarge):
            await parts.phone(asking(fits + b" "))
        assert AUTH_BODY_BYTES == 16_384

    async def test_one_number_may_sign_in_twenty_times_a_minute(self, parts: Parts):
        for address in range(20):
            await parts.phone(asking({"phoneNumber": PHONE}, address=f"192.0.2.{address}"))

        with pytest.raises(TooManyRequests):
            await parts.phone(asking({"phoneNumber": f"+{PHONE}"}, address="192.0.2.99"))

        last = (await parts.recorded())[-1]
        assert (last.kind, last.detail, last.phone_masked) == ("limit_hit", "number", "99899*****77")
        assert b"token" in await parts.phone(asking({"phoneNumber": "998997961878"}))
        parts.clock.move(60)
        assert b"token" in await parts.phone(asking({"phoneNumber": PHONE}))

    async def test_one_address_may_call_a_hundred_and_twenty_times_a_minute(self, parts: Parts):
        for _ in range(120):
            with pytest.raises(PhoneRequired):
                await parts.phone(asking({}))

        with pytest.raises(TooManyRequests):
            await parts.phone(asking({"phoneNumber": PHONE}))

        last = (await parts.recorded())[-1]
        assert (last.kind, last.detail, last.address) == ("limit_hit", "address", "192.0.2.7")

    async def test_a_store_that_fails_is_said_so(self, parts: Parts):
        await parts.store.close()

        with pytest.raises(StoreFailure):
            await parts.phone(asking({"phoneNumber": PHONE}))


class TestKey:
    async def test_a_partner_with_its_key_signs_people_in(self, guarded: Parts):
        answer = await guarded.phone(asking({"phoneNumber": PHONE}, key=KEY))

        assert b"token" in answer
        assert (await guarded.recorded())[-1].partner == "default"

    @pytest.mark.parametrize("key", [None, "", "wrong", KEY[:-1], f"{KEY} ", KEY.upper()])
    async def test_without_the_key_nothing_of_the_body_is_read(self, guarded: Parts, key: str | None):
        wire = Wire(json.dumps({"phoneNumber": PHONE}).encode())
        headers = {**JSON_TYPE, **({} if key is None else {"x-api-key": key})}

        with pytest.raises(ApiKeyInvalid) as refused:
            await guarded.phone(call(headers=headers, receive=wire))

        assert wire.pulled == 0
        assert json.loads(contract_error(refused.value)) == {"error": "Invalid API key"}
        assert [event.kind for event in await guarded.recorded()] == ["key_refused"]

    async def test_a_key_that_is_not_needed_does_no_harm(self, parts: Parts):
        answer = await parts.phone(asking({"phoneNumber": PHONE}, key="anything"))

        assert b"token" in answer

    async def test_a_partners_calls_are_not_counted_by_address(self, guarded: Parts):
        for number in range(5):
            await guarded.phone(asking({"phoneNumber": f"99899796187{number}"}, key=KEY))

        assert {event.kind for event in await guarded.recorded()} == {"signed_in"}

    async def test_wrong_keys_are_counted_by_address(self, guarded: Parts):
        for _ in range(3):
            with pytest.raises(ApiKeyInvalid):
                await guarded.phone(asking({"phoneNumber": PHONE}, key="wrong"))

        with pytest.raises(TooManyRequests):
            await guarded.phone(asking({"phoneNumber": PHONE}, key="wrong"))

    async def test_a_key_has_a_limit_of_its_own(self, store: SQLiteStore, clock: HandClock, tmp_path: Path):
        parts = Parts(store, clock, tmp_path, partner_key=KEY, key="3/minute")
        for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
            await parts.phone(asking({"phoneNumber": PHONE}, key=KEY, address=address))

        with pytest.raises(TooManyRequests):
            await parts.phone(asking({"phoneNumber": PHONE}, key=KEY, address="192.0.2.4"))

        last = (await parts.recorded())[-1]
        assert (last.kind, last.detail, last.partner) == ("limit_hit", "key", "default")


class TestVerify:
    async def test_a_good_token_says_whose_it_is(self, parts: Parts):
        session = json.loads(await parts.phone(asking({"phoneNumber": PHONE})))

        answer = await parts.verify(asking({"token": session["token"]}))

        assert json.loads(answer) == {"valid": True, "userId": session["userId"]}
        assert list(json.loads(answer)) == ["valid", "userId"]

    async def test_verify_needs_no_key(self, guarded: Parts):
        with pytest.raises(TokenRejected):
            await guarded.verify(asking({"token": "x"}))

    @pytest.mark.parametrize("body", [b"", {}, {"token": None}, {"token": ""}, {"Token": "x"}])
    async def test_without_a_token_it_is_asked_for(self, parts: Parts, body: object):
        with pytest.raises(TokenRequired) as refused:
            await parts.verify(asking(body))

        assert json.loads(verify_error(refused.value)) == {"valid": False, "error": "Token is required"}

    @pytest.mark.parametrize("token", [" ", "x", "a.b.c", "x" * 9000, "\0", "ключ"])
    async def test_a_wrong_token_is_invalid(self, parts: Parts, token: str):
        with pytest.raises(TokenRejected) as refused:
            await parts.verify(asking({"token": token}))

        assert json.loads(verify_error(refused.value)) == {"valid": False, "error": "Invalid token"}

    @pytest.mark.parametrize("token", [1, True, [], {}])
    async def test_a_token_of_another_type_is_named(self, parts: Parts, token: object):
        with pytest.raises(FieldInvalid, match="token must be a string"):
            await parts.verify(asking({"token": token}))

    async def test_verifying_needs_no_store(self, parts: Parts):
        token = parts.tokens.issue("27a2b872-93b4-44ba-8835-75163463e903", PHONE)
        await parts.store.close()

        assert b"true" in await parts.verify(asking({"token": token}))


async def test_health_is_what_the_specification_shows():
    assert await health(call("GET", "/api/health")) == b'{"status":"ok"}'


def test_the_error_bodies_have_exactly_the_fields_of_the_specification():
    assert contract_error(StoreFailure()) == b'{"error":"Database error"}'
    assert verify_error(StoreFailure()) == b'{"valid":false,"error":"Database error"}'
