import pytest

from ovqat.edge.cors import Cors
from tests.unit.asking import call

BANK = "https://app.bank.example"
SHOP = "https://shop.example:8443"
PREFLIGHT = {"access-control-request-method": "PATCH", "access-control-request-headers": "authorization"}


def admitted(allowed: list[str], origin: str | None) -> dict[bytes, bytes]:
    asked = call(headers={} if origin is None else {"origin": origin})
    Cors(allowed).admit(asked)
    assert len(dict(asked.answer_headers)) == len(asked.answer_headers)
    return dict(asked.answer_headers)


@pytest.mark.parametrize("origin", [BANK, SHOP])
def test_an_allowed_page_may_read_the_answer_and_its_headers(origin: str):
    headers = admitted([BANK, SHOP], origin)

    assert headers[b"access-control-allow-origin"] == origin.encode()
    exposed = {name.strip().lower() for name in headers[b"access-control-expose-headers"].split(b",")}
    assert exposed >= {b"x-request-id", b"x-error-code", b"retry-after", b"ratelimit", b"ratelimit-policy"}
    assert headers[b"vary"] == b"Origin"


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "*",
        "https://evil.example",
        "http://app.bank.example",
        "https://app.bank.example:443",
        "https://app.bank.example/",
        "https://app.bank.example.evil.example",
        "https://evil.example/https://app.bank.example",
        "https://APP.BANK.EXAMPLE",
        "https://app.bank.example, https://evil.example",
        "https://shop.example",
    ],
)
def test_another_page_may_not_and_caches_know_that_it_depends(origin: str | None):
    assert admitted([BANK, SHOP], origin) == {b"vary": b"Origin"}


@pytest.mark.parametrize("origin", [None, BANK])
def test_without_allowed_origins_nothing_is_said(origin: str | None):
    assert admitted([], origin) == {}


def test_a_preflight_of_an_allowed_page_is_answered_and_cached():
    asked = call("OPTIONS", "/api/me", headers={"origin": BANK, **PREFLIGHT})

    headers = dict(Cors([BANK]).preflight(asked))

    methods = {method.strip() for method in headers[b"access-control-allow-methods"].split(b",")}
    wanted = {name.strip().lower() for name in headers[b"access-control-allow-headers"].split(b",")}
    assert methods >= {b"GET", b"POST", b"PUT", b"PATCH", b"DELETE"}
    assert wanted >= {b"authorization", b"content-type"}
    assert int(headers[b"access-control-max-age"]) >= 600


@pytest.mark.parametrize("allowed", [[], [BANK]])
def test_a_preflight_of_another_page_allows_nothing(allowed: list[str]):
    asked = call("OPTIONS", "/api/me", headers={"origin": "https://evil.example", **PREFLIGHT})

    assert Cors(allowed).preflight(asked) == []


@pytest.mark.parametrize("origin", [BANK, "https://evil.example", "*", None])
def test_credentials_and_stars_are_never_allowed(origin: str | None):
    asked = call("OPTIONS", headers={**PREFLIGHT, **({"origin": origin} if origin else {})})
    cors = Cors([BANK])
    cors.admit(asked)

    said = [*asked.answer_headers, *(cors.preflight(asked))]

    assert b"access-control-allow-credentials" not in dict(said)
    assert all(b"*" not in value for _, value in said)


def test_answers_do_not_share_their_headers():
    cors = Cors([BANK])
    one, other = call(headers={"origin": BANK}), call(headers={"origin": BANK})
    cors.admit(one)
    one.answer_headers.append((b"x-more", b"1"))

    cors.admit(other)
    preflight = cors.preflight(call("OPTIONS", headers={"origin": BANK, **PREFLIGHT}))

    assert (b"x-more", b"1") not in other.answer_headers
    preflight.append((b"x-more", b"1"))
    assert (b"x-more", b"1") not in cors.preflight(call("OPTIONS", headers={"origin": BANK, **PREFLIGHT}))
