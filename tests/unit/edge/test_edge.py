import asyncio
import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import falcon
import msgspec
import pytest
from falcon.asgi import Request, Response

from ovqat.edge import call as call_module
from ovqat.edge.body import JsonBody
from ovqat.edge.call import Call
from ovqat.edge.edge import Edge, Endpoint
from ovqat.edge.resources import Resources
from ovqat.errors import PhoneInvalid, StoreFailure
from tests.unit.asking import Wire, ask, scope_of, send_scope, served
from tests.unit.clock import HandClock
from tests.unit.conftest import Log, settings_of

TOKEN = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VySWQiOiIyN2EyYjg3Mi05M2I0LTQ0YmEtODgzNS03NTE2MzQ2M2U5MDMifQ"
    ".c2lnbmF0dXJlLXRoYXQtaXMtbWFkZS11cC1vZi00My1jaGFycw"
)
BANK = "https://app.bank.example"
PRODUCTION = {"OVQAT_ENV": "production", "API_KEY": "a-made-up-partner-key"}
PREFLIGHT = {"origin": BANK, "access-control-request-method": "POST"}
PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Body(msgspec.Struct):
    text: str | None = None


async def hot(call: Call) -> bytes:
    """Answer what the path asks for."""
    call.log_event = "hot_answered"
    call.rate_limit = b'"address";r=1;t=60'
    call.log_fields["shown"] = "99899*****77"
    return msgspec.json.encode({"path": call.path, "address": call.address})


async def hot_failing(_: Call) -> bytes:
    raise StoreFailure from OSError("the disk is on fire")


async def hot_refusing(_: Call) -> bytes:
    raise PhoneInvalid


async def hot_broken(_: Call) -> bytes:
    secret_detail = "a detail that nobody outside may see"
    raise RuntimeError(secret_detail)


def error_of(problem: Any) -> bytes:
    return msgspec.json.encode({"error": problem.sentence})


ENDPOINTS = {
    "/api/hot": Endpoint(("POST",), hot, error_of),
    "/api/hot/both": Endpoint(("GET", "HEAD"), hot, error_of),
    "/api/hot/failing": Endpoint(("POST",), hot_failing, error_of),
    "/api/hot/refusing": Endpoint(("POST",), hot_refusing, error_of),
    "/api/hot/broken": Endpoint(("POST",), hot_broken, error_of),
}


class Cold:
    """A resource that does what its path says."""

    def __init__(self) -> None:
        self._body = JsonBody(Body, 100)

    async def on_get(self, req: Request, resp: Response, what: str = "") -> None:
        if what == "own-headers":
            resp.set_header("Content-Security-Policy", "default-src 'self'")
            resp.set_header("Cache-Control", "public")
        if what == "failing":
            raise StoreFailure from OSError("the disk is on fire")
        if what == "refusing":
            raise PhoneInvalid(field="phoneNumber")
        if what == "broken":
            secret_detail = "a detail that nobody outside may see"
            raise RuntimeError(secret_detail)
        if what == "param":
            req.get_param_as_int("n", required=True)
        if what.startswith("quiet"):
            Call.of(req.scope).quiet = True
        if what == "quiet-and-refusing":
            raise PhoneInvalid
        resp.data = b'{"cold":true}'

    async def on_post(self, req: Request, resp: Response, what: str) -> None:
        body = await self._body.read(Call.of(req.scope))
        resp.data = msgspec.json.encode({"what": what, "text": body.text})


@asynccontextmanager
async def nothing_runs() -> AsyncGenerator[None]:
    yield


def edge_of(folder: Path, **environ: str) -> Edge:
    resources = Resources()
    resources.add_route("/api/cold/{what}", Cold())
    resources.add_route("/page/{what}", Cold())
    resources.add_route("/api/ready", Cold())
    return Edge(settings_of(folder, **environ), ENDPOINTS, resources, nothing_runs, HandClock())


