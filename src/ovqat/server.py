"""Run the application under uvicorn."""

import asyncio
import socket
import sys

import structlog
import uvicorn
from rich.console import Console

from ovqat import __version__
from ovqat.application import Backend, build_app, build_backend
from ovqat.doctor import NO_PROXY
from ovqat.edge.asgi import ASGIApp
from ovqat.edge.log import configure_log
from ovqat.protocol import Protocol
from ovqat.settings import Settings, SettingsError, explain
from ovqat.site.pages import built

_GRACE_S = 20
"""Seconds for which a stopping server lets requests in flight finish."""
_KEEP_ALIVE_S = 75
_BACKLOG = 2048
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def serve(settings: Settings) -> None:
    """Serve until told to stop by SIGTERM or SIGINT; requests in flight are finished.

    Raises StoreFailure if the store cannot be opened, SettingsError if the address cannot be listened on.
    """
    configure_log(terminal=sys.stdout.isatty())
    asyncio.run(_try(build_backend(settings)))
    app = build_app(settings)
    listener = _listener(settings)
    url = _url(listener)
    if settings.production:
        used = {setting.name: setting.shown for setting in explain(settings)}
        log = structlog.get_logger()
        log.info("serving", version=__version__, url=url, settings=used)
        if not settings.trusted_proxies:
            log.warning("no_trusted_proxy", sentence=NO_PROXY)
        if not built():
            log.warning("pages_not_built", sentence="Run `make miniapp`, then start the server again.")
    else:
        _greet(settings, url)
    server = uvicorn.Server(uvicorn_config(app))
    server.run(sockets=[listener])
    if not server.started:
        raise SystemExit(1)


async def _try(backend: Backend) -> None:
    """Open and close the store, so that one that cannot be opened is said before anything is promised."""
    async with backend.running():
        pass


def uvicorn_config(app: ASGIApp, *, port: int = 0, lifespan: bool = True) -> uvicorn.Config:
    """Give uvicorn's configuration; what the edge does itself is off in it."""
    return uvicorn.Config(
        app,
        port=port,
        loop="uvloop",
        http=Protocol,
        ws="none",
        lifespan="on" if lifespan else "off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )


def _listener(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        sentence = (
            f"Set PORT or OVQAT_HOST to something else: {settings.host} port {settings.port} cannot be listened on "
            f"({error.strerror})."
        )
        raise SettingsError([sentence]) from error
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "localhost", "127.0.0.1": "localhost"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 not bound to here
    return f"http://{shown}:{port}"


def _greet(settings: Settings, url: str) -> None:
    """Tell a developer where to look and what is used."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]Ovqat AI {__version__}[/] serves at {url}")
    if not built():
        console.print("  The mini-app is not built, so only the API serves: see what `make miniapp` says.")
    console.print(f"  {url}/demo   a partner's button that opens the mini-app")
    console.print(f"  {url}/docs   the API's contract, to read and to try")
    if settings.host not in _LOOPBACK:
        console.print("  Whoever reaches this address sees the demo's calls, tokens too: let only your own network in.")
    for setting in explain(settings):
        if setting.name in {"DATABASE_URL", "JWT_SECRET", "API_KEY"}:
            console.print(f"  {setting.name} = {setting.shown} ({setting.source})")
    console.file.flush()
