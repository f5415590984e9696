"""The `ovqat` command: everything that an operator does without HTTP."""

import asyncio
import os
import re
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.prompt import Confirm

from ovqat import __version__
from ovqat.application import Backend, build_backend
from ovqat.auth.events import Kind
from ovqat.auth.phone import Phone
from ovqat.doctor import examine
from ovqat.edge.log import configure_log
from ovqat.errors import PhoneInvalid, PhoneRequired, StoreFailure
from ovqat.server import serve as run_server
from ovqat.settings import Settings, SettingsError, explain
from ovqat.store import AuthEvent, EventFilter, User

_POLL_S = 0.5
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

out = Console(highlight=False, soft_wrap=True, markup=False)
err = Console(highlight=False, soft_wrap=True, markup=False, stderr=True)

app = App(name="ovqat", version=__version__, help="Ovqat AI: an AI food diary that opens inside other companies' apps.")
user = App(name="user", help="Look at, sign out or erase one person.")
app.command(user)


PhoneNumber = Annotated[str, Parameter(help="Their number, written in any way that the API takes.")]


class UsageError(Exception):
    """The command cannot be done as it was given; its message says what to do."""


def main() -> None:
    """Run the command line; a failure is a sentence and exit code 1."""
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115 started with its output closed; open as long as the process
    try:
        app()
    except (SettingsError, UsageError) as error:
        err.print(str(error))
        sys.exit(1)
    except StoreFailure as failure:
        err.print(f"The store failed ({failure.__cause__}); `ovqat doctor` says what it looks like.")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


@app.command
def serve() -> None:
    """Serve the API and the mini-app."""
    run_server(Settings.from_environment())


@app.command
async def doctor() -> None:
    """Print each setting, where it came from, and whether what it points at works."""
    settings = Settings.from_environment()
    for setting in explain(settings):
        out.print(f"{setting.name:<24} {setting.shown}  ({setting.source})")
    findings = await examine(settings, build_backend(settings).store)
    out.print()
    for finding in findings:
        out.print(f"{'ok  ' if finding.good else 'FAIL'} {finding.sentence}")
    if not all(finding.good for finding in findings):
        sys.exit(1)


@user.command
async def show(phone: PhoneNumber) -> None:
    """Show what is kept about a person, but for their diary."""
    async with _backend() as backend:
        person = await _person(backend, phone)
    signed_out = person.tokens_valid_from and _time(person.tokens_valid_from)
    for name, value in (
        ("id", person.id),
        ("phone", Phone(person.phone).masked),
        ("language", person.language or "not chosen"),
        ("theme", person.theme),
        ("time zone", person.time_zone),
        ("created", _time(person.created_at)),
        ("tokens good from", signed_out or "the beginning"),
    ):
        out.print(f"{name:<18}{value}")


@user.command
async def revoke(phone: PhoneNumber) -> None:
    """Make all tokens of a person dead; they can open the mini-app again from their app."""
    async with _backend() as backend:
        person = await _person(backend, phone)
        await backend.accounts.revoke(person)
    out.print(f"All tokens of {Phone(person.phone).masked} are dead; a running server knows within 2 s.")


@user.command
async def erase(phone: PhoneNumber, *, yes: Annotated[bool, Parameter(help="Do not ask first.")] = False) -> None:
    """Delete everything that is kept about a person; it cannot be undone."""
    async with _backend() as backend:
        person = await _person(backend, phone)
        masked = Phone(person.phone).masked
        if not yes and not _confirmed(f"Erase everything of {masked} for good?"):
            message = "Nothing was erased; answer y, or give --yes."
            raise UsageError(message)
        await backend.accounts.erase(None, person.id)
    out.print(f"{masked} is erased; a running server refuses their tokens within 2 s.")


@app.command
async def events(
    *,
    follow: Annotated[bool, Parameter(alias="-f", help="Go on showing new ones as they come.")] = False,
    phone: Annotated[str | None, Parameter(help="Only those of this number.")] = None,
    since: Annotated[str | None, Parameter(help="Only those of the last 30s, 15m, 1h or 7d.")] = None,
    kind: Annotated[Kind | None, Parameter(help="Only those of one kind.")] = None,
    newest: Annotated[int, Parameter(validator=Number(gte=1, lte=1_000_000), help="How many at most.")] = 1000,
) -> None:
    """Show what happened to credentials, oldest first."""
    wanted = EventFilter(since_ms=_since_ms(since), kind=kind, newest=newest)
    async with _backend() as backend:
        if phone is not None:
            number = _number(phone)
            person = await backend.store.user_by_phone(number.digits)
            wanted = wanted.of(person.id if person else None, number.masked)
        await _print_events(backend, wanted, follow=follow)


async def _print_events(backend: Backend, wanted: EventFilter, *, follow: bool) -> None:
    while True:
        found = await backend.store.events(wanted)
        for stored in sorted(found, key=lambda stored: stored.event.at_ms):
            out.print(_line(stored.event))
        if not follow:
            return
        if found:
            wanted = wanted.after(found[-1].position)
        await asyncio.sleep(_POLL_S)


def _line(event: AuthEvent) -> str:
    said = (event.phone_masked, event.user_id, event.partner, event.address, event.detail, event.request_id)
    return "  ".join([_time(event.at_ms / 1000), f"{event.kind:<14}", *(part for part in said if part)])


@asynccontextmanager
async def _backend() -> AsyncGenerator[Backend]:
    configure_log(sys.stderr)
    settings = Settings.from_environment()
    if not settings.database.exists():
        message = (
            f"There is no database at {settings.database.absolute()}: run this in the server's folder, "
            "with the server's environment."
        )
        raise UsageError(message)
    backend = build_backend(settings)
    async with backend.running():
        yield backend


async def _person(backend: Backend, phone: str) -> User:
    person = await backend.store.user_by_phone(_number(phone).digits)
    if person is None:
        message = "Nobody with this number has signed in; check the number."
        raise UsageError(message)
    return person


def _number(phone: str) -> Phone:
    try:
        return Phone.parse(phone)
    except (PhoneRequired, PhoneInvalid) as error:
        message = "This is no phone number; write it like 998997961877 or +998 99 796-18-77."
        raise UsageError(message) from error


def _confirmed(question: str) -> bool:
    try:
        return Confirm.ask(question, console=err, default=False)
    except EOFError:
        return False


def _since_ms(span: str | None) -> int:
    """Give when a span of time that ends now began, in milliseconds since 1970; no span: the beginning."""
    if span is None:
        return 0
    match = re.fullmatch(r"([0-9]{1,6})([smhd])", span)
    if match is None:
        message = f"Write --since as a number and a unit, like 30s, 15m, 1h or 7d; it is {span!r}."
        raise UsageError(message)
    return int((time.time() - int(match[1]) * _UNITS_S[match[2]]) * 1000)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(sep=" ", timespec="seconds")