@pytest.fixture
def edge(log: Log, tmp_path: Path) -> Edge:
    assert log.text == ""
    return edge_of(tmp_path)


@pytest.fixture
def live(log: Log, tmp_path: Path) -> Edge:
    """Give an edge as production has it, which a proxy of this machine may speak for."""
    assert log.text == ""
    return edge_of(tmp_path, OVQAT_TRUSTED_PROXIES="127.0.0.1", **PRODUCTION)


EVERY_KIND = [
    ("POST", "/api/hot", 200),
    ("GET", "/api/hot", 405),
    ("POST", "/api/hot/refusing", 400),
    ("POST", "/api/hot/failing", 500),
    ("POST", "/api/hot/broken", 500),
    ("GET", "/api/cold/well", 200),
    ("GET", "/page/well", 200),
    ("PUT", "/api/cold/well", 405),
    ("GET", "/api/cold/refusing", 400),
    ("GET", "/api/cold/failing", 500),
    ("GET", "/api/cold/broken", 500),
    ("GET", "/api/cold/param", 400),
    ("GET", "/api/nowhere", 404),
    ("GET", "/nowhere", 404),
    ("POST", "/", 404),
]


def route_of(path: str) -> str:
    """Give what the log calls a path: never more of it than was written in code."""
    if path in ENDPOINTS:
        return path
    return next((f"{start}{{what}}" for start in ("/api/cold/", "/page/") if path.startswith(start)), "unknown")


class TestEveryAnswer:
    @pytest.mark.parametrize(("method", "path", "status"), EVERY_KIND)
    async def test_bears_the_security_headers_and_a_request_id(self, edge: Edge, method: str, path: str, status: int):
        answer = await ask(edge, method, path)

        assert answer.status == status
        assert answer.header("x-content-type-options") == "nosniff"
        assert answer.header("referrer-policy") == "no-referrer"
        assert answer.header("cache-control") == "no-store"
        assert answer.header("content-security-policy") == "default-src 'none'; frame-ancestors 'none'"
        assert answer.header("strict-transport-security") is None
        assert PLAIN_ID.fullmatch(answer.header("x-request-id") or "")
        assert answer.header("date") == "Mon, 02 Feb 2026 02:40:00 GMT"

    @pytest.mark.parametrize(("method", "path", "status"), EVERY_KIND)
    async def test_in_production_tells_browsers_to_use_https_only(
        self, live: Edge, method: str, path: str, status: int
    ):
        answer = await ask(live, method, path, scheme="https")

        assert answer.status == status
        max_age = re.match(r"max-age=(\d+)", answer.header("strict-transport-security") or "")
        assert max_age
        assert int(max_age[1]) >= 31_536_000

    @pytest.mark.parametrize(("method", "path", "status"), EVERY_KIND)
    async def test_is_one_log_line(self, edge: Edge, log: Log, method: str, path: str, status: int):
        answer = await ask(edge, method, path)

        (line,) = [line for line in log.lines if line["event"] != "unexpected"]
        assert (line["method"], line["path"], line["status"]) == (method, route_of(path), status)
        assert line["request_id"] == answer.header("x-request-id")
        assert line["address"] == "192.0.2.7"
        assert line["level"] == ("error" if status >= 500 else "info")
        assert 0 <= line["ms"] < 10_000
        assert line.get("code") == answer.header("x-error-code")

    @pytest.mark.parametrize(("method", "path", "status"), [kind for kind in EVERY_KIND if kind[2] >= 400])
    async def test_that_is_an_error_has_a_code(self, edge: Edge, method: str, path: str, status: int):
        answer = await ask(edge, method, path)

        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", answer.header("x-error-code") or "")
        assert answer.json["error"]
        if not path.startswith("/api/hot"):
            assert answer.json["code"] == answer.header("x-error-code")
            assert answer.json["requestId"] == answer.header("x-request-id")
            assert set(answer.json) - {"field"} == {"error", "code", "requestId"}
        assert answer.status == status

    @pytest.mark.parametrize(("method", "path", "status"), EVERY_KIND)
    async def test_says_its_length(self, edge: Edge, method: str, path: str, status: int):
        answer = await ask(edge, method, path)

        assert (answer.status, answer.header("content-length")) == (status, str(len(answer.body)))

    async def test_may_say_something_else_itself_but_not_both(self, edge: Edge):
        answer = await ask(edge, "GET", "/api/cold/own-headers")

        assert answer.all("content-security-policy") == ["default-src 'self'"]
        assert answer.all("cache-control") == ["public"]
        assert answer.all("x-content-type-options") == ["nosniff"]

    async def test_shows_the_limits_that_counted_its_call(self, edge: Edge):
        counted, uncounted = await ask(edge, "POST", "/api/hot"), await ask(edge, "GET", "/api/cold/well")

        assert counted.header("ratelimit") == '"address";r=1;t=60'
        assert uncounted.header("ratelimit") is None

    async def test_does_not_gather_the_headers_of_others(self, edge: Edge):
        answers = [await ask(edge, "POST", "/api/hot/failing") for _ in range(3)]

        assert len({len(answer.headers) for answer in answers}) == 1


