"""Cookies that only this site may set and read, wherever a browser counts the address as secure."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import sync_playwright

from census_staff.accounts.models import User
from census_staff.accounts.roles import Role
from tests.processes import chromium, website
from tests.standing import World

CHECKOUT = Path(__file__).resolve().parent.parent
ASK = (
    "import django; django.setup(); from django.conf import settings as s;"
    "from census_staff.accounts import devices, middleware as m;"
    "names = [s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.LANGUAGE_COOKIE_NAME,"
    " devices.COOKIE, m.VIEW_COOKIE];"
    "print(all(n.startswith('__Host-') for n in names), any('__' in n for n in names),"
    " s.SESSION_COOKIE_SECURE and s.CSRF_COOKIE_SECURE)"
)


@pytest.mark.parametrize(
    ("address", "is_prefixed"),
    [
        ("https://census.example.org", True),
        ("http://127.0.0.1:8000", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("http://192.168.1.7:8000", False),
        ("http://census.example.org", False),
        ("http://localhost.example.org", False),
    ],
)
def test_the_address_of_the_site_decides(
    address: str, is_prefixed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CENSUS_SITE_URL", address)
    said = subprocess.run(
        [sys.executable, "-c", ASK], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert said == [str(is_prefixed)] * 3


def test_every_cookie_is_kept_from_scripts_and_from_other_sites(world: World) -> None:
    client = Client()
    client.get("/sign-in/")
    given = {"name": world.user(Role.COORDINATOR).login, "password": "Correct-Horse-9"}
    client.post("/sign-in/", given)
    client.post("/view/", {"view": "clear"})
    client.post("/language/", {"language": "en"})
    assert len(client.cookies) == 5
    for cookie in client.cookies.values():
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
        assert (cookie["path"], cookie["domain"]) == ("/", "")
        assert bool(cookie["secure"]) is settings.COOKIES_ARE_SECURE


@pytest.mark.django_db(transaction=True)
def test_a_browser_keeps_them_on_this_machine_over_plain_http(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = chromium()
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    clerk: User = World().user(Role.TOWNSHIP_CLERK)
    with website() as address, sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(base_url=address)
        page.goto("/sign-in/")
        page.locator("#id_name").fill(clerk.login)
        page.locator("#id_password").fill("Correct-Horse-9")
        page.locator("#id_password").press("Enter")
        page.wait_for_url(lambda url: "/sign-in/" not in url)
        page.goto("/account/")
        assert clerk.login in page.content()
        kept = {each["name"]: each for each in page.context.cookies()}
        assert set(kept) == {"__Host-session", "__Host-csrf", "__Host-device"}
        assert all(each["secure"] and each["httpOnly"] for each in kept.values())
        assert page.evaluate("document.cookie") == ""
        browser.close()
