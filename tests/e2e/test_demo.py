import httpx
import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.e2e.conftest import OpenPhone, serious, texts
from tests.running import Server

DESKTOP = {"width": 1280, "height": 900}


def framed(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def press_the_button(page: Page, running: Server, number: str) -> None:
    page.goto(f"{running.url}/demo")
    page.get_by_role("textbox").first.fill(number)
    page.get_by_role("button", name="Открыть Ovqat AI").click()


@pytest.mark.parametrize("viewport", [None, DESKTOP])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_button_opens_the_mini_app_and_shows_every_call(
    running: Server, open_phone: OpenPhone, theme: str, viewport: dict[str, int] | None
) -> None:
    page = open_phone("ru-RU", theme, viewport)

    press_the_button(page, running, "+998 90 200-00-01")

    expect(framed(page).get_by_text("+998 90 ***-**-01")).to_be_visible()
    timeline = page.locator("#timeline")
    for said in ("/demo/api/open-mini-app", "/api/auth/phone", "/api/auth/verify", "/api/me", "READY"):
        expect(timeline.get_by_text(said).first).to_be_attached()
    assert serious(page) == []


def test_the_partners_backend_shows_its_key_to_the_api_and_not_to_the_page(
    running: Server, open_phone: OpenPhone
) -> None:
    page = open_phone("en-GB", viewport=DESKTOP)
    answers: list[str] = []
    page.on("requestfinished", lambda request: answers.append(request.response().text()))

    press_the_button(page, running, "998902000002")
    expect(framed(page).get_by_text("+998 90 ***-**-02")).to_be_visible()
    page.wait_for_timeout(1000)

    assert any('"x-api-key"' in answer for answer in answers)
    assert not any(running.environ["API_KEY"] in answer for answer in answers)


def test_it_opens_in_a_window_of_its_own_too(running: Server, open_phone: OpenPhone) -> None:
    page = open_phone("ru-RU", viewport=DESKTOP)
    page.goto(f"{running.url}/demo")

    with page.context.expect_page() as opening:
        page.locator("#open-tab").click()

    expect(opening.value.get_by_text("+998 99 ***-**-77")).to_be_visible()


def test_a_wrong_number_is_answered_as_the_api_does(running: Server, open_phone: OpenPhone) -> None:
    page = open_phone("uz-UZ")

    press_the_button(page, running, "12")

    expect(page.get_by_role("alert").get_by_text("Invalid phone number")).to_be_visible()


def test_the_host_gives_a_new_token_for_a_spoiled_one(running: Server, open_phone: OpenPhone) -> None:
    page = open_phone("ru-RU", viewport=DESKTOP)
    page.goto(f"{running.url}/demo")

    page.locator("#open-spoiled").click()

    timeline = page.locator("#timeline")
    expect(timeline.get_by_text("REQUEST_TOKEN").first).to_be_attached()
    expect(timeline.get_by_text("SET_TOKEN").first).to_be_attached()
    expect(framed(page).get_by_text("+998 99 ***-**-77")).to_be_visible()


def test_the_hosts_back_button_goes_back_in_the_mini_app_and_then_closes_it(
    running: Server, open_phone: OpenPhone
) -> None:
    page = open_phone("ru-RU", viewport=DESKTOP)
    press_the_button(page, running, "998902000003")
    framed(page).get_by_role("button", name=texts("ru")["settings.language"]).click()
    expect(framed(page).get_by_role("heading", name=texts("ru")["language.title"])).to_be_visible()

    page.locator("#back").click()

    expect(framed(page).get_by_role("heading", name=texts("ru")["home.welcome.title"])).to_be_visible()
    page.locator("#back").click()
    expect(page.locator("iframe")).to_have_count(0)


def test_the_host_sets_theme_and_language_of_one_who_has_chosen_none(running: Server, open_phone: OpenPhone) -> None:
    page = open_phone("ru-RU", viewport=DESKTOP)
    press_the_button(page, running, "998902000004")
    expect(framed(page).get_by_text("+998 90 ***-**-04")).to_be_visible()

    page.locator("#mini-app-language").get_by_text("English").click()
    page.locator("#theme button, #theme label").nth(1).click()

    expect(framed(page).get_by_role("heading", name=texts("en")["home.welcome.title"])).to_be_visible()
    expect(framed(page).locator("html")).to_have_attribute("data-theme", "dark")


def test_the_code_to_copy_works_when_it_is_pasted(running: Server, open_phone: OpenPhone) -> None:
    page = open_phone("en-GB", viewport=DESKTOP)
    page.goto(f"{running.url}/demo")

    shown = page.locator("#snippet").inner_text()

    assert f"{running.url}/api/auth/phone" in shown
    assert "998997961877" in shown
    for tab in page.locator("#snippet-tabs").get_by_role("tab").all():
        tab.click()
        assert "/api/auth/phone" in page.locator("#snippet").inner_text()


def test_there_is_no_demo_in_production(production_server: Server) -> None:
    https = {"X-Forwarded-Proto": "https"}

    assert httpx.get(f"{production_server.url}/demo", headers=https).status_code == 404
    assert httpx.post(f"{production_server.url}/demo/api/open-mini-app", headers=https, json={}).status_code == 404