class TestRequestId:
    @pytest.mark.parametrize(
        "wanted",
        [
            "a",
            "A-b_c.9",
            "0",
            "x" * 64,
            "27a2b872-93b4-44ba-8835-75163463e903",
            "4bf92f3577b34da6a3ce929d0e0e4736",
            "123456",
        ],
    )
    @pytest.mark.parametrize("path", ["/api/hot", "/api/cold/well"])
    async def test_a_plain_one_is_taken(self, edge: Edge, log: Log, path: str, wanted: str):
        answer = await ask(edge, "POST", path, headers={"x-request-id": wanted})

        assert answer.header("x-request-id") == wanted
        assert log.lines[0]["request_id"] == wanted

    @pytest.mark.parametrize(
        "wanted",
        [
            "",
            " ",
            "x" * 65,
            "a b",
            'a"b',
            "a\nb",
            "a\r\nX-Evil: 1",
            "a;b",
            "a/b",
            "é",
            "\0",
            "a\n",
            "{}",
            "%41",
            "998997961877",
            "id-998997961877",
            "997961877.1",
            "998997961",
            "998.99.796.18.77",
            "998-997-961-877",
            "99899796187700000000000000000000",
        ],
    )
    @pytest.mark.parametrize("path", ["/api/hot", "/api/cold/well"])
    async def test_one_that_is_not_plain_is_replaced(self, edge: Edge, log: Log, path: str, wanted: str):
        answer = await ask(edge, "POST", path, headers={"x-request-id": wanted})

        assert answer.header("x-request-id") != wanted
        assert PLAIN_ID.fullmatch(answer.header("x-request-id") or "")
        assert len(log.text.splitlines()) == 1

    async def test_one_that_is_the_partners_key_is_replaced(self, live: Edge, log: Log):
        await ask(live, "POST", "/api/hot", scheme="https", headers={"x-request-id": "a-made-up-partner-key"})

        assert "a-made-up-partner-key" not in log.text

    async def test_ours_are_all_different(self, edge: Edge, tmp_path: Path):
        other = edge_of(tmp_path)

        ids = [(await ask(app, "POST", "/api/hot")).header("x-request-id") for app in [edge, other] * 100]

        assert len(set(ids)) == 200


