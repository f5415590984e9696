import re
from collections.abc import Generator

import httpx
import pytest

from tests.contract.made_up import HIGH_LIMITS, ORIGIN, PARTNER_KEY, new_number, sign_in
from tests.contract.wire import exchange, head
from tests.running import SECRET, Server, eventually, production, server

PHONE, VERIFY, HEALTH, ME = "/api/auth/phone", "/api/auth/verify", "/api/health", "/api/me"
PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def logged_address(running: Server, answer: httpx.Response) -> str:
    (line,) = eventually(lambda: running.lines_of(answer))
    return line["address"]


@pytest.fixture(scope="module")
def in_plain_http(production_server: Server) -> Generator[httpx.Client]:
    """Somebody who calls the production server without HTTPS."""
    with httpx.Client(base_url=production_server.url, trust_env=False) as calling:
        yield calling


# Who sent it


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP"])
def test_a_forged_address_changes_nothing_where_no_proxy_is_trusted(
    open_server: Server, client: httpx.Client, name: str
) -> None:
    answer = client.get(HEALTH, headers={name: "192.0.2.1"})

    assert logged_address(open_server, answer) == "127.0.0.1"


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("203.0.113.9, 192.0.2.1", "192.0.2.1"),
        ("192.0.2.1, 127.0.0.1", "192.0.2.1"),
        ("203.0.113.9, 192.0.2.1, 127.0.0.1, 127.0.0.1", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("203.0.113.9, nonsense", "127.0.0.1"),
        ("nonsense", "127.0.0.1"),
        ("998997961877", "127.0.0.1"),
        ("", "127.0.0.1"),
        (", ,", "127.0.0.1"),
        ("192.0.2.1, unknown, 127.0.0.1", "127.0.0.1"),
    ],
)
def test_the_nearest_address_that_is_no_proxy_of_ours_is_the_client(
    production_server: Server, stranger: httpx.Client, chain: str, address: str
) -> None:
    answer = stranger.get(HEALTH, headers={"X-Forwarded-For": chain})

    assert logged_address(production_server, answer) == address


def test_a_chain_in_two_headers_is_one_chain(production_server: Server, stranger: httpx.Client) -> None:
    answer = stranger.get(HEALTH, headers=[("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-For", "192.0.2.1")])

    assert logged_address(production_server, answer) == "192.0.2.1"


def test_https_that_a_stranger_claims_is_not_believed() -> None:
    with (
        server(**production(OVQAT_TRUSTED_PROXIES="192.0.2.0/24")) as running,
        httpx.Client(base_url=running.url, trust_env=False) as client,
    ):
        answer = client.get(HEALTH, headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"})

        assert answer.status_code == 403
        assert logged_address(running, answer) == "127.0.0.1"


# HTTPS


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", PHONE, rb'\{"error":"[^"]*https:[^"]*"\}'),
        ("POST", VERIFY, rb'\{"valid":false,"error":"[^"]*https:[^"]*"\}'),
        ("GET", HEALTH, rb'\{"error":"[^"]*https:[^"]*"\}'),
        ("GET", ME, rb'\{"error":"[^"]*https:[^"]*","code":"https_required","requestId":"[^"]+"\}'),
        ("DELETE", ME, rb'\{"error":"[^"]*https:[^"]*","code":"https_required","requestId":"[^"]+"\}'),
        ("GET", "/api/nothing", rb'\{"error":"[^"]*https:[^"]*","code":"https_required","requestId":"[^"]+"\}'),
        ("POST", "/", rb'\{"error":"[^"]*https:[^"]*","code":"https_required","requestId":"[^"]+"\}'),
    ],
)
def test_plain_http_is_refused_for_calls_in_production(
    in_plain_http: httpx.Client, method: str, path: str, body: bytes
) -> None:
    answer = in_plain_http.request(method, path, headers={"X-API-Key": PARTNER_KEY})

    assert answer.status_code == 403
    assert re.fullmatch(body, answer.content)
    assert answer.headers["x-error-code"] == "https_required"


def test_plain_http_does_not_sign_anyone_in_in_production(
    production_server: Server, in_plain_http: httpx.Client
) -> None:
    phone = new_number()

    in_plain_http.post(PHONE, json={"phoneNumber": phone}, headers={"X-API-Key": PARTNER_KEY})

    assert production_server.rows("SELECT 1 FROM users WHERE phone = ?", phone) == []


