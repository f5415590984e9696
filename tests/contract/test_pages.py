import base64
import gzip
import hashlib
import json
import re
from collections.abc import Generator
from pathlib import Path

import httpx
import msgspec
import pytest

import ovqat
from tests.contract.made_up import HIGH_LIMITS, ORIGIN
from tests.running import SECRET, Server, server

PACKAGE = Path(ovqat.__file__).parent
CONTRACT = PACKAGE.parents[1] / "openapi.yaml"
SCRIPT = "document.documentElement.dataset.seen = 1"
INDEX = f"""<!doctype html><html lang="uz"><head><meta charset="utf-8"><script>{SCRIPT}</script>
<meta name="ovqat:allowed-origins" content=""><script type="module" src="/assets/app-made1up.js"></script></head></html>
"""
DOCS = (
    '<!doctype html><html lang="en"><head><script type="module" src="/assets/docs-made1up.js"></script></head></html>'
)
ASSET = b"export const answer = 42;\n" * 40
IN_BROTLI = b"what the build made with brotli"
IN_GZIP = gzip.compress(ASSET, mtime=0)


class Site(msgspec.Struct, frozen=True):
    """A server with pages of its own, and a client of it."""

    running: Server
    client: httpx.Client


def installation(folder: Path) -> Path:
    """Lay out a checkout whose package is this one's but for the pages that were built; give its package."""
    package = folder / "src" / "ovqat"
    package.mkdir(parents=True)
    for file in PACKAGE.iterdir():
        if file.name not in {"static", "__pycache__"}:
            (package / file.name).symlink_to(file)
    (folder / "openapi.yaml").symlink_to(CONTRACT)
    return package


@pytest.fixture(scope="module")
def unbuilt(tmp_path_factory: pytest.TempPathFactory) -> Generator[Site]:
    """A site whose pages could not be built."""
    package = installation(tmp_path_factory.mktemp("unbuilt"))
    with (
        server(JWT_SECRET=SECRET, PYTHONPATH=str(package.parent), **HIGH_LIMITS) as running,
        httpx.Client(base_url=running.url, trust_env=False) as client,
    ):
        yield Site(running, client)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Generator[Site]:
    """A site with pages that are small enough to know by heart."""
    package = installation(tmp_path_factory.mktemp("built"))
    assets = package / "static" / "assets"
    assets.mkdir(parents=True)
    (package / "static" / "index.html").write_text(INDEX)
    (package / "static" / "docs.html").write_text(DOCS)
    for name in ("app-made1up.js", "docs-made1up.js", "app-made1up.css", "icon-made1up.svg"):
        (assets / name).write_bytes(ASSET)
    (assets / "app-made1up.js.br").write_bytes(IN_BROTLI)
    (assets / "app-made1up.js.gz").write_bytes(IN_GZIP)
    environ = {"PYTHONPATH": str(package.parent), "OVQAT_ALLOWED_ORIGINS": f"{ORIGIN},https://two.example"}
    with (
        server(JWT_SECRET=SECRET, **environ, **HIGH_LIMITS) as running,
        httpx.Client(base_url=running.url, trust_env=False) as client,
    ):
        yield Site(running, client)


def policy(answer: httpx.Response) -> dict[str, list[str]]:
    """Read a Content-Security-Policy."""
    directives = (directive.split() for directive in answer.headers["content-security-policy"].split(";"))
    return {name: sources for name, *sources in directives}


# Not built


@pytest.mark.parametrize("path", ["/", "/?token=a.b.c", "/docs"])
def test_a_page_that_is_not_built_says_so_and_what_to_do(unbuilt: Site, path: str) -> None:
    answer = unbuilt.client.get(path)

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "not built" in answer.text
    assert "make miniapp" in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_the_api_serves_without_pages(unbuilt: Site) -> None:
    statuses = [unbuilt.client.get(path).status_code for path in ("/api/health", "/api/ready", "/openapi.json")]
    signed_in = unbuilt.client.post("/api/auth/phone", json={"phoneNumber": "998997961877"})

    assert statuses == [200, 200, 200]
    assert signed_in.status_code == 200