class TestMethods:
    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("GET", "/api/hot", {"POST"}),
            ("PUT", "/api/hot", {"POST"}),
            ("OPTIONS", "/api/hot", {"POST"}),
            ("HEAD", "/api/hot", {"POST"}),
            ("POST", "/api/hot/both", {"GET", "HEAD"}),
            ("PUT", "/api/cold/well", {"GET", "POST", "OPTIONS"}),
            ("DELETE", "/page/well", {"GET", "POST", "OPTIONS"}),
        ],
    )
    async def test_a_wrong_one_is_told_the_right_ones(self, edge: Edge, method: str, path: str, allowed: set[str]):
        answer = await ask(edge, method, path)

        assert (answer.status, answer.header("x-error-code")) == (405, "method_not_allowed")
        assert {name.strip() for name in (answer.header("allow") or "").split(",")} == allowed

    @pytest.mark.parametrize("method", ["PROPFIND", "TRACE", "CONNECT", "BREW", "get"])
    @pytest.mark.parametrize(("path", "status"), [("/api/hot", 405), ("/api/cold/well", 405), ("/api/nowhere", 404)])
    async def test_one_that_nobody_knows_is_no_fault(self, edge: Edge, log: Log, method: str, path: str, status: int):
        answer = await ask(edge, method, path)

        assert answer.status == status
        assert bool(answer.header("allow")) is (status == 405)
        assert [(line["method"], line["status"]) for line in log.lines] == [(method, status)]

    async def test_a_right_one_is_answered_as_json(self, edge: Edge):
        answer = await ask(edge, "POST", "/api/hot")

        assert answer.json == {"path": "/api/hot", "address": "192.0.2.7"}

    @pytest.mark.parametrize("path", ["/api/hot/", "/api//hot", "/API/HOT", "/api/hot/x", "//api/hot", "/api", "/api/"])
    async def test_a_path_beside_a_path_is_not_found(self, edge: Edge, path: str):
        answer = await ask(edge, "POST", path)

        assert (answer.status, answer.json["code"]) == (404, "not_found")


class TestFailure:
    @pytest.mark.parametrize(("method", "path"), [("POST", "/api/hot/failing"), ("GET", "/api/cold/failing")])
    async def test_of_the_store_is_a_database_error_with_its_cause_in_the_log_only(
        self, edge: Edge, log: Log, method: str, path: str
    ):
        answer = await ask(edge, method, path)

        assert (answer.status, answer.json["error"]) == (500, "Database error")
        assert "fire" not in str(answer)
        assert "fire" in log.lines[0]["cause"]
        assert log.lines[0]["level"] == "error"

    async def test_of_the_store_in_a_call_of_the_specification_is_answered_to_the_byte(self, edge: Edge):
        answer = await ask(edge, "POST", "/api/hot/failing")

        assert answer.body == b'{"error":"Database error"}'

    @pytest.mark.parametrize(("method", "path"), [("POST", "/api/hot/broken"), ("GET", "/api/cold/broken")])
    async def test_of_our_own_code_is_an_internal_error_with_its_trace_in_the_log_only(
        self, edge: Edge, log: Log, method: str, path: str
    ):
        answer = await ask(edge, method, path)

        assert (answer.status, answer.header("x-error-code")) == (500, "internal_error")
        assert not re.search(r"nobody outside|RuntimeError|Traceback|\.py", str(answer))
        trace = log.of("unexpected")[0]["exception"]
        assert "Traceback" in trace
        assert "a detail that nobody outside may see" in trace

    async def test_that_is_the_callers_has_no_cause_in_the_log(self, edge: Edge, log: Log):
        await ask(edge, "POST", "/api/hot/refusing")

        assert "cause" not in log.lines[0]

    async def test_that_names_a_field_names_it_in_the_body(self, edge: Edge):
        assert (await ask(edge, "GET", "/api/cold/refusing")).json["field"] == "phoneNumber"
        assert "field" not in (await ask(edge, "GET", "/api/cold/param")).json


