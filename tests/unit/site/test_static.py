from pathlib import Path

import pytest

from ovqat.edge.resources import Resources
from ovqat.site.static import Assets
from tests.unit.asking import Answered, ask
from tests.unit.site.serving import around

PLAIN, BROTLI, GZIP = b"plain text", b"as brotli", b"as gzip"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assets = tmp_path / "assets"
    assets.mkdir()
    for name, content in {
        "index-abc.js": PLAIN,
        "index-abc.js.br": BROTLI,
        "index-abc.js.gz": GZIP,
        "index-abc.css": PLAIN,
        "index-abc.css.gz": GZIP,
        "icon-abc.svg": PLAIN,
        "odd-abc.nosuchtype": PLAIN,
    }.items():
        (assets / name).write_bytes(content)
    (tmp_path / "secret").write_text("not to be served")
    return assets


async def get(folder: Path, name: str, accepts: str | None = None, method: str = "GET") -> Answered:
    app = Resources()
    app.add_route("/assets/{name}", Assets(folder))
    headers = {} if accepts is None else {"accept-encoding": accepts}
    return await ask(around(app, folder), method, f"/assets/{name}", headers=headers)


@pytest.mark.parametrize(
    ("accepts", "coding", "content"),
    [
        (None, None, PLAIN),
        ("", None, PLAIN),
        ("identity", None, PLAIN),
        ("deflate", None, PLAIN),
        ("br", "br", BROTLI),
        ("BR", "br", BROTLI),
        ("gzip", "gzip", GZIP),
        ("gzip, deflate, br", "br", BROTLI),
        ("gzip;q=1.0, br;q=0.5", "br", BROTLI),
        (" gzip ;q=1", "gzip", GZIP),
        ("brotli, gzipped", None, PLAIN),
        ("br;q=0, gzip", "gzip", GZIP),
        ("br;q=0, gzip;q=0.0", None, PLAIN),
        ("gzip; q=0", None, PLAIN),
    ],
)
async def test_the_best_coding_that_the_client_takes_is_sent(
    folder: Path, accepts: str | None, coding: str | None, content: bytes
):
    answer = await get(folder, "index-abc.js", accepts)

    assert (answer.status, answer.header("content-encoding"), answer.body) == (200, coding, content)
    assert answer.header("vary") == "Accept-Encoding"


@pytest.mark.parametrize(("name", "content"), [("index-abc.css", GZIP), ("icon-abc.svg", PLAIN)])
async def test_a_coding_that_was_not_built_is_done_without(folder: Path, name: str, content: bytes):
    assert (await get(folder, name, "gzip, br")).body == content


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("index-abc.js", {"text/javascript", "application/javascript"}),
        ("index-abc.css", {"text/css"}),
        ("icon-abc.svg", {"image/svg+xml"}),
        ("odd-abc.nosuchtype", {"application/octet-stream"}),
    ],
)
async def test_a_file_has_its_own_media_type_in_every_coding(folder: Path, name: str, media_type: set[str]):
    said = {(await get(folder, name, accepts)).header("content-type") for accepts in (None, "br", "gzip")}

    assert {value.partition(";")[0] for value in said} <= media_type


async def test_a_file_is_kept_for_ever(folder: Path):
    answer = await get(folder, "index-abc.js")

    assert answer.header("cache-control") == "public, max-age=31536000, immutable"
    assert answer.header("x-content-type-options") == "nosniff"


async def test_head_is_answered_like_get(folder: Path):
    answer = await get(folder, "index-abc.js", "br", "HEAD")

    assert (answer.status, answer.header("content-encoding")) == (200, "br")


@pytest.mark.parametrize(
    "name",
    ["nothing.js", "index-abc.js.br", "index-abc.js.gz", "..", "../secret", "%2e%2e", "..%2fsecret", "", ".", "\0"],
)
async def test_what_is_no_asset_is_not_found(folder: Path, name: str):
    answer = await get(folder, name)

    assert (answer.status, answer.json["code"]) == (404, "not_found")
    assert answer.header("cache-control") == "no-store"


async def test_where_nothing_was_built_nothing_is_found(tmp_path: Path):
    assert (await get(tmp_path / "nowhere", "index-abc.js")).status == 404
