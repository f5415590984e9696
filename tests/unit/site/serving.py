"""Put an edge around resources, so that they are asked as in the application."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from ovqat.edge.asgi import ASGIApp
from ovqat.edge.edge import Edge
from tests.unit.conftest import settings_of


@asynccontextmanager
async def _nothing_runs() -> AsyncGenerator[None]:
    yield


def around(resources: ASGIApp, folder: Path) -> Edge:
    """Give an edge without hot calls."""
    return Edge(settings_of(folder), {}, resources, _nothing_runs)
