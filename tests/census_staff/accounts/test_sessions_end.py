"""Sessions end, locks hold, and unfinished accounts reach nothing, whatever else is restarted."""

import os
import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from census_staff.accounts import sessions
from census_staff.accounts.models import Session, User
from census_staff.accounts.notice import present_notice
from census_staff.accounts.roles import Role
from census_staff.accounts.services import throttle
from census_staff.accounts.services.sign_in import sign_in
from census_staff.embedded.account import server_account
from census_staff.embedded.valkey import Valkey
from census_staff.lib.errors import Refused
from tests.standing import World
from tests.test_scope import ALL

RIGHT = "Correct-Horse-9"


@pytest.fixture
def clerk(world: World) -> User:
    """Give an office user."""
    return world.user(Role.TOWNSHIP_CLERK)


def entered(user: User, password: str = RIGHT) -> Client:
    browser = Client()
    browser.post("/sign-in/", {"name": user.login, "password": password})
    assert is_in(browser)
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/account/").status_code == 200


@pytest.mark.parametrize("place", ["office", "field"])
def test_idle_and_old_sessions_end_by_the_clock_of_their_place(world: World, place: str) -> None:
    if place == "office":
        browser = entered(world.user(Role.TOWNSHIP_CLERK))
    else:
        browser = entered(User.objects.get(person=world.enabled().person), "census2026")
    row = Session.objects.get(user__isnull=False)
    idle, longest = sessions.IDLE[place], sessions.LONGEST[place]
    assert abs(row.expire_date - row.seen_at - idle) < timedelta(seconds=2)
    assert abs(row.ends_at - row.started_at - longest) < timedelta(seconds=2)

    def age(by: timedelta) -> None:
        """Let time pass for the row, as if nobody had been there."""
        kept = Session.objects.get(pk=row.pk)
        Session.objects.filter(pk=row.pk).update(
            started_at=kept.started_at - by, seen_at=kept.seen_at - by,
            expire_date=kept.expire_date - by, ends_at=kept.ends_at - by,
        )  # fmt: skip

    # Whoever keeps coming back stays, until the session is old.
    step, passed = idle * 0.9, timedelta()
    while passed + step < longest:
        age(step)
        passed += step
        assert is_in(browser)
    age(longest - passed)
    assert not is_in(browser)


def test_an_idle_session_ends(clerk: User) -> None:
    browser = entered(clerk)
    late = sessions.IDLE["office"] + timedelta(seconds=1)
    for row in Session.objects.filter(user=clerk):
        Session.objects.filter(pk=row.pk).update(
            seen_at=row.seen_at - late, expire_date=row.expire_date - late
        )
    assert not is_in(browser)


def test_a_reset_password_ends_every_browser(world: World, clerk: User) -> None:
    from census_staff.accounts.services import issue_codes, open_account

    browser = entered(clerk)
    code = issue_codes([clerk], actor=world.user(Role.SECURITY_ADMIN))[clerk.pk]
    assert is_in(browser)
    open_account(clerk.login, code)
    assert not is_in(browser)


def session_valkey() -> Valkey:
    """Return a Valkey of this test alone, so that no other test misses its own."""
    from pathlib import Path

    from census_staff.embedded.directory import prepare

    state = prepare(Path(os.environ["CENSUS_STATE_DIR"]) / "own-valkey")
    (state / "logs").mkdir(exist_ok=True)
    (state / "programs").mkdir(exist_ok=True)
    account = server_account(state)
    return Valkey(state, account.directory(state / "s"), account)


def test_a_lock_out_outlives_the_death_of_valkey(clerk: User, settings: Any) -> None:
    server = session_valkey()
    server.start()
    try:
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": f"unix://{server.socket}?db=0",
            }
        }
        cache.set("probe", 1)
        browser = entered(clerk)
        for _try in range(throttle.ACCOUNT_LIMIT):
            with pytest.raises(Refused):
                sign_in(clerk.login, "wrong", network="x")
        server.ask("FLUSHALL")
        server.stop()
        with pytest.raises(Refused, match=r"\d+"):
            sign_in(clerk.login, RIGHT, network="x")
        assert is_in(browser), "sessions live in the database"
        server.start()
        time.sleep(0.1)
        assert cache.get("probe") is None
        with pytest.raises(Refused, match=r"\d+"):
            sign_in(clerk.login, RIGHT, network="x")
    finally:
        server.stop()


def test_a_changed_notice_is_read_again_before_anything_else(clerk: User) -> None:
    clerk.notice_version = present_notice().version
    clerk.save()
    browser = entered(clerk)
    User.objects.filter(pk=clerk.pk).update(notice_version="2020-01")
    assert browser.get("/account/")["Location"] == "/welcome/notice/"
    given = {"version": present_notice().version, "has_read": "on"}
    assert browser.post("/welcome/notice/", given).status_code == 302
    assert is_in(browser)
    clerk.refresh_from_db()
    assert clerk.notice_version == present_notice().version


@pytest.mark.parametrize("missing", ["notice_read_at", "name_confirmed_at", "password_changed_at"])
def test_no_part_of_the_api_opens_before_the_first_steps_are_done(
    world: World, missing: str
) -> None:
    user = User.objects.get(person=world.ready().person)
    browser = Client(raise_request_exception=False)
    browser.force_login(user)
    User.objects.filter(pk=user.pk).update(**{missing: None})
    wrong = []
    for route, _pattern in ALL:
        if not route.startswith("api/") or route.startswith("api/verify/"):
            continue
        where = "/" + route.replace("<str:census_code>", "04")
        where = re.sub(r"<[^>]+>", "1", where)
        for method in (browser.get, browser.post):
            answer = method(where, content_type="application/json")
            if answer.status_code != 403 or b"first_steps" not in answer.content:
                wrong.append((where, method.__name__, answer.status_code))
    assert wrong == []


def test_the_row_of_a_session_knows_when_it_ends_at_the_latest(clerk: User) -> None:
    entered(clerk)
    row = Session.objects.get(user=clerk)
    assert row.ends_at <= timezone.now() + sessions.LONGEST["office"]
