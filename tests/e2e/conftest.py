"""A Chromium from its npm package, a server that runs, and phones to open it on."""

import fcntl
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from ctypes.util import find_library
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.running import Server, production, server

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PHONE = {"width": 360, "height": 640}
API_KEY = "a-made-up-partner-key"
FLAGS = [
    "--no-sandbox",
    "--no-zygote",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

OpenPhone = Callable[..., Page]

expect.set_options(timeout=11_000)


def texts(language: str) -> dict[str, str]:
    """Give the mini-app's texts in a language."""
    return json.loads((ROOT / "miniapp" / "src" / "locales" / f"{language}.json").read_text("utf-8"))


def sign_in(running: Server, phone_number: str) -> str:
    """Do what a partner's backend does; give the token."""
    answer = httpx.post(
        f"{running.url}/api/auth/phone", json={"phoneNumber": phone_number}, headers={"X-API-Key": API_KEY}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["token"]


def serious(page: Page) -> list[str]:
    """Give what axe-core finds serious or critical on a page, its frames included."""
    source = (HERE / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
    found: list[str] = []
    for frame in page.frames:
        frame.evaluate(source)
        result: dict[str, Any] = frame.evaluate("axe.run(document, { iframes: false })")
        found += [
            f"{violation['id']}: {violation['nodes'][0]['html']}"
            for violation in result["violations"]
            if violation["impact"] in {"serious", "critical"}
        ]
    return found


@pytest.fixture(scope="session")
def running() -> Generator[Server]:
    with server(
        API_KEY=API_KEY, OVQAT_LIMITS_ADDRESS="10000/minute", OVQAT_LIMITS_NUMBER="10000/minute"
    ) as development:
        yield development


@pytest.fixture(scope="module")
def production_server() -> Generator[Server]:
    with server(**production()) as behind_a_proxy:
        yield behind_a_proxy


@pytest.fixture(scope="session")
def playwright() -> Generator[Playwright]:
    with sync_playwright() as started:
        yield started


def chromium() -> tuple[str, dict[str, str]]:
    """Give the packaged Chromium, unpacked by one of the processes that want it, and its environment."""
    node = Path(sys.executable).with_name("node")
    with (Path(tempfile.gettempdir()) / "ovqat-chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = subprocess.run([node, "chromium.mjs"], capture_output=True, text=True, check=True, cwd=HERE).stdout
    unpacked = json.loads(said)
    system_has_nss = find_library("nss3") is not None
    return unpacked["path"], {} if system_has_nss else {"LD_LIBRARY_PATH": unpacked["libraries"]}


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Generator[Browser]:
    path, environ = chromium()
    launched = playwright.chromium.launch(executable_path=path, args=FLAGS, env={**os.environ, **environ})
    yield launched
    launched.close()


@pytest.fixture
def open_phone(browser: Browser) -> Generator[OpenPhone]:
    """Open a page on a phone of its own; what it says to the console must not be an error."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(locale: str = "ru-RU", theme: str = "light", viewport: dict[str, int] | None = None) -> Page:
        context = browser.new_context(viewport=viewport or PHONE, locale=locale, color_scheme=theme)
        context.set_default_timeout(12_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not complaints, complaints
