"""Screens of the sizes that people have, signing in on them, and what must hold on each."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

DESK = {"width": 1366, "height": 768}
PHONE = {"width": 360, "height": 780}
PASSWORD = "Correct-Horse-9"
AXE = Path(__file__).with_name("axe.min.js")
# What the rules of accessibility say for certain; "best practice" is another matter. axe-core 4.10.3 (axe.LICENSE).
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


def screen(browser: Browser, address: str, size: Any = DESK) -> Page:
    """Return an empty page in a browser window of its own."""
    context = browser.new_context(
        viewport=size, base_url=address, locale="zh-CN", accept_downloads=True
    )
    context.set_default_timeout(15_000)
    return context.new_page()


def sign_in(page: Page, login: str, password: str = PASSWORD) -> Page:
    """Go through the door as anybody does; return the page."""
    page.goto("/sign-in/")
    page.get_by_label("手机号码或账号").fill(login)
    page.locator("#id_password").fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    return page


def downloaded(page: Page, button: str) -> bytes:
    """Press a button that gives a file; return the file."""
    with page.expect_download() as coming:
        page.get_by_role("button", name=button).click()
    return Path(coming.value.path()).read_bytes()


def fits(page: Page) -> bool:
    """Return whether nothing hangs over the right edge."""
    wide: int = page.evaluate("document.documentElement.scrollWidth")
    seen: int = page.evaluate("document.documentElement.clientWidth")
    return wide <= seen


def overhang(page: Page) -> list[str]:
    """Return the innermost elements that hang over the right edge; none where nothing does."""
    if fits(page):
        return []
    found: list[str] = page.evaluate(
        """() => Array.from(document.body.querySelectorAll("*"))
            .filter(one => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".scroll"))
            .slice(-3).map(one => one.outerHTML.slice(0, 160))"""
    )
    return found or ["the page itself"]


def faults(page: Page) -> list[str]:
    """Return what the accessibility rules find on the page: the rule, and where."""
    # The page's own policy forbids foreign scripts; the driver's world is not the page's.
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(
        f"axe.run(document, {{runOnly: {json.dumps(RULES)}, resultTypes: ['violations']}})"
    )
    return [
        f"{each['id']}: {' '.join(map(str, node['target']))} {node['html'][:160]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


@contextmanager
def pictures_on_failure(browser: Browser, folder: Path) -> Iterator[None]:
    """Run the block; when it fails, leave a picture of every open screen in the folder."""
    try:
        yield
    except BaseException as problem:
        pages = [page for context in browser.contexts for page in context.pages]
        for number, page in enumerate(pages, start=1):
            page.screenshot(path=folder / f"{number}.png", full_page=True)
            problem.add_note(f"{folder / f'{number}.png'}: {page.url}")
        raise