class TestBody:
    async def test_is_read_by_a_resource(self, edge: Edge):
        answer = await ask(edge, "POST", "/api/cold/x", body={"text": "a"})

        assert answer.json == {"what": "x", "text": "a"}

    @pytest.mark.parametrize(
        ("content", "content_type", "status"),
        [
            (b"{", "application/json", 400),
            (b'{"text": 1}', "application/json", 400),
            (b"{}", "text/plain", 415),
            (b"x" * 101, "application/json", 413),
            (b"{}", None, 415),
            (b"{}", "", 415),
        ],
    )
    async def test_that_is_wrong_is_refused_by_a_resource(
        self, edge: Edge, content: bytes, content_type: str | None, status: int
    ):
        headers = [] if content_type is None else [(b"content-type", content_type.encode())]

        answer = await ask(edge, "POST", "/api/cold/x", headers=headers, receive=Wire(content))

        assert answer.status == status
        assert answer.json["requestId"] == answer.header("x-request-id")

    @pytest.mark.parametrize("pieces", [(b"",), (b'{"text"',)])
    async def test_that_never_comes_whole_is_answered_408_by_a_resource(
        self, edge: Edge, log: Log, pieces: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(call_module, "BODY_TIMEOUT_S", 0.01)

        answer = await ask(
            edge,
            "POST",
            "/api/cold/x",
            headers={"content-type": "application/json"},
            receive=Wire(*pieces, end="silence"),
        )

        assert (answer.status, answer.json["code"]) == (408, "body_timeout")
        assert log.lines[-1]["status"] == 408

    async def test_of_which_nothing_ever_comes_is_answered_408_by_a_resource(
        self, edge: Edge, log: Log, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(call_module, "BODY_TIMEOUT_S", 0.01)

        async def silence() -> dict[str, Any]:
            await asyncio.Event().wait()
            return {}

        answer = await ask(edge, "POST", "/api/cold/x", headers={"content-type": "application/json"}, receive=silence)

        assert (answer.status, answer.json["code"]) == (408, "body_timeout")
        assert answer.header("x-content-type-options") == "nosniff"
        assert log.lines[-1]["status"] == 408

    async def test_of_a_client_that_left_is_no_fault(self, edge: Edge, log: Log):
        async def gone() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        await ask(edge, "POST", "/api/cold/x", receive=gone)

        assert "error" not in log.text


class TestHttps:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/api/hot"),
            ("GET", "/api/hot/both"),
            ("GET", "/api/cold/well"),
            ("OPTIONS", "/api/hot"),
            ("GET", "/api/nowhere"),
            ("GET", "/api/ready/"),
            ("POST", "/page/x"),
            ("DELETE", "/page/x"),
        ],
    )
    async def test_calls_over_plain_http_are_refused_in_production(self, live: Edge, method: str, path: str):
        answer = await ask(live, method, path, headers={"host": "ovqat.example.com"})

        assert (answer.status, answer.header("x-error-code")) == (403, "https_required")
        assert "https" in answer.json["error"]
        assert answer.header("strict-transport-security") is None

    async def test_a_refused_call_of_the_specification_has_its_body_and_is_not_served(self, live: Edge, log: Log):
        wire = Wire(b"{}")

        answer = await ask(live, "POST", "/api/hot", receive=wire)

        assert list(answer.json) == ["error"]
        assert wire.pulled == 0
        assert log.of("hot_answered") == []

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    @pytest.mark.parametrize(
        ("target", "url"),
        [
            ("/", "https://ovqat.example.com/"),
            ("/page/x", "https://ovqat.example.com/page/x"),
            ("/?token=a.b.c&lang=uz", "https://ovqat.example.com/?token=a.b.c&lang=uz"),
            ("/docs?x=%D1%8F", "https://ovqat.example.com/docs?x=%D1%8F"),
            ("//evil.example/x", "https://ovqat.example.com//evil.example/x"),
        ],
    )
    async def test_pages_over_plain_http_are_redirected(self, live: Edge, method: str, target: str, url: str):
        answer = await ask(live, method, target, headers={"host": "ovqat.example.com"})

        assert (answer.status, answer.header("location")) == (308, url)
        assert answer.header("cache-control") == "no-store"

    async def test_a_redirect_keeps_the_path_as_it_was_sent(self, live: Edge):
        answer = await ask(live, "GET", "/я я", headers={"host": "ovqat.example.com"}, raw_path=b"/%D1%8F%20%D1%8F")

        assert answer.header("location") == "https://ovqat.example.com/%D1%8F%20%D1%8F"

    async def test_a_redirect_leads_to_the_public_address_whatever_the_host_header_says(self, log: Log, tmp_path: Path):
        live = edge_of(tmp_path, OVQAT_PUBLIC_URL="https://ovqat.example.com", **PRODUCTION)

        answer = await ask(live, "GET", "/docs?a=1", headers={"host": "evil.example"})

        assert answer.header("location") == "https://ovqat.example.com/docs?a=1"
        assert "a=1" not in log.text

    async def test_a_page_without_a_host_header_has_nowhere_to_be_redirected_to(self, live: Edge):
        answer = await ask(live, "GET", "/docs")

        assert (answer.status, answer.header("location")) == (403, None)

    @pytest.mark.parametrize("path", ["/api/hot", "/page/well", "/nowhere"])
    async def test_browsers_are_told_of_https_over_https_only(self, live: Edge, path: str):
        plain = await ask(live, "GET", path, headers={"host": "ovqat.example.com"})
        proxied = await ask(live, "GET", path, headers={"x-forwarded-proto": "https"}, client=("127.0.0.1", 1))

        assert plain.header("strict-transport-security") is None
        assert proxied.header("strict-transport-security")

    @pytest.mark.parametrize("path", ["/", "/api/hot"])
    async def test_a_proxy_that_is_not_trusted_is_told_so_and_not_sent_round_in_circles(self, live: Edge, path: str):
        answer = await ask(live, "GET", path, headers={"host": "ovqat.example.com", "x-forwarded-proto": "https"})

        assert (answer.status, answer.header("location")) == (403, None)
        assert "OVQAT_TRUSTED_PROXIES" in answer.json["error"]

    async def test_readiness_is_answered_over_plain_http(self, live: Edge):
        answer = await ask(live, "GET", "/api/ready")

        assert (answer.status, answer.body) == (200, b'{"cold":true}')

    async def test_a_trusted_proxy_vouches_for_https(self, live: Edge):
        forwarded = {"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9"}

        trusted = await ask(live, "POST", "/api/hot", headers=forwarded, client=("127.0.0.1", 1))
        stranger = await ask(live, "POST", "/api/hot", headers=forwarded)

        assert (trusted.status, stranger.status) == (200, 403)
        assert trusted.json["address"] == "203.0.113.9"

    @pytest.mark.parametrize(("method", "path"), [("POST", "/api/hot"), ("GET", "/page/well")])
    async def test_development_needs_no_https(self, edge: Edge, method: str, path: str):
        assert (await ask(edge, method, path)).status == 200


