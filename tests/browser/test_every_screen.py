"""Every screen that can be reached by its links: nothing wrong for those who hear it, nothing sideways."""

from collections import deque
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.urls import resolve
from playwright.sync_api import Browser, Error, Page

from credentials.demo.load import load
from credentials.models import Card
from tests.browser.screens import DESK, PHONE, faults, overhang, screen, sign_in
from tests.processes import website

pytestmark = pytest.mark.django_db(transaction=True)
SIZE = 420
# Pictures, and the pages of a library that is not ours.
NO_SCREENS = {"docs", "schema", "phone_unit_image"}
# What these show depends on how far somebody is.
BY_STAGE = {"phone_home", "phone_courses", "phone_exam", "phone_pledge", "phone_card"}


class Walk:
    """A walk from link to link that looks at each kind of page once and notes what is wrong."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.wrong: list[str] = []

    def through(self, page: Page, start: str, sizes: list[Any], *, who: str = "") -> None:
        """Visit the page and whatever it and its followers lead to."""
        waiting = deque([start])
        while waiting:
            address = waiting.popleft()
            route = route_of(address, who)
            if route in self.seen:
                continue
            self.seen.add(route)
            try:
                answer = page.goto(address)
            except Error as problem:
                if "Download is starting" in str(problem):
                    continue
                raise
            if answer is None or answer.status != 200:
                self.wrong.append(f"{address} answered {answer and answer.status}")
            elif "text/html" in answer.headers["content-type"]:
                self.look(page, sizes)
                waiting += [link for link in links(page) if route_of(link, who) not in self.seen]

    def look(self, page: Page, sizes: list[Any]) -> None:
        """Note what the rules find, and what hangs over the edge at these sizes."""
        where = urlsplit(page.url).path
        for size in sizes:
            page.set_viewport_size(size)
            self.wrong += [
                f"{where} is wider than {size['width']}: {one}" for one in overhang(page)
            ]
        page.set_viewport_size(sizes[0])
        self.wrong += [f"{where} {fault}" for fault in faults(page)]


def route_of(address: str, who: str = "") -> str:
    """Return the name of the page behind an address, or nothing where there is none to look at."""
    name = resolve(urlsplit(address).path).url_name or ""
    if name in BY_STAGE:
        return f"{name} {who}"
    return "" if name in NO_SCREENS else name


def links(page: Page) -> list[str]:
    """Return the addresses of our own that the page leads to."""
    found = page.evaluate(
        "Array.from(document.querySelectorAll('a[href^=\"/\"]:not([download])'), a => a.getAttribute('href'))"
    )
    return [link for link in found if not link.startswith("/static/") and route_of(link)]


def test_every_screen_can_be_heard_and_fits(
    transactional_db: None, browser: Browser, tmp_path: Path
) -> None:
    desks = load(Path(settings.STATE_DIR), size=SIZE)
    walk = Walk()
    walk.seen.add("")
    with website() as address:
        door = screen(browser, address, PHONE)
        walk.through(door, "/sign-in/", [PHONE, DESK])
        walk.through(door, "/v/", [PHONE, DESK])
        for state in ("handed_over", "lost", "recalled", "cancelled", "confiscated"):
            card = Card.objects.filter(state=state, census__code="04").first()
            if card:
                door.goto(f"/V/{card.token}")
                walk.look(door, [PHONE])
        for word, login, secret in desks.printed:
            is_field = word.startswith("手机端")
            page = screen(browser, address, PHONE if is_field else DESK)
            sign_in(page, login, secret)
            start = urlsplit(page.url).path
            if is_field:
                walk.through(page, start, [PHONE], who=word)
            else:
                walk.look(page, [DESK, PHONE])
                for link in ["/account/", *links(page)]:
                    walk.through(page, link, [DESK, PHONE])
            page.context.close()
    assert len(walk.seen) > 70
    assert not walk.wrong, "\n".join(walk.wrong)
