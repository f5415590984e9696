"""The one place where the parts are put together."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import msgspec
import structlog

from ovqat.account.account import Accounts
from ovqat.account.resources import Me
from ovqat.auth.bearer import TokenCheck
from ovqat.auth.endpoints import (
    Gatekeeper,
    PhoneEndpoint,
    VerifyEndpoint,
    contract_error,
    health,
    verify_error,
)
from ovqat.auth.events import EventLog
from ovqat.auth.partners import Partner, Partners
from ovqat.auth.revocations import RevocationList
from ovqat.auth.secret import signing_secrets
from ovqat.auth.sign_in import SignIn
from ovqat.auth.token import TokenCodec
from ovqat.demo.resources import add_demo
from ovqat.demo.tap import Tap
from ovqat.edge.asgi import ASGIApp
from ovqat.edge.counters import MemoryCounters
from ovqat.edge.edge import Edge, Endpoint
from ovqat.edge.limits import Limiter
from ovqat.edge.resources import Resources
from ovqat.identifiers import Clock
from ovqat.settings import Settings
from ovqat.site.contract import Contract
from ovqat.site.pages import docs, mini_app
from ovqat.site.ready import Ready
from ovqat.site.static import Assets
from ovqat.store import Store
from ovqat.store.sqlite import SQLiteStore


class Backend(msgspec.Struct, frozen=True):
    """What the server and the command line both work with."""

    store: Store
    events: EventLog
    revocations: RevocationList
    accounts: Accounts

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Open the store; on leaving, write every event that waits and close it."""
        await self.store.open()
        try:
            await self.revocations.refresh()
            try:
                yield
            finally:
                await self.events.flush_at_last()
        finally:
            await self.store.close()

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator[None]:
        """Run, and keep events and revocations moving meanwhile."""
        async with self.running():
            tasks = [
                asyncio.create_task(self.events.flush_forever()),
                asyncio.create_task(self.revocations.refresh_forever()),
            ]
            for task in tasks:
                task.add_done_callback(_say_if_it_died)
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


def _say_if_it_died(task: asyncio.Task[None]) -> None:
    """Log the end of a task that should have gone on; nobody waits for it before the server stops."""
    if not task.cancelled() and (error := task.exception()):
        structlog.get_logger().error("background_task_died", exc_info=error)


def build_backend(settings: Settings, clock: Clock = time.time) -> Backend:
    """Join the store and what is done with it."""
    store = SQLiteStore(settings.database)
    events = EventLog(store, clock)
    revocations = RevocationList(store)
    return Backend(store, events, revocations, Accounts(store, revocations, events, clock))


def build_app(settings: Settings, clock: Clock = time.time) -> ASGIApp:
    """Join all parts into the application that a server runs."""
    backend = build_backend(settings, clock)
    limiter = Limiter(settings.limits, MemoryCounters(time.monotonic))
    tokens = TokenCodec(signing_secrets(settings.jwt_secrets, settings.data_dir), clock)
    check = TokenCheck(tokens, backend.revocations, limiter, backend.events)

    resources = Resources()
    resources.add_route("/api/me", Me(check, backend.accounts))
    resources.add_route("/api/ready", Ready(backend.store, limiter))
    resources.add_route("/openapi.json", Contract())
    resources.add_route("/", mini_app(settings.allowed_origins))
    resources.add_route("/docs", docs())
    resources.add_route("/assets/{name}", Assets())

    endpoints = _endpoints(settings, backend, tokens, check, limiter, clock)
    edge = Edge(settings, endpoints, resources, backend.serving, clock)
    if settings.production:
        return edge
    tap = Tap(edge, clock)
    add_demo(resources, tap, settings)
    return tap


def _endpoints(
    settings: Settings, backend: Backend, tokens: TokenCodec, check: TokenCheck, limiter: Limiter, clock: Clock
) -> Mapping[str, Endpoint]:
    """Give the three calls of spec.md."""
    partners = [Partner.with_key("default", settings.api_key)] if settings.api_key else []
    gatekeeper = Gatekeeper(Partners(partners, keys_required=bool(partners)), limiter, backend.events)
    phone = PhoneEndpoint(gatekeeper, SignIn(backend.store, tokens, backend.events, clock))
    return {
        "/api/auth/phone": Endpoint(("POST",), phone, contract_error),
        "/api/auth/verify": Endpoint(("POST",), VerifyEndpoint(gatekeeper, check), verify_error),
        "/api/health": Endpoint(("GET", "HEAD"), health, contract_error),
    }
