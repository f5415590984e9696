"""`/api/me` over HTTP."""

from datetime import UTC, datetime
from functools import cache
from typing import Literal
from zoneinfo import available_timezones

import msgspec
from falcon.asgi import Request, Response

from ovqat.account.account import Accounts
from ovqat.auth.bearer import TokenCheck
from ovqat.edge.body import JsonBody
from ovqat.edge.call import Call
from ovqat.errors import FieldInvalid
from ovqat.store import SettingsPatch, User

_BODY_BYTES = 16 * 1024

Language = Literal["uz", "uz-Cyrl", "ru", "en"]
Theme = Literal["light", "dark", "system"]


class MeBody(msgspec.Struct, frozen=True, rename="camel"):
    """A person, as they see themselves."""

    user_id: str
    phone_number: str
    language: str | None
    theme: str
    time_zone: str
    created_at: datetime

    @classmethod
    def of(cls, user: User) -> "MeBody":
        """Give the body for a user."""
        created_at = datetime.fromtimestamp(user.created_at, UTC)
        return cls(user.id, user.phone, user.language, user.theme, user.time_zone, created_at)


class MePatch(msgspec.Struct, frozen=True, rename="camel"):
    """Settings to change; what is left out stays."""

    language: Language | msgspec.UnsetType = msgspec.UNSET
    theme: Theme | msgspec.UnsetType = msgspec.UNSET
    time_zone: str | msgspec.UnsetType = msgspec.UNSET


class Me:
    """`/api/me`: the person whose token is shown."""

    def __init__(self, check: TokenCheck, accounts: Accounts) -> None:
        self._check = check
        self._accounts = accounts
        self._body = JsonBody(MePatch, _BODY_BYTES)

    async def on_get(self, req: Request, resp: Response) -> None:
        """Answer who they are."""
        claims = await self._check.bearer(Call.of(req.scope))
        resp.data = msgspec.json.encode(MeBody.of(await self._accounts.get(claims.user_id)))

    async def on_patch(self, req: Request, resp: Response) -> None:
        """Change settings."""
        call = Call.of(req.scope)
        claims = await self._check.bearer(call)
        wanted = await self._body.read(call)
        if wanted.time_zone is not msgspec.UNSET and wanted.time_zone not in _time_zones():
            sentence = "timeZone must be a name of the IANA time zone database, like Asia/Tashkent"
            raise FieldInvalid(sentence, field="timeZone")
        patch = SettingsPatch(wanted.language or None, wanted.theme or None, wanted.time_zone or None)
        resp.data = msgspec.json.encode(MeBody.of(await self._accounts.change(claims.user_id, patch)))

    async def on_delete(self, req: Request, resp: Response) -> None:
        """Erase them."""
        call = Call.of(req.scope)
        claims = await self._check.bearer(call)
        await self._accounts.erase(call, claims.user_id)
        resp.status = 204


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"Factory", "localtime", "posixrules"})
