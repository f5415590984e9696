import asyncio
import uuid
from pathlib import Path

import pytest

from ovqat.auth.partners import Partner
from ovqat.auth.phone import Phone
from ovqat.auth.sign_in import Session
from ovqat.errors import StoreFailure
from ovqat.store import AuthEvent, Revocation
from ovqat.store.sqlite import SQLiteStore
from tests.unit.asking import call
from tests.unit.auth.parts import Parts
from tests.unit.clock import NOW, HandClock

PHONE = Phone("998997961877")


@pytest.fixture
def parts(store: SQLiteStore, clock: HandClock, tmp_path: Path) -> Parts:
    return Parts(store, clock, tmp_path)


async def test_a_first_sign_in_makes_the_user_and_a_good_token(parts: Parts):
    session = await parts.sign_in(call(), PHONE, None)

    user = await parts.store.user_by_phone(PHONE.digits)
    claims = parts.tokens.verify(session.token)
    assert user is not None
    assert (user.id, user.created_at) == (session.user_id, NOW)
    assert (claims.user_id, claims.phone_number, claims.iat) == (user.id, PHONE.digits, NOW)
    assert session.expires_in == 604_800


async def test_a_user_id_is_a_uuid_of_version_seven_with_the_time_of_the_first_sign_in(parts: Parts):
    session = await parts.sign_in(call(), PHONE, None)

    user_id = uuid.UUID(session.user_id)
    assert (user_id.version, user_id.int >> 80) == (7, NOW * 1000)


async def test_a_later_sign_in_finds_the_user_and_issues_a_new_token(parts: Parts):
    first = await parts.sign_in(call(), PHONE, None)
    parts.clock.move(100)

    second = await parts.sign_in(call(), PHONE, None)

    assert second.user_id == first.user_id
    assert parts.tokens.verify(second.token).iat == NOW + 100


async def test_fifty_first_sign_ins_make_one_user(parts: Parts):
    sessions = await asyncio.gather(*(parts.sign_in(call(), PHONE, None) for _ in range(50)))

    assert len({session.user_id for session in sessions}) == 1
    created = [event for event in await parts.recorded() if event.detail == "created"]
    assert len(created) == 1


async def test_two_numbers_are_two_users(parts: Parts):
    one = await parts.sign_in(call(), PHONE, None)
    two = await parts.sign_in(call(), Phone("998997961878"), None)

    assert one.user_id != two.user_id


async def test_sign_ins_are_recorded_with_the_partner_and_whether_the_user_is_new(parts: Parts):
    partner = Partner.with_key("bank", b"a-made-up-key")

    session = await parts.sign_in(call(), PHONE, partner)
    await parts.sign_in(call(), PHONE, None)

    where = {"address": "192.0.2.7", "request_id": "request-1"}
    assert await parts.recorded() == [
        AuthEvent(NOW * 1000, "signed_in", session.user_id, "99899*****77", partner="bank", detail="created", **where),
        AuthEvent(NOW * 1000, "signed_in", session.user_id, "99899*****77", **where),
    ]


async def test_a_token_of_the_second_in_which_all_were_revoked_is_good(parts: Parts):
    first = await parts.sign_in(call(), PHONE, None)
    revocation = Revocation(first.user_id, NOW + 1)
    await parts.store.revoke(revocation, now=NOW)
    parts.revocations.add(revocation)

    second = await parts.sign_in(call(), PHONE, None)

    claims = parts.tokens.verify(second.token)
    parts.revocations.check(claims.user_id, claims.iat)
    assert claims.iat == NOW + 1


async def test_nothing_is_recorded_when_the_store_fails(parts: Parts):
    await parts.store.close()

    with pytest.raises(StoreFailure):
        await parts.sign_in(call(), PHONE, None)

    await parts.store.open()
    assert await parts.recorded() == []


def test_a_session_says_seven_days():
    assert Session("token", "user").expires_in == 604_800