class TestCors:
    @pytest.fixture
    def open_edge(self, log: Log, tmp_path: Path) -> Edge:
        assert log.text == ""
        return edge_of(tmp_path, OVQAT_ALLOWED_ORIGINS=BANK)

    @pytest.mark.parametrize(("method", "path", "status"), EVERY_KIND)
    async def test_an_allowed_page_may_read_every_answer_of_the_api(
        self, open_edge: Edge, method: str, path: str, status: int
    ):
        answer = await ask(open_edge, method, path, headers={"origin": BANK})

        api = path.startswith("/api/")
        assert answer.status == status
        assert answer.header("access-control-allow-origin") == (BANK if api else None)
        assert answer.header("vary") == ("Origin" if api else None)

    @pytest.mark.parametrize("path", ["/api/hot", "/api/cold/well", "/api/nowhere"])
    async def test_a_preflight_is_answered_before_anything_else(self, open_edge: Edge, log: Log, path: str):
        answer = await ask(open_edge, "OPTIONS", path, headers=PREFLIGHT)

        assert (answer.status, answer.body, answer.header("content-length")) == (204, b"", None)
        assert answer.header("access-control-allow-origin") == BANK
        assert answer.header("access-control-max-age")
        assert answer.header("vary") == "Origin"
        assert log.of("hot_answered") == []

    @pytest.mark.parametrize(
        ("method", "headers", "status"),
        [
            ("OPTIONS", {"origin": BANK}, 405),
            ("OPTIONS", {}, 405),
            ("POST", PREFLIGHT, 200),
            ("GET", PREFLIGHT, 405),
        ],
    )
    async def test_what_is_no_preflight_is_a_call_like_any(
        self, open_edge: Edge, method: str, headers: dict[str, str], status: int
    ):
        answer = await ask(open_edge, method, "/api/hot", headers=headers)

        assert (answer.status, answer.header("access-control-max-age")) == (status, None)

    @pytest.mark.parametrize("origin", ["https://evil.example", "*", "null"])
    async def test_another_page_is_allowed_nothing(self, open_edge: Edge, origin: str):
        preflight = await ask(open_edge, "OPTIONS", "/api/hot", headers={**PREFLIGHT, "origin": origin})
        answer = await ask(open_edge, "POST", "/api/hot", headers={"origin": origin})

        said = [name for name, _ in [*preflight.headers, *answer.headers] if name.startswith("access-control")]
        assert said == []
        assert (preflight.header("vary"), answer.header("vary")) == ("Origin", "Origin")


