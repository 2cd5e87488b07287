"""Study and pledge in a real browser on a small phone."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from recruitment.models import Pledge
from recruitment.pledges import load_pledge_text
from tests.processes import chromium, website
from tests.standing import train
from tests.training.studying import loaded, unit_of
from training.models import UnitProgress

pytestmark = pytest.mark.django_db(transaction=True)
SMALL = {"width": 360, "height": 780}


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """Give a headless browser; the driver's loop runs in our thread, so Django is told not to mind."""
    program = chromium()
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
        )
        yield opened
        opened.close()
        connections.close_all()


@pytest.fixture(scope="module")
def address(django_db_setup: None) -> Iterator[str]:
    """Give the address of one web server."""
    with website() as at:
        yield at


def phone(browser: Browser, address: str, staff: Any, *, has_script: bool = True) -> BrowserContext:
    """Return a phone on which this person is signed in."""
    client = Client()
    client.force_login(staff.person.user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(
        viewport=SMALL, base_url=address, locale="zh-CN", java_script_enabled=has_script
    )
    # The server is on this machine, where its cookies are bound to the host.
    where = {"domain": "127.0.0.1", "path": "/", "secure": True}
    context.add_cookies([{"name": "__Host-session", "value": value, **where}])
    return context


def opened(context: BrowserContext, unit: Any) -> Page:
    page = context.new_page()
    page.goto(f"/my/04/units/{unit.pk}/")
    return page


def answer(page: Page, unit: Any) -> None:
    """Touch the right answer and send it."""
    page.locator(f'[data-check] input[value="{unit.content["check"]["answer"]}"]').check()
    page.get_by_role("button", name="提交答案").click()
    expect(page.locator("[data-check]")).to_contain_text("已答对")


def fits(page: Page) -> bool:
    """Return whether nothing hangs over the right edge."""
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width <= SMALL["width"]


def test_a_page_is_read_to_its_end_and_its_question_answered(world, browser, address):
    staff = loaded(world).enabled()
    unit = unit_of("page")
    page = opened(phone(browser, address, staff), unit)
    assert not UnitProgress.objects.exists()
    assert fits(page)
    with page.expect_response(lambda answered: "progress" in answered.url):
        page.locator("[data-end]").scroll_into_view_if_needed()
    answer(page, unit)
    assert UnitProgress.objects.get().completed_at


def test_a_document_is_opened_page_by_page(world, browser, address):
    staff = loaded(world).enabled()
    unit = unit_of("pdf")
    page = opened(phone(browser, address, staff), unit)
    expect(page.locator("[data-check]")).to_be_hidden()
    for number in range(1, unit.content["pages"] + 1):
        expect(page.locator("[data-leaf]")).to_have_attribute("data-leaf", str(number))
        assert fits(page)
        page.get_by_role(
            "button", name="看完了" if number == unit.content["pages"] else "下一页"
        ).click()
    answer(page, unit)
    assert UnitProgress.objects.get().evidence["pages"] == [1, 2, 3, 4]


def test_a_document_is_read_without_any_script(world, browser, address):
    staff = loaded(world).enabled()
    unit = unit_of("pdf")
    page = opened(phone(browser, address, staff, has_script=False), unit)
    for _ in range(unit.content["pages"] - 1):
        page.get_by_role("button", name="下一页").click()
    page.get_by_role("button", name="看完了").click()
    answer(page, unit)
    assert UnitProgress.objects.get().completed_at


def test_a_film_earns_what_was_played_and_cannot_be_moved_ahead(world, browser, address):
    staff = loaded(world).enabled()
    unit = unit_of("film")
    page = opened(phone(browser, address, staff), unit)
    film = page.locator("[data-film]")
    film.evaluate("film => { film.muted = true; return film.play(); }")
    for _ in range(100):
        if film.evaluate("film => film.currentTime") > 6:
            break
        page.wait_for_timeout(200)
    film.evaluate("film => { film.currentTime = 90; }")
    expect(page.locator("[data-trouble]")).to_contain_text("不能拖快")
    put_back = film.evaluate("film => film.currentTime")
    assert put_back < 20
    # What was played before the leap is told already; a pause tells what comes after it.
    page.wait_for_function(
        "from => document.querySelector('[data-film]').currentTime > from + 0.6", arg=put_back
    )
    with page.expect_response(lambda answered: "progress" in answered.url):
        film.evaluate("film => film.pause()")
    played = UnitProgress.objects.get().evidence["played"]
    assert 4 <= sum(end - start for start, end in played) <= 15
    assert max(end for _start, end in played) < 20
    assert int(page.locator("[data-percent]").inner_text()) >= 4


def test_the_pledge_is_drawn_with_a_finger(world, browser, address):
    load_pledge_text(world.census, actor=world.user("city_steward"))
    staff = world.enabled(name="𠮷学文")
    train(staff)
    page = phone(browser, address, staff).new_page()
    page.goto("/my/04/pledge/")
    assert fits(page)
    page.get_by_label("我已读完全文").check()
    page.get_by_role("button", name="签署承诺书").click()
    expect(page.locator("[data-empty]")).to_be_visible()
    pad = page.locator("[data-pad]")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    for step in range(1, 12):
        page.mouse.move(box["x"] + 30 + 18 * step, box["y"] + 40 + 60 * (step % 2))
    page.mouse.up()
    page.get_by_role("button", name="签署承诺书").click()
    expect(page.get_by_text("已签署").first).to_be_visible()
    signed = Pledge.objects.get()
    assert signed.signature_kind == "drawn"
    assert len(bytes(signed.drawing)) < 60_000
    assert "Chrom" in signed.device


def test_the_pledge_is_typed_where_writing_is_difficult(world, browser, address):
    load_pledge_text(world.census, actor=world.user("city_steward"))
    staff = world.enabled(name="李四")
    train(staff)
    page = phone(browser, address, staff).new_page()
    page.goto("/my/04/pledge/")
    page.get_by_role("button", name="手写不方便").click()
    page.get_by_label("键入您的全名").fill("李三")
    page.get_by_label("我已读完全文").check()
    page.get_by_role("button", name="签署承诺书").click()
    expect(page.get_by_role("alert")).to_contain_text("一字不差")
    page.get_by_label("键入您的全名").fill("李四")
    page.get_by_label("我已读完全文").check()
    page.get_by_role("button", name="签署承诺书").click()
    expect(page.get_by_text("键入姓名")).to_be_visible()
    assert Pledge.objects.get().typed_name == "李四"
