import re
import time
from typing import Any

import httpx
import jwt
import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import OpenPhone, serious, sign_in, texts
from tests.running import Server

NUMBER = "998997961877"
SCREEN_WITHIN_S = 10


def me(running: Server, token: str) -> dict[str, Any]:
    return httpx.get(f"{running.url}/api/me", headers={"Authorization": f"Bearer {token}"}).json()


def opened(page: Page, running: Server, token: str) -> None:
    page.goto(f"{running.url}/?token={token}")
    expect(page.get_by_text("***-**-")).to_be_visible()


def expired(token: str, running: Server) -> str:
    """Give the same token as it would be a second after its end."""
    claims = jwt.decode(token, options={"verify_signature": False})
    now = int(time.time())
    secret = (running.folder / "jwt_secret").read_text("ascii")
    return jwt.encode({**claims, "iat": now - 604_801, "exp": now - 1}, secret, algorithm="HS256")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("locale", "language"), [("uz-UZ", "uz"), ("uz-Cyrl-UZ", "uz-Cyrl"), ("ru-RU", "ru"), ("en-GB", "en")]
)
def test_a_person_is_greeted_in_their_language_and_theme(
    running: Server, open_phone: OpenPhone, locale: str, language: str, theme: str
) -> None:
    page = open_phone(locale, theme)

    opened(page, running, sign_in(running, NUMBER))

    expect(page.get_by_role("heading", name=texts(language)["home.welcome.title"])).to_be_visible()
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("html").get_attribute("data-theme") == theme
    expect(page.get_by_text("+998 99 ***-**-77")).to_be_visible()
    assert NUMBER not in page.content()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert serious(page) == []


def test_the_token_leaves_the_address_before_anything_else_is_asked_for(running: Server, open_phone: OpenPhone) -> None:
    page = open_phone()
    token = sign_in(running, "998901000001")
    asked: list[tuple[str, str | None]] = []
    page.on("request", lambda request: asked.append((request.url, request.headers.get("referer"))))

    opened(page, running, token)
    page.reload()
    expect(page.get_by_text("***-**-")).to_be_visible()

    assert [url for url, _ in asked if token in url] == [f"{running.url}/?token={token}"]
    assert {referrer or None for _, referrer in asked} == {None}
    assert page.url == f"{running.url}/"
    assert token not in running.log.read_text("utf-8")
    assert page.evaluate("Object.values(localStorage).length") == 0


def test_it_verifies_before_it_loads_the_person(running: Server, open_phone: OpenPhone) -> None:
    page = open_phone()
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url.removeprefix(running.url)))

    opened(page, running, sign_in(running, "998901000002"))

    assert [call for call in calls if call.startswith("/api/")] == ["/api/auth/verify", "/api/me"]


def test_a_language_that_is_chosen_is_kept_on_the_server(running: Server, open_phone: OpenPhone) -> None:
    page = open_phone("ru-RU")
    token = sign_in(running, "998901000003")
    opened(page, running, token)

    page.get_by_role("button", name=texts("ru")["settings.language"]).click()
    with page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
        page.get_by_text("Ўзбекча", exact=True).click()

    expect(page.get_by_role("heading", name=texts("uz-Cyrl")["language.title"])).to_be_visible()
    assert me(running, token)["language"] == "uz-Cyrl"
    elsewhere = open_phone("en-GB")
    opened(elsewhere, running, sign_in(running, "998901000003"))
    expect(elsewhere.get_by_role("heading", name=texts("uz-Cyrl")["home.welcome.title"])).to_be_visible()


def test_a_theme_that_is_chosen_is_kept_on_the_server(running: Server, open_phone: OpenPhone) -> None:
    page = open_phone("en-GB", theme="light")
    token = sign_in(running, "998901000004")
    opened(page, running, token)

    with page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
        page.get_by_text(texts("en")["theme.dark"], exact=True).click()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert me(running, token)["theme"] == "dark"
    page.reload()
    expect(page.get_by_role("radio", name=texts("en")["theme.dark"])).to_be_checked()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_choice_that_cannot_be_saved_is_taken_back_and_said(running: Server, open_phone: OpenPhone) -> None:
    page = open_phone("en-GB")
    opened(page, running, sign_in(running, "998901000005"))
    page.context.set_offline(True)

    page.get_by_text(texts("en")["theme.dark"], exact=True).click()

    expect(page.get_by_text(texts("en")["remark.offline"])).to_be_visible()
    expect(page.get_by_role("radio", name=texts("en")["theme.system"])).to_be_checked()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_back_leads_from_the_languages_to_the_first_screen(running: Server, open_phone: OpenPhone, theme: str) -> None:
    page = open_phone("uz-UZ", theme)
    uz = texts("uz")
    opened(page, running, sign_in(running, "998901000006"))
    page.get_by_role("button", name=uz["settings.language"]).click()
    expect(page.get_by_role("heading", name=uz["language.title"])).to_be_focused()
    assert serious(page) == []

    page.go_back()

    expect(page.get_by_role("heading", name=uz["home.welcome.title"])).to_be_visible()
    page.get_by_role("button", name=uz["settings.language"]).click()
    page.reload()
    page.get_by_role("button", name=uz["back"]).click()
    expect(page.get_by_role("heading", name=uz["home.welcome.title"])).to_be_visible()