class TestLogLine:
    async def test_of_a_hot_call_holds_its_event(self, edge: Edge, log: Log):
        await ask(edge, "POST", "/api/hot")

        (line,) = log.of("hot_answered")
        assert line["shown"] == "99899*****77"

    async def test_is_left_out_for_a_quiet_answer_but_not_for_a_quiet_error(self, edge: Edge, log: Log):
        await ask(edge, "GET", "/api/cold/quiet")
        well = log.lines
        await ask(edge, "GET", "/api/cold/quiet-and-refusing")

        assert well == []
        assert [line["status"] for line in log.lines] == [400]

    @pytest.mark.parametrize("path", ["/", "/api/hot", "/api/cold/well", "/api/nowhere"])
    async def test_has_no_query_string(self, edge: Edge, log: Log, path: str):
        await ask(edge, "POST", f"{path}?token={TOKEN}&code=a-code&phone=998997961877")

        assert not any(part in log.text for part in ("?", "token", "a-code", "998997961877", *TOKEN.split(".")))

    async def test_has_no_header_of_the_request(self, edge: Edge, log: Log):
        await ask(
            edge,
            "POST",
            "/api/hot",
            headers={"x-api-key": "a-made-up-key", "authorization": f"Bearer {TOKEN}", "cookie": "a-cookie"},
        )

        assert not any(part in log.text for part in ("a-made-up-key", "Bearer", "a-cookie", *TOKEN.split(".")))

    @pytest.mark.parametrize("number", ["998997961877", "+998997961877", "997961877", "79123456789"])
    @pytest.mark.parametrize("path", ["/{}", "/api/users/{}/meals", "/x{}x", "/api/hot/{}", "/api/cold/{}", "/page/{}"])
    async def test_has_no_whole_number_of_a_path(self, edge: Edge, log: Log, path: str, number: str):
        scope = scope_of("GET", "/")
        scope["path"] = path.format(number)

        await send_scope(edge, scope, Wire())

        assert number not in log.text

    @pytest.mark.parametrize(
        "written",
        [
            "998 99 796 18 77",
            "+998-99-796-18-77",
            "998(99)796.18.77",
            "99 796-18-77",
            "٩٩٨٩٩٧٩٦١٨٧٧",
        ],
    )
    async def test_has_no_number_of_a_path_that_is_written_with_separators(self, edge: Edge, log: Log, written: str):
        scope = scope_of("GET", "/")
        scope["path"] = f"/api/cold/{written}"

        await send_scope(edge, scope, Wire())

        assert not any(character.isdecimal() for character in log.lines[0]["path"])

    @pytest.mark.parametrize(
        "path",
        [
            f"/{TOKEN}",
            f"/api/auth/{TOKEN}",
            f"/api/cold/{TOKEN}",
            f"/?token={TOKEN}",
            f"/token={TOKEN}/x",
            f"/{'x' * 60}/{TOKEN}",
            f"/{TOKEN.replace('.', '/')}",
        ],
    )
    async def test_has_no_token_of_a_path(self, edge: Edge, log: Log, path: str):
        scope = scope_of("GET", "/")
        scope["path"] = path

        await send_scope(edge, scope, Wire())

        assert not any(part in log.text for part in TOKEN.split("."))

    @pytest.mark.parametrize(
        "path", ["/a\nb", '/a"b', "/a\r\n{}", "/\x1b[31m", "/я", "/\u2028", "/😀", "/" + "a/" * 5000]
    )
    async def test_is_one_short_line_of_json_whatever_the_path(self, edge: Edge, log: Log, path: str):
        answer = await ask(edge, "GET", path)

        assert answer.status == 404
        assert log.text.count("\n") == 1
        assert json.loads(log.text)["path"] == "unknown"
        assert len(log.text) < 1000