@pytest.mark.parametrize("target", ["/", "/docs", "/?token=a.b.c&theme=dark", "/openapi.json", "/assets/a%20b.js"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_plain_http_is_redirected_for_pages_in_production(
    in_plain_http: httpx.Client, method: str, target: str
) -> None:
    answer = in_plain_http.request(method, target, headers={"Host": "ovqat.example.com"})

    assert answer.status_code == 308
    assert answer.headers["location"] == f"https://ovqat.example.com{target}"


def test_pages_are_redirected_to_the_public_address_whatever_host_was_asked_for() -> None:
    with (
        server(**production(OVQAT_PUBLIC_URL="https://ovqat.example.com")) as running,
        httpx.Client(base_url=running.url, trust_env=False) as client,
    ):
        answer = client.get("/docs?x=1", headers={"Host": "evil.example"})

    assert (answer.status_code, answer.headers["location"]) == (308, "https://ovqat.example.com/docs?x=1")


def test_a_path_that_only_resembles_a_call_is_no_way_around_https(production_server: Server) -> None:
    answer = exchange(production_server, head("GET", "//api/me", Authorization="Bearer x"))

    assert answer.status in {308, 403}


def test_readiness_is_told_in_plain_http_since_probes_ask_from_inside(in_plain_http: httpx.Client) -> None:
    assert in_plain_http.get("/api/ready").status_code == 200


@pytest.mark.parametrize("path", [HEALTH, ME, "/api/nothing", "/", "/openapi.json"])
def test_production_tells_browsers_to_keep_to_https(stranger: httpx.Client, path: str) -> None:
    policy = stranger.get(path).headers["strict-transport-security"]

    assert int(policy.partition("max-age=")[2].partition(";")[0]) >= 31_536_000


def test_development_is_answered_in_plain_http_without_hsts(client: httpx.Client) -> None:
    answer = client.get(HEALTH)

    assert answer.status_code == 200
    assert "strict-transport-security" not in answer.headers


# CORS


@pytest.mark.parametrize(
    ("method", "path"), [("GET", HEALTH), ("POST", VERIFY), ("POST", PHONE), ("GET", ME), ("GET", "/api/nothing")]
)
def test_an_allowed_page_may_read_every_answer_of_the_api(stranger: httpx.Client, method: str, path: str) -> None:
    answer = stranger.request(method, path, headers={"Origin": ORIGIN})

    exposed = {name.strip().lower() for name in answer.headers["access-control-expose-headers"].split(",")}
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "Origin" in answer.headers["vary"]
    assert "access-control-allow-credentials" not in answer.headers
    assert {"x-request-id", "x-error-code", "retry-after"} <= exposed


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "*",
        "https://evil.example",
        f"{ORIGIN}.evil.example",
        f"{ORIGIN}:8443",
        f"{ORIGIN}/",
        ORIGIN.replace("https", "http"),
        ORIGIN.replace("app.", "x.app."),
        ORIGIN.replace("app.", ""),
        ORIGIN.upper(),
    ],
)
def test_a_page_of_any_other_origin_may_not(stranger: httpx.Client, origin: str | None) -> None:
    headers = {} if origin is None else {"Origin": origin}

    answer = stranger.get(HEALTH, headers=headers)

    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(("path", "method"), [(ME, "PATCH"), (ME, "DELETE"), (VERIFY, "POST"), ("/api/nothing", "PUT")])
def test_a_preflight_of_an_allowed_page_is_answered_and_may_be_kept(
    stranger: httpx.Client, path: str, method: str
) -> None:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }

    answer = stranger.options(path, headers=asked)

    methods = {name.strip() for name in answer.headers["access-control-allow-methods"].split(",")}
    names = {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert method in methods
    assert {"authorization", "content-type"} <= names
    assert "*" not in methods | names
    assert int(answer.headers["access-control-max-age"]) >= 600
    assert "Origin" in answer.headers["vary"]
    assert "access-control-allow-credentials" not in answer.headers


def test_a_preflight_of_any_other_page_is_given_nothing(stranger: httpx.Client) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "PATCH"}

    answer = stranger.options(ME, headers=asked)

    assert answer.status_code == 204
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_without_allowed_origins_no_page_may_read(client: httpx.Client) -> None:
    answer = client.get(HEALTH, headers={"Origin": ORIGIN})

    assert not [name for name in answer.headers if name.startswith("access-control-")]


# The request's id


