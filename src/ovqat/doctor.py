"""Look at an installation and say what works and what does not."""

import tempfile

import httpx
import msgspec

from ovqat.auth.secret import signing_secrets
from ovqat.errors import StoreFailure
from ovqat.settings import Settings, SettingsError
from ovqat.site.pages import built
from ovqat.store import Store

_TIMEOUT_S = 3.0
NO_PROXY = (
    "Set OVQAT_TRUSTED_PROXIES to the address of the proxy that ends TLS: without it every call seems to come from the "
    "proxy, over plain HTTP, and is refused."
)


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    good: bool
    sentence: str


async def examine(settings: Settings, store: Store) -> list[Finding]:
    """Give what was found, in the order in which a start needs it."""
    return [
        _data_folder(settings),
        await _store(store),
        _secret(settings),
        _pages(),
        _proxies(settings),
        await _server(settings),
    ]


def _data_folder(settings: Settings) -> Finding:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=settings.data_dir):
            return Finding(good=True, sentence=f"The data folder {settings.data_dir} can be written to.")
    except OSError as error:
        return Finding(
            good=False,
            sentence=f"Let this user write to the data folder {settings.data_dir}, or set OVQAT_DATA_DIR to another "
            f"({error.strerror}).",
        )


async def _store(store: Store) -> Finding:
    try:
        await store.open()
        try:
            await store.check()
        finally:
            await store.close()
    except StoreFailure as failure:
        return Finding(good=False, sentence=f"The store does not work: {failure.__cause__}.")
    return Finding(good=True, sentence="The store opens, its schema is up to date and its content is sound.")


def _secret(settings: Settings) -> Finding:
    try:
        count = len(signing_secrets(settings.jwt_secrets, settings.data_dir))
    except SettingsError as error:
        return Finding(good=False, sentence=str(error))
    return Finding(good=True, sentence=f"Tokens are signed with the first of {count} secret{'s' if count > 1 else ''}.")


def _pages() -> Finding:
    if built():
        return Finding(good=True, sentence="The mini-app and the contract's pages are built.")
    return Finding(good=False, sentence="The mini-app is not built: run `make miniapp` and see what it says.")


def _proxies(settings: Settings) -> Finding:
    if settings.production and not settings.trusted_proxies:
        return Finding(good=False, sentence=NO_PROXY)
    return Finding(good=True, sentence="Proxies are trusted as OVQAT_TRUSTED_PROXIES says.")


async def _server(settings: Settings) -> Finding:
    """Ask for readiness; a server that does not run is no fault."""
    url = f"http://127.0.0.1:{settings.port}/api/ready"
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client:
            status = (await client.get(url)).status_code
    except httpx.HTTPError:
        return Finding(good=True, sentence=f"No server runs at port {settings.port} of this machine.")
    return Finding(good=status == 200, sentence=f"The server at port {settings.port} answers {url} with {status}.")