def test_the_developer_is_told_that_there_are_no_pages(unbuilt: Site) -> None:
    assert "The mini-app is not built" in unbuilt.running.log.read_text("utf-8")


def test_doctor_finds_that_there_are_no_pages(unbuilt: Site) -> None:
    command = unbuilt.running.command("doctor")

    assert command.returncode == 1
    assert "FAIL The mini-app is not built" in command.stdout


# Built


def test_the_mini_app_is_never_kept_and_tells_nobody_where_it_was_opened(built: Site) -> None:
    answer = built.client.get("/?token=a.b.c")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "a.b.c" not in answer.text


def test_the_mini_apps_page_names_the_origins_that_it_may_listen_to(built: Site) -> None:
    assert f'<meta name="ovqat:allowed-origins" content="{ORIGIN} https://two.example">' in built.client.get("/").text


def test_the_mini_app_runs_only_our_own_files_and_its_own_first_script(built: Site) -> None:
    rules = policy(built.client.get("/"))

    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    assert rules["default-src"] == ["'none'"]
    assert rules["script-src"] == ["'self'", f"'sha256-{digest}'"]
    assert rules["style-src"] == ["'self'"]
    assert rules["connect-src"] == ["'self'"]
    assert rules["base-uri"] == rules["form-action"] == ["'none'"]
    assert not re.search("unsafe|https?:$|[*]", built.client.get("/").headers["content-security-policy"])


def test_the_mini_app_may_be_framed_by_the_allowed_origins_alone(built: Site, client: httpx.Client) -> None:
    assert policy(built.client.get("/"))["frame-ancestors"] == ["'self'", ORIGIN, "https://two.example"]
    assert policy(client.get("/"))["frame-ancestors"] == ["'self'"]


def test_the_contracts_page_may_be_framed_by_nobody_and_loads_nothing_from_elsewhere(built: Site) -> None:
    answer = built.client.get("/docs")

    rules = policy(answer)
    assert (answer.status_code, answer.text) == (200, DOCS)
    assert rules["frame-ancestors"] == ["'none'"]
    assert rules["script-src"] == ["'self'"]
    assert not re.search("unsafe|https?:|[*]", answer.headers["content-security-policy"])


@pytest.mark.parametrize("path", ["/", "/docs", "/assets/app-made1up.js"])
def test_head_answers_the_headers_of_get(built: Site, path: str) -> None:
    get, head = built.client.get(path), built.client.head(path)

    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "content-security-policy", "cache-control", "vary"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("app-made1up.js", "text/javascript"),
        ("app-made1up.css", "text/css"),
        ("icon-made1up.svg", "image/svg+xml"),
    ],
)
def test_an_asset_is_kept_for_ever(built: Site, name: str, media_type: str) -> None:
    answer = built.client.get(f"/assets/{name}", headers={"Accept-Encoding": "identity"})

    assert (answer.status_code, answer.content) == (200, ASSET)
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert "immutable" in answer.headers["cache-control"]
    assert "max-age=31536000" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("br", "br"),
        ("BR;q=0.5, gzip", "br"),
        ("gzip", "gzip"),
        ("gzip;q=0.8", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.000, gzip;q=1", "gzip"),
        ("gzip;q=0", None),
        ("deflate, zstd", None),
        ("identity", None),
        ("", None),
    ],
)
def test_an_asset_comes_in_the_best_coding_that_the_client_takes(
    built: Site, accepted: str, coding: str | None
) -> None:
    request = built.client.build_request("GET", "/assets/app-made1up.js", headers={"Accept-Encoding": accepted})
    answer = built.client.send(request, stream=True)
    content = b"".join(answer.iter_raw())
    answer.close()

    assert answer.headers.get("content-encoding") == coding
    assert content == {"br": IN_BROTLI, "gzip": IN_GZIP, None: ASSET}[coding]
    assert answer.headers["vary"] == "Accept-Encoding"
    assert int(answer.headers["content-length"]) == len(content)


