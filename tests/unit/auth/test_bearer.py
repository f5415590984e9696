from pathlib import Path

import pytest

from ovqat.auth.token import TOKEN_LIFE_S
from ovqat.errors import CredentialRejected, CredentialRequired, TokenRejected, TooManyRequests
from ovqat.store import Revocation
from ovqat.store.sqlite import SQLiteStore
from tests.unit.asking import call
from tests.unit.auth.parts import Parts
from tests.unit.clock import NOW, HandClock

USER_ID = "27a2b872-93b4-44ba-8835-75163463e903"


@pytest.fixture
def parts(store: SQLiteStore, clock: HandClock, tmp_path: Path) -> Parts:
    return Parts(store, clock, tmp_path, failed="3/minute")


@pytest.fixture
def token(parts: Parts) -> str:
    return parts.tokens.issue(USER_ID, "998997961877")


async def test_a_good_token_gives_its_claims_and_is_not_counted(parts: Parts, token: str):
    asked = call()

    claims = await parts.check(asked, token)

    assert claims.user_id == USER_ID
    assert asked.rate_limit == b""
    assert await parts.recorded() == []


async def test_why_a_token_is_refused_is_recorded_and_not_said(parts: Parts, token: str):
    parts.revocations.add(Revocation(USER_ID, NOW + 1))
    said = []

    for wrong, wait in ((f"{token}x", 0), (token, 0), (token, TOKEN_LIFE_S)):
        parts.clock.move(wait)
        with pytest.raises(TokenRejected) as refused:
            await parts.check(call(), wrong)
        said.append(refused.value.sentence)

    events = await parts.recorded()
    assert said == ["Invalid token"] * 3
    assert [event.detail for event in events] == ["token_invalid", "token_revoked", "token_expired"]
    assert {(event.kind, event.address, event.phone_masked) for event in events} == {
        ("verify_failed", "192.0.2.7", None)
    }


async def test_an_address_that_shows_too_many_bad_tokens_is_told_to_wait(parts: Parts, token: str):
    for _ in range(3):
        with pytest.raises(TokenRejected):
            await parts.check(call(), "bad")

    with pytest.raises(TooManyRequests) as refused:
        await parts.check(call(), "bad")

    assert dict(refused.value.headers)[b"retry-after"] == b"60"
    assert [(event.kind, event.detail) for event in await parts.recorded()][-1] == ("limit_hit", "failed")
    assert (await parts.check(call(), token)).user_id == USER_ID


async def test_bad_tokens_of_another_address_are_counted_apart(parts: Parts):
    for _ in range(3):
        with pytest.raises(TokenRejected):
            await parts.check(call(), "bad")

    with pytest.raises(TokenRejected):
        await parts.check(call(address="192.0.2.8"), "bad")


@pytest.mark.parametrize("written", ["Bearer {}", "bearer {}", "BEARER {}", "Bearer  {}", "Bearer {} "])
async def test_a_persons_token_is_read_from_authorization(parts: Parts, token: str, written: str):
    claims = await parts.check.bearer(call(headers={"authorization": written.format(token)}))

    assert claims.user_id == USER_ID


@pytest.mark.parametrize("written", [None, "", "Bearer", "Basic {}", "{}", "Token {}", "Bearer{}", " Bearer {}"])
async def test_without_a_bearer_token_one_is_asked_for(parts: Parts, token: str, written: str | None):
    headers = {} if written is None else {"authorization": written.format(token)}

    with pytest.raises(CredentialRequired) as refused:
        await parts.check.bearer(call(headers=headers))

    assert (refused.value.status, refused.value.code) == (401, "token_required")
    assert dict(refused.value.headers)[b"www-authenticate"] == b"Bearer"
    assert await parts.recorded() == []


@pytest.mark.parametrize("wrong", ["Bearer ", "Bearer x", "Bearer {}x", "Bearer {},{}", "Bearer x {}", "Bearer ключ"])
async def test_a_bearer_token_that_opens_nothing_is_refused(parts: Parts, token: str, wrong: str):
    with pytest.raises(CredentialRejected) as refused:
        await parts.check.bearer(call(headers={"authorization": wrong.format(token, token)}))

    assert (refused.value.status, refused.value.code) == (401, "token_invalid")
    assert dict(refused.value.headers)[b"www-authenticate"] == b'Bearer error="invalid_token"'


async def test_a_host_is_told_when_a_token_is_expired(parts: Parts, token: str):
    parts.clock.move(TOKEN_LIFE_S)

    with pytest.raises(CredentialRejected) as refused:
        await parts.check.bearer(call(headers={"authorization": f"Bearer {token}"}))

    assert refused.value.code == "token_expired"
    assert token not in refused.value.sentence
