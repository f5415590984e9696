"""What many units are tested with: a real database file, a clock moved by hand, the log as it is written."""

import io
import json
import logging
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog

from ovqat.application import build_app
from ovqat.edge.asgi import ASGIApp
from ovqat.edge.log import configure_log
from ovqat.settings import Settings
from ovqat.store.sqlite import SQLiteStore
from tests.unit.asking import served
from tests.unit.clock import HandClock

hypothesis.settings.register_profile("unit", deadline=None, database=None)
hypothesis.settings.load_profile("unit")

SECRET = "a-made-up-secret-of-more-than-32-bytes"


class Log:
    """Everything that was logged, as the bytes that went out."""

    def __init__(self) -> None:
        self.stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")

    @property
    def text(self) -> str:
        return self.stream.buffer.getvalue().decode()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]


@contextmanager
def _logging_restored() -> Generator[None]:
    """Put both logging systems back as they were."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def logging_restored() -> Generator[None]:
    with _logging_restored():
        yield


@pytest.fixture
def log() -> Generator[Log]:
    written = Log()
    with _logging_restored():
        configure_log(written.stream)
        yield written


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[SQLiteStore]:
    opened = SQLiteStore(tmp_path / "ovqat.db")
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def app(log: Log, tmp_path: Path, clock: HandClock) -> AsyncGenerator[ASGIApp]:
    """Give the whole application, started, as a developer has it."""
    assert log.text == ""
    async with served(build_app(settings_of(tmp_path), clock)) as running:
        yield running


def settings_of(folder: Path, **environ: str) -> Settings:
    """Give settings as the environment would."""
    return Settings.from_environment({"OVQAT_DATA_DIR": str(folder), "JWT_SECRET": SECRET, **environ})