def test_compressed_files_have_no_address_of_their_own(built: Site) -> None:
    assert [built.client.get(f"/assets/app-made1up.js{suffix}").status_code for suffix in (".br", ".gz")] == [404, 404]


@pytest.mark.parametrize("name", ["../index.html", "%2e%2e/index.html", "..%2findex.html", "%2fetc%2fpasswd", "x\\y"])
def test_nothing_but_assets_is_read_from_the_disk(built: Site, name: str) -> None:
    assert built.client.get(f"/assets/{name}").status_code == 404


# This checkout, built or not


def test_this_checkouts_page_is_served_if_it_is_built(client: httpx.Client) -> None:
    is_built = (PACKAGE / "static" / "index.html").is_file()

    answer = client.get("/")

    assert answer.status_code == (200 if is_built else 503)
    for name in re.findall(r'(?:src|href)="(/assets/[^"]+)"', answer.text):
        assert client.get(name).status_code == 200


def test_this_checkouts_pages_need_nothing_from_elsewhere(client: httpx.Client) -> None:
    for path in ("/", "/docs"):
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', client.get(path).text)


# The contract


def test_the_contract_is_served_as_json_of_openapi_3_1(client: httpx.Client) -> None:
    answer = client.get("/openapi.json")

    contract = answer.json()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert contract["openapi"].startswith("3.1")
    assert contract["info"]["version"] == "1.0.0"
    assert {"/api/auth/phone", "/api/auth/verify", "/api/health", "/api/ready", "/api/me"} <= contract["paths"].keys()
    assert json.loads(answer.content) == contract


# The demo


def test_the_demo_opens_in_development(client: httpx.Client) -> None:
    answer = client.get("/demo")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_the_demos_backend_answers_the_mini_apps_address(client: httpx.Client) -> None:
    answer = client.post("/demo/api/open-mini-app", json={"phoneNumber": "998997961877"})

    url = answer.json()["miniAppUrl"]
    token = url.partition("/?token=")[2]
    assert (answer.status_code, list(answer.json())) == (200, ["miniAppUrl"])
    assert url.startswith(str(client.base_url))
    assert client.post("/api/auth/verify", json={"token": token}).json()["valid"] is True


def test_the_demos_backend_passes_on_what_the_api_refuses(client: httpx.Client) -> None:
    answer = client.post("/demo/api/open-mini-app", json={"phoneNumber": "x"})

    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid phone number"})


def test_the_demo_shows_the_call_that_its_backend_made(client: httpx.Client) -> None:
    newest = client.get("/demo/api/calls?after=0").json()["newest"]

    client.post("/demo/api/open-mini-app", json={"phoneNumber": "998997961877"})

    seen = client.get(f"/demo/api/calls?after={newest}").json()["calls"]
    assert [(call["method"], call["path"], call["status"]) for call in seen] == [("POST", "/api/auth/phone", 200)]
    assert json.loads(seen[0]["requestBody"]) == {"phoneNumber": "998997961877"}
    assert list(json.loads(seen[0]["answerBody"])) == ["token", "userId", "expiresIn"]


@pytest.mark.parametrize("after", ["", "?after=", "?after=x", "?after=-1", "?after=1&after=2"])
def test_the_demo_does_not_stumble_over_how_it_is_asked(client: httpx.Client, after: str) -> None:
    assert client.get(f"/demo/api/calls{after}").status_code in {200, 400}


@pytest.mark.parametrize("path", ["/demo", "/demo/api/open-mini-app", "/demo/api/calls", "/demo/page.html"])
def test_there_is_no_demo_in_production(stranger: httpx.Client, path: str) -> None:
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, json={"phoneNumber": "998997961877"}).status_code == 404
