import asyncio
import socket
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from ovqat.application import build_backend
from ovqat.doctor import Finding, _proxies, examine
from ovqat.settings import Settings
from ovqat.site.pages import built
from tests.unit.conftest import SECRET, settings_of

FOLDER, STORE, SIGNING, PAGES, PROXIES, SERVER = range(6)


def free_port() -> int:
    """Give a port at which nothing listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def spoil(folder: Path) -> None:
    (folder / "ovqat.db").write_bytes(b"this is no database " * 500)


def names_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


async def findings(settings: Settings) -> list[Finding]:
    return await examine(settings, build_backend(settings).store)


@asynccontextmanager
async def answering(status: int) -> AsyncGenerator[int]:
    """Answer every request with this status; give the port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 %d Made-up\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % status)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def test_a_sound_installation_is_found_sound(tmp_path: Path):
    found = await findings(settings_of(tmp_path, PORT=str(free_port())))

    assert len(found) == 6
    assert [found[place].good for place in (FOLDER, STORE, SIGNING, SERVER)] == [True] * 4
    assert str(tmp_path) in found[FOLDER].sentence
    assert "first of 1 secret." in found[SIGNING].sentence


async def test_a_folder_that_is_not_there_is_made(tmp_path: Path):
    folder = tmp_path / "deep" / "data"

    found = await findings(settings_of(folder, PORT=str(free_port())))

    assert found[FOLDER].good
    assert found[STORE].good
    assert names_in(folder) == {"ovqat.db"}


async def test_a_folder_that_cannot_be_used_is_said_with_what_to_do(tmp_path: Path):
    (tmp_path / "file").touch()

    found = await findings(settings_of(tmp_path / "file", JWT_SECRET="", PORT=str(free_port())))

    assert [found[place].good for place in (FOLDER, STORE, SIGNING)] == [False, False, False]
    assert "OVQAT_DATA_DIR" in found[FOLDER].sentence
    assert "JWT_SECRET" in found[SIGNING].sentence


async def test_a_damaged_store_is_said_with_its_cause(tmp_path: Path):
    spoil(tmp_path)

    found = await findings(settings_of(tmp_path, PORT=str(free_port())))

    assert not found[STORE].good
    assert "not a database" in found[STORE].sentence
    assert [found[place].good for place in (FOLDER, SIGNING)] == [True, True]


async def test_a_store_of_a_newer_program_is_said_with_what_to_do(tmp_path: Path):
    settings = settings_of(tmp_path, PORT=str(free_port()))
    await findings(settings)
    with closing(sqlite3.connect(tmp_path / "ovqat.db", isolation_level=None)) as db:
        db.execute("PRAGMA user_version = 4711")

    found = await findings(settings)

    assert not found[STORE].good
    assert "install a newer ovqat" in found[STORE].sentence


async def test_secrets_in_rotation_are_counted_and_not_shown(tmp_path: Path):
    found = await findings(settings_of(tmp_path, JWT_SECRET=f"{SECRET},{SECRET[::-1]}", PORT=str(free_port())))

    assert "first of 2 secrets." in found[SIGNING].sentence
    assert SECRET not in repr(found)


async def test_whether_the_pages_are_built_is_said(tmp_path: Path):
    found = await findings(settings_of(tmp_path, PORT=str(free_port())))

    assert found[PAGES].good is built()


@pytest.mark.parametrize("status", [200, 503, 404, 500])
async def test_a_server_that_runs_is_asked_whether_it_is_ready(tmp_path: Path, status: int):
    async with answering(status) as port:
        found = await findings(settings_of(tmp_path, PORT=str(port)))

    assert found[SERVER].good is (status == 200)
    assert str(status) in found[SERVER].sentence
    assert str(port) in found[SERVER].sentence


async def test_a_server_that_does_not_run_is_no_fault(tmp_path: Path):
    found = await findings(settings_of(tmp_path, PORT=str(free_port())))

    assert found[SERVER].good
    assert "No server runs" in found[SERVER].sentence


async def test_production_without_a_trusted_proxy_is_found(tmp_path: Path):
    production = {"OVQAT_ENV": "production", "API_KEY": "a-made-up-partner-key"}
    lone = settings_of(tmp_path, **production)
    behind = settings_of(tmp_path, OVQAT_TRUSTED_PROXIES="127.0.0.1", **production)

    found = [_proxies(settings) for settings in (lone, behind, settings_of(tmp_path))]

    assert [finding.good for finding in found] == [False, True, True]
    assert "OVQAT_TRUSTED_PROXIES" in found[0].sentence