class TestOther:
    async def test_a_websocket_is_refused(self, edge: Edge):
        sent = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        async def connect() -> dict[str, Any]:
            return {"type": "websocket.connect"}

        await edge({"type": "websocket", "path": "/api/hot", "headers": []}, connect, send)

        assert [message["type"] for message in sent] == ["websocket.close"]

    async def test_what_runs_is_open_from_start_to_stop(self, tmp_path: Path):
        happened = []

        @asynccontextmanager
        async def running() -> AsyncGenerator[None]:
            happened.append("opened")
            yield
            happened.append("closed")

        edge = Edge(settings_of(tmp_path), ENDPOINTS, Resources(), running)
        async with served(edge):
            happened.append("serving")

        assert happened == ["opened", "serving", "closed"]

    async def test_a_start_that_fails_is_not_reported_as_done(self, tmp_path: Path):
        @asynccontextmanager
        async def running() -> AsyncGenerator[None]:
            raise StoreFailure from OSError("the disk is full")
            yield

        edge = Edge(settings_of(tmp_path), ENDPOINTS, Resources(), running)

        with pytest.raises(StoreFailure):
            async with served(edge):
                pass

    async def test_a_stop_that_fails_is_not_reported_as_done(self, tmp_path: Path):
        @asynccontextmanager
        async def running() -> AsyncGenerator[None]:
            yield
            raise StoreFailure

        edge = Edge(settings_of(tmp_path), ENDPOINTS, Resources(), running)

        with pytest.raises(StoreFailure):
            async with served(edge):
                pass


class TestFalconsErrors:
    @pytest.mark.parametrize(
        ("error", "status", "code"),
        [
            (falcon.HTTPNotFound(), 404, "not_found"),
            (falcon.HTTPRouteNotFound(), 404, "not_found"),
            (falcon.HTTPMethodNotAllowed(["GET", "PUT"]), 405, "method_not_allowed"),
            (falcon.HTTPBadRequest(description="A sentence"), 400, "body_malformed"),
            (falcon.HTTPInvalidHeader("odd", "X-Odd"), 400, "body_malformed"),
        ],
    )
    @pytest.mark.usefixtures("log")
    async def test_are_answered_as_ours(self, tmp_path: Path, error: falcon.HTTPError, status: int, code: str):
        class Raising:
            async def on_get(self, _: Request, __: Response) -> None:
                raise error

        resources = Resources()
        resources.add_route("/api/raising", Raising())
        answer = await ask(Edge(settings_of(tmp_path), {}, resources, nothing_runs), "GET", "/api/raising")

        assert (answer.status, answer.json["code"]) == (status, code)
        assert set(answer.json) == {"error", "code", "requestId"}
        assert answer.json["error"]