@pytest.mark.parametrize(
    ("query", "text"),
    [("", "noToken"), ("?token=not.a.token", "refused")],
)
def test_without_a_good_token_it_says_what_to_do(running: Server, open_phone: OpenPhone, query: str, text: str) -> None:
    page = open_phone("ru-RU")

    page.goto(f"{running.url}/{query}")

    expect(page.get_by_role("heading", name=texts("ru")[f"{text}.title"])).to_be_visible()
    expect(page.get_by_text(texts("ru")[f"{text}.text"])).to_be_visible()
    assert serious(page) == []


def test_an_expired_token_says_so(running: Server, open_phone: OpenPhone) -> None:
    page = open_phone("ru-RU", "dark")

    page.goto(f"{running.url}/?token={expired(sign_in(running, '998901000007'), running)}")

    expect(page.get_by_role("heading", name=texts("ru")["expired.title"])).to_be_visible()
    assert serious(page) == []


def test_a_native_host_is_asked_for_a_new_token_and_gives_one(running: Server, open_phone: OpenPhone) -> None:
    page = open_phone("en-GB")
    token = sign_in(running, "998901000008")
    page.add_init_script(
        "window.said = []; window.ReactNativeWebView = { postMessage: (text) => said.push(JSON.parse(text)) };"
    )

    page.goto(f"{running.url}/?token={expired(token, running)}")
    page.wait_for_function("said.some(({ type }) => type === 'REQUEST_TOKEN')")
    page.evaluate("token => OvqatNative.postMessage({ type: 'SET_TOKEN', token })", token)

    expect(page.get_by_text("***-**-")).to_be_visible()
    assert page.evaluate("said.map(({ type }) => type)")[:2] == ["READY", "REQUEST_THEME"]


def test_revoked_tokens_are_refused_in_the_middle_of_things(running: Server, open_phone: OpenPhone) -> None:
    page = open_phone("en-GB")
    opened(page, running, sign_in(running, "998901000009"))
    assert running.command("user", "revoke", "998901000009").returncode == 0
    page.wait_for_timeout(2_500)  # a running server learns of it within two seconds

    page.get_by_text(texts("en")["theme.dark"], exact=True).click()

    expect(page.get_by_role("heading", name=texts("en")["refused.title"])).to_be_visible()


def test_a_cut_network_is_said_within_ten_seconds_and_mends_by_itself(running: Server, open_phone: OpenPhone) -> None:
    page = open_phone("ru-RU")
    page.route("**/api/**", lambda route: route.abort("internetdisconnected"))
    began = time.monotonic()

    page.goto(f"{running.url}/?token={sign_in(running, '998901000010')}")
    expect(page.get_by_role("heading", name=texts("ru")["offline.title"])).to_be_visible()
    assert time.monotonic() - began < SCREEN_WITHIN_S
    assert serious(page) == []
    page.unroute("**/api/**")
    page.evaluate("dispatchEvent(new Event('online'))")

    expect(page.get_by_text("***-**-")).to_be_visible()


def test_a_server_that_never_answers_ends_in_a_screen_within_ten_seconds(
    running: Server, open_phone: OpenPhone
) -> None:
    page = open_phone("ru-RU")
    held: list[Route] = []
    page.route("**/api/**", lambda route: held.append(route))  # noqa: PLW0108 Playwright marks the function it is given
    began = time.monotonic()

    page.goto(f"{running.url}/?token={sign_in(running, '998901000011')}")

    expect(page.get_by_role("button", name=texts("ru")["retry"])).to_be_visible()
    assert time.monotonic() - began < SCREEN_WITHIN_S
    for route in held:
        route.abort()


def test_the_first_open_weighs_little(running: Server, open_phone: OpenPhone) -> None:
    page = open_phone("ru-RU")
    weights: dict[str, int] = {}

    def weigh(answer: Any) -> None:
        if "/api/" not in answer.url:
            weights[answer.url] = answer.request.sizes()["responseBodySize"]

    page.on("requestfinished", lambda request: weigh(request.response()))

    opened(page, running, sign_in(running, "998901000012"))
    page.wait_for_load_state("networkidle")

    assert sum(weights.values()) <= 21_000, weights
    assert all(re.search(r"/$|\?token=|/assets/", url) for url in weights)
