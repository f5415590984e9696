import base64
import gzip
import hashlib
import re
from pathlib import Path

import pytest

from ovqat.edge.resources import Resources
from ovqat.site.pages import Page, built, docs, mini_app
from tests.unit.asking import Answered, ask
from tests.unit.site.serving import around

SCRIPT = "history.replaceState(null, '', '/')"
TAG = '<meta name="ovqat:allowed-origins" content="{}">'
INDEX = f'<!doctype html><head>{TAG.format("")}<script>{SCRIPT}</script><script type="module" src="/a.js"></script>'
ORIGINS = ["https://app.bank.example", "https://shop.example:8443"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text(INDEX, "utf-8")
    (tmp_path / "docs.html").write_text("<!doctype html><title>Договор</title>", "utf-8")
    return tmp_path


async def get(page: Page, folder: Path, accepts: str = "", method: str = "GET") -> Answered:
    app = Resources()
    app.add_route("/", page)
    return await ask(around(app, folder), method, "/", headers={"accept-encoding": accepts})


def policy(answer: Answered) -> dict[str, list[str]]:
    directives = (answer.header("content-security-policy") or "").split(";")
    return {name: sources for name, *sources in (directive.split() for directive in directives)}


async def test_the_mini_app_is_served_and_never_stored(folder: Path):
    answer = await get(mini_app([], folder), folder)

    assert (answer.status, answer.body.decode()) == (200, INDEX)
    assert answer.header("content-type") == "text/html; charset=utf-8"
    assert answer.header("cache-control") == "no-store"
    assert answer.header("referrer-policy") == "no-referrer"


async def test_a_page_is_sent_compressed_to_those_who_take_it(folder: Path):
    answer = await get(mini_app([], folder), folder, "gzip, br")

    assert answer.header("content-encoding") == "gzip"
    assert gzip.decompress(answer.body).decode() == INDEX


async def test_only_its_own_first_script_may_stand_in_the_page(folder: Path):
    answer = await get(mini_app([], folder), folder)

    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    assert policy(answer)["script-src"] == ["'self'", f"'sha256-{digest}'"]


@pytest.mark.parametrize("make", [lambda folder: mini_app(ORIGINS, folder), docs])
async def test_no_page_allows_inline_code_or_other_servers(folder: Path, make: object):
    answer = await get(make(folder), folder)

    rules = policy(answer)
    assert rules["default-src"] == ["'none'"]
    assert rules["base-uri"] == rules["form-action"] == ["'none'"]
    sources = {source for name, values in rules.items() if name != "frame-ancestors" for source in values}
    assert not sources & {"*", "'unsafe-inline'", "'unsafe-eval'", "https:", "http:"}
    assert not any(source.startswith("http") for source in sources)
    assert answer.header("permissions-policy")


@pytest.mark.parametrize("origins", [[], ORIGINS])
async def test_allowed_origins_and_ourselves_may_frame_the_mini_app(folder: Path, origins: list[str]):
    answer = await get(mini_app(origins, folder), folder)

    assert policy(answer)["frame-ancestors"] == ["'self'", *origins]
    assert TAG.format(" ".join(origins)) in answer.body.decode()


async def test_nobody_may_frame_the_contract(folder: Path):
    answer = await get(docs(folder), folder)

    assert policy(answer)["frame-ancestors"] == ["'none'"]
    assert "Договор" in answer.body.decode()


@pytest.mark.parametrize("make", [lambda folder: mini_app(ORIGINS, folder), docs])
async def test_a_page_that_was_not_built_says_so(tmp_path: Path, make: object):
    answer = await get(make(tmp_path), tmp_path)

    assert answer.status == 503
    assert "make miniapp" in answer.body.decode()
    assert re.search(r"not built", answer.body.decode())
    assert "frame-ancestors" in policy(answer)


async def test_head_is_answered_like_get(folder: Path):
    answer = await get(mini_app([], folder), folder, method="HEAD")

    assert (answer.status, answer.header("content-length")) == (200, str(len(INDEX)))


def test_whether_the_pages_were_built_is_known(folder: Path, tmp_path: Path):
    assert built(folder)
    (tmp_path / "index.html").unlink()
    assert not built(tmp_path)
