"""The exam in a real browser on a small phone: networks that vanish, closed pages, two phones, the clock."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from exams import questions
from exams.bank import by_code
from exams.models import Answer, Attempt
from exams.services.grade import final_answers, submit
from exams.services.sit import start
from tests.exams.standing import publish, record
from tests.processes import chromium, website

pytestmark = pytest.mark.django_db(transaction=True)
SMALL = {"width": 360, "height": 780}


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """Give a headless browser; the driver's loop runs in our thread, so Django is told not to mind."""
    program = chromium()
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        yield opened
        opened.close()
        # Inside the loop Django keeps other connections than outside; the next test has a new database.
        connections.close_all()


@pytest.fixture(scope="module")
def address(django_db_setup: None) -> Iterator[str]:
    """Give the address of one web server; it finds each test's new database by itself."""
    with website() as at:
        yield at


def phone(browser: Browser, address: str, staff: Any) -> BrowserContext:
    """Return a phone on which this person is signed in."""
    client = Client()
    client.force_login(staff.person.user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(viewport=SMALL, base_url=address, locale="zh-CN")
    # The server is on this machine, where its cookies are bound to the host.
    where = {"domain": "127.0.0.1", "path": "/", "secure": True}
    context.add_cookies([{"name": "__Host-session", "value": value, **where}])
    return context


def opened(context: BrowserContext) -> Page:
    """Return the exam's paper, loaded."""
    page = context.new_page()
    page.goto("/my/04/exam/")
    expect(page.locator("#paper")).to_be_visible()
    return page


def go_to(page: Page, number: int) -> None:
    page.locator("#open-sheet").click()
    page.locator(f'#cells a[data-number="{number}"]').click()


def pick(page: Page, number: int, letter: str) -> None:
    """Touch an answer of a question."""
    go_to(page, number)
    page.locator(f'#choices label:has(input[value="{letter}"])').click()


def saved(page: Page) -> None:
    expect(page.locator("#saved")).to_have_attribute("data-waiting", "0")
    expect(page.locator("#saved")).to_contain_text("已保存")


def waits(page: Page, number: int) -> None:
    expect(page.locator("#saved")).to_have_attribute("data-waiting", str(number))
    expect(page.locator("#saved")).to_contain_text(f"存在本机 {number} 题")


def singles(attempt: Attempt) -> list[int]:
    """Return the numbers of the questions with one answer of four in this paper."""
    held = by_code(questions.of_paper(attempt.paper))
    return [
        number
        for number, item in enumerate(attempt.paper["items"], start=1)
        if held[item["question"]].kind == "single"
    ]


def picked(attempt: Attempt, number: int) -> str:
    return "".join(final_answers(attempt).get(number, ()))


def test_nothing_is_lost_when_the_network_goes_and_the_page_is_closed(world, browser, address):
    publish(world)
    staff = world.enabled()
    one = phone(browser, address, staff)
    page = one.new_page()
    page.goto("/my/04/exam/")
    page.get_by_role("button", name="开始考试").click()
    expect(page.locator("#paper")).to_be_visible()
    attempt = Attempt.objects.get()
    first, second, third, last = singles(attempt)[:4]
    pick(page, first, "A")
    saved(page)
    assert picked(attempt, first) == "A"

    one.set_offline(True)
    pick(page, second, "B")
    pick(page, last, "A")
    waits(page, 2)
    expect(page.locator("#say")).to_contain_text("网络断了")
    assert Answer.objects.count() == 1
    page.close()
    one.set_offline(False)
    page = opened(one)
    saved(page)
    assert (picked(attempt, second), picked(attempt, last)) == ("B", "A")
    expect(page.locator("#count")).to_have_text("3/50")

    # The same, without closing the page: it is sent as soon as the network is back.
    one.set_offline(True)
    pick(page, third, "A")
    waits(page, 1)
    one.set_offline(False)
    saved(page)
    assert picked(attempt, third) == "A"

    two = phone(browser, address, staff)
    other = opened(two)
    expect(other.locator("#count")).to_have_text("4/50")
    pick(other, first, "B")
    saved(other)
    # A touch on the page that was left open is kept, but no longer decides, and says so.
    pick(page, first, "C")
    expect(page.locator("#say")).to_contain_text("另一个页面或手机")
    assert (picked(attempt, first), Answer.objects.count()) == ("B", 6)

    other.locator("#open-sheet").click()
    other.locator("#hand-in").click()
    expect(other.locator("#sure-say")).to_contain_text("还有 46 题没答")
    other.locator("#do-hand-in").click()
    expect(other).to_have_url(re.compile(r"/result/$"))
    expect(other.locator(".score")).to_contain_text("不合格")
    attempt.refresh_from_db()
    assert (attempt.state, attempt.closed_by, attempt.answered) == ("submitted", "hand", 4)


def test_a_phone_that_keeps_nothing_can_sit_too(world, browser, address):
    publish(world)
    staff = world.enabled()
    attempt = start(record(staff), actor=staff.person.user, now=timezone.now())
    context = phone(browser, address, staff)
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('denied'); }});"
    )
    page = opened(context)
    expect(page.locator("#say")).to_contain_text("不允许网页存储")
    pick(page, 1, "A")
    saved(page)
    context.set_offline(True)
    pick(page, 2, "A")
    waits(page, 1)
    context.set_offline(False)
    saved(page)
    assert final_answers(attempt) == {1: ("A",), 2: ("A",)}


def test_what_comes_too_late_stays_on_the_phone_and_is_named(world, browser, address):
    publish(world)
    staff = world.enabled()
    attempt = start(record(staff), actor=staff.person.user, now=timezone.now())
    context = phone(browser, address, staff)
    page = opened(context)
    pick(page, 1, "A")
    saved(page)
    context.set_offline(True)
    pick(page, 7, "B")
    waits(page, 1)
    submit(attempt, actor=staff.person.user)
    context.set_offline(False)
    expect(page.locator("#say")).to_contain_text("来得太晚")
    expect(page).to_have_url(re.compile(r"/result/$"))
    expect(page.locator("#refused")).to_contain_text("7 B")
    assert final_answers(attempt) == {1: ("A",)}


def test_the_paper_hands_itself_in_when_time_is_over(world, browser, address):
    publish(world)
    staff = world.enabled()
    began = timezone.now() - timedelta(minutes=59, seconds=54)
    attempt = start(record(staff), actor=staff.person.user, now=began)
    context = phone(browser, address, staff)
    # The phone's own day and hour are never asked.
    context.add_init_script("Date.now = () => 0;")
    page = opened(context)
    pick(page, 1, "A")
    saved(page)
    expect(page.locator("#time")).to_have_text(re.compile(r"^0:0\d$"))
    expect(page).to_have_url(re.compile(r"/result/$"), timeout=15_000)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.answered) == ("submitted", 1)
