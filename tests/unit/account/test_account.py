import asyncio
from pathlib import Path

import pytest

from ovqat.account.account import Accounts
from ovqat.auth.events import EventLog, Kind
from ovqat.auth.phone import Phone
from ovqat.auth.revocations import RevocationList
from ovqat.errors import CredentialRejected, StoreFailure, TokenRevoked
from ovqat.store import NEVER, EventFilter, SettingsPatch, User
from ovqat.store.sqlite import SQLiteStore
from tests.unit.asking import call
from tests.unit.clock import NOW, HandClock
from tests.unit.conftest import Log

USER_ID = "27a2b872-93b4-44ba-8835-75163463e903"
PHONE = "998997961877"


class House:
    """Accounts and what they work with."""

    def __init__(self, store: SQLiteStore, clock: HandClock) -> None:
        self.store = store
        self.events = EventLog(store, clock)
        self.revocations = RevocationList(store)
        self.accounts = Accounts(store, self.revocations, self.events, clock)

    def dead(self, issued_at: int) -> bool:
        try:
            self.revocations.check(USER_ID, issued_at)
        except TokenRevoked:
            return True
        return False

    async def kinds(self) -> list[str]:
        await self.events.flush()
        return [stored.event.kind for stored in await self.store.events(EventFilter())]


@pytest.fixture
async def house(store: SQLiteStore, clock: HandClock) -> House:
    await store.upsert_user(PHONE, make_id=lambda: USER_ID, now=NOW)
    return House(store, clock)


async def person(house: House) -> User:
    user = await house.store.user(USER_ID)
    assert user is not None
    return user


async def test_an_account_is_given_by_the_id_of_its_token(house: House):
    assert (await house.accounts.get(USER_ID)).phone == PHONE


async def test_settings_are_changed_and_kept(house: House):
    changed = await house.accounts.change(USER_ID, SettingsPatch(language="ru"))

    assert changed.language == "ru"
    assert await house.accounts.get(USER_ID) == changed


@pytest.mark.parametrize("who", ["nobody", "erased"])
async def test_the_account_of_a_person_who_is_gone_is_refused_as_a_revoked_token(house: House, who: str):
    if who == "erased":
        await house.accounts.erase(call(), USER_ID)
    user_id = USER_ID if who == "erased" else "nobody"

    with pytest.raises(CredentialRejected) as refused:
        await house.accounts.get(user_id)
    with pytest.raises(CredentialRejected):
        await house.accounts.change(user_id, SettingsPatch(language="ru"))

    assert (refused.value.status, refused.value.code) == (401, "token_revoked")


async def test_after_a_revocation_every_token_until_now_is_dead_and_new_ones_live(house: House, tmp_path: Path):
    await house.accounts.revoke(await person(house))

    assert [house.dead(issued_at) for issued_at in (NOW - 1, NOW, NOW + 1)] == [True, True, False]
    assert (await person(house)).tokens_valid_from == NOW + 1
    other = SQLiteStore(tmp_path / "ovqat.db")
    await other.open()
    assert [entry.user_id for entry in (await other.revocations(after=0)).entries] == [USER_ID]
    await other.close()


async def test_a_revocation_is_recorded_and_logged_with_the_number_masked(house: House, log: Log):
    await house.accounts.revoke(await person(house))
    await house.events.flush()
    await asyncio.sleep(0)

    (stored,) = await house.store.events(EventFilter())
    assert (stored.event.kind, stored.event.user_id, stored.event.phone_masked) == ("revoked", USER_ID, "99899*****77")
    (line,) = log.of("revoked")
    assert line["phone"] == "99899*****77"
    assert PHONE not in log.text


async def test_an_erasure_leaves_nothing_of_the_person(house: House):
    house.events.record(call(), Kind.SIGNED_IN, user_id=USER_ID, phone=Phone(PHONE))
    await house.events.flush()
    house.events.record(call(), Kind.SIGNED_IN, user_id=USER_ID, phone=Phone(PHONE), detail="still in memory")

    await house.accounts.erase(call(), USER_ID)

    assert await house.store.user_by_phone(PHONE) is None
    assert await house.kinds() == ["erased"]
    (erased,) = await house.store.events(EventFilter())
    assert (erased.event.user_id, erased.event.phone_masked) == (None, None)


async def test_after_an_erasure_no_token_lives_and_the_number_begins_anew(house: House):
    await house.accounts.erase(call(), USER_ID)

    again = await house.store.upsert_user(PHONE, make_id=lambda: "another", now=NOW)

    assert house.dead(NOW + (1 << 40))
    assert (again.id, again.created) == ("another", True)
    assert (await house.store.revocations(after=0)).entries[0].tokens_valid_from == NEVER


async def test_an_erasure_that_fails_changes_nothing(house: House):
    await house.store.close()

    with pytest.raises(StoreFailure):
        await house.accounts.erase(call(), USER_ID)

    await house.store.open()
    assert (await person(house)).phone == PHONE
    assert not house.dead(NOW)
    assert await house.kinds() == []


async def test_a_revocation_that_fails_is_not_said_to_be_done(house: House, log: Log):
    user = await person(house)
    await house.store.close()

    with pytest.raises(StoreFailure):
        await house.accounts.revoke(user)

    assert not house.dead(NOW)
    assert log.lines == []