@pytest.mark.parametrize("given", ["a", "abc-123_DEF.4", "01890a5d-ac96-774b-bcce-b302099a8057", "x" * 64])
def test_a_plain_request_id_is_taken(open_server: Server, client: httpx.Client, given: str) -> None:
    health, unknown = (client.get(path, headers={"X-Request-Id": given}) for path in (HEALTH, "/api/nothing"))

    assert health.headers["x-request-id"] == given
    assert unknown.headers["x-request-id"] == unknown.json()["requestId"] == given
    assert eventually(lambda: [line["status"] for line in open_server.lines_of(health)] == [200, 404])


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\tb", "<script>", "a,b", "a;b", "a/b", '"a"', "{}", "$(id)"])
def test_any_other_request_id_is_replaced(client: httpx.Client, given: str) -> None:
    answer = client.get(HEALTH, headers={"X-Request-Id": given})

    assert answer.headers["x-request-id"] != given
    assert PLAIN_ID.fullmatch(answer.headers["x-request-id"])


def test_a_request_id_that_is_not_ascii_is_replaced(open_server: Server) -> None:
    answer = exchange(open_server, head("GET", HEALTH, X_Request_Id="номер".encode().decode("latin-1")))

    assert answer.status == 200
    assert PLAIN_ID.fullmatch(answer.headers["x-request-id"])


def test_every_request_has_an_id_of_its_own(client: httpx.Client) -> None:
    ids = {client.get(path).headers["x-request-id"] for path in (HEALTH, ME, "/", "/docs", "/api/nothing") * 10}

    assert len(ids) == 50


# The headers of every answer


def everything(client: httpx.Client) -> dict[str, httpx.Response]:
    """Give an answer of every kind."""
    person = sign_in(client)
    json = {"Content-Type": "application/json"}
    return {
        "200 of a contract call": client.post(PHONE, json={"phoneNumber": person.phone}),
        "200 of a resource": client.get(ME, headers=person.bearer),
        "200 to HEAD": client.head(HEALTH),
        "200 of the contract": client.get("/openapi.json"),
        "page": client.get("/"),
        "docs": client.get("/docs"),
        "200 to OPTIONS": client.options(ME),
        "204 to a preflight": client.options(ME, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}),
        "400 of a contract call": client.post(PHONE, content=b"{", headers=json),
        "400 of a resource": client.patch(ME, content=b"{", headers={**json, **person.bearer}),
        "401 of a contract call": client.post(VERIFY, json={"token": "x"}),
        "401 of a resource": client.get(ME),
        "404": client.get("/api/nothing"),
        "404 of a page": client.get("/nothing"),
        "404 of an asset": client.get("/assets/nothing.js"),
        "405 of a contract call": client.put(PHONE),
        "405 of a resource": client.put(ME),
        "413": client.post(PHONE, content=b" " * 20_000, headers=json),
        "415": client.post(PHONE, content=b"x", headers={"Content-Type": "text/plain"}),
        "204": client.delete(ME, headers=person.bearer),
    }


def assert_guarded(kind: str, answer: httpx.Response) -> None:
    assert answer.headers["x-content-type-options"] == "nosniff", kind
    assert answer.headers["referrer-policy"] == "no-referrer", kind
    assert "default-src 'none'" in answer.headers["content-security-policy"], kind
    assert "frame-ancestors" in answer.headers["content-security-policy"], kind
    assert answer.headers["cache-control"] == "no-store", kind
    assert PLAIN_ID.fullmatch(answer.headers["x-request-id"]), kind
    assert "server" not in answer.headers, kind
    assert len(answer.headers.get_list("content-security-policy")) == 1, kind
    if answer.status_code >= 400 and answer.headers["content-type"] == "application/json":
        assert re.fullmatch("[a-z_]+", answer.headers["x-error-code"]), kind


def test_every_answer_in_development_bears_the_security_headers(client: httpx.Client) -> None:
    for kind, answer in everything(client).items():
        assert_guarded(kind, answer)


def test_every_answer_in_production_bears_the_security_headers_and_hsts(partner: httpx.Client) -> None:
    for kind, answer in everything(partner).items():
        assert_guarded(kind, answer)
        assert "strict-transport-security" in answer.headers, kind


def test_refusals_and_redirects_of_plain_http_bear_them_too(in_plain_http: httpx.Client) -> None:
    for path in (HEALTH, ME, "/", "/docs"):
        assert_guarded(path, in_plain_http.get(path))


def test_a_429_bears_them_too() -> None:
    with (
        server(JWT_SECRET=SECRET, **{**HIGH_LIMITS, "OVQAT_LIMITS_ADDRESS": "1/minute"}) as running,
        httpx.Client(base_url=running.url, trust_env=False) as client,
    ):
        answers = [client.post(VERIFY) for _ in range(2)]

    assert answers[1].status_code == 429
    assert_guarded("429", answers[1])
