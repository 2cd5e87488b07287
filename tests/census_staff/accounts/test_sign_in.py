"""Signing in: throttled by account and by network, counted where a restart forgets nothing."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from census_staff.accounts import services
from census_staff.accounts.hashers import Argon2idHasher
from census_staff.accounts.models import PasswordPolicy, Session, SignInFailure, User
from census_staff.accounts.services import throttle
from census_staff.accounts.services.sign_in import sign_in
from census_staff.accounts.sessions import SessionStore
from census_staff.audit.models import Entry
from census_staff.lib.errors import Refused

RIGHT = "Correct-Horse-9"


@pytest.fixture
def clerk(world):
    """Give an office user."""
    return world.user("township_clerk")


def enter(name: str, password: str, *, browser: Client | None = None, **more: str):
    browser = browser or Client()
    return browser.post("/sign-in/", {"name": name, "password": password}, **more)


def is_in(answer) -> bool:
    return answer.status_code == 302


def said(answer) -> str:
    return answer.context["form"].errors.get("password", [""])[0]


def test_account_name_or_phone_number_opens_the_door(world, clerk):
    staff = world.enabled()
    assert is_in(enter(clerk.login, RIGHT))
    assert is_in(enter(f" {clerk.login.upper()} ", RIGHT))
    assert is_in(enter(f"+86 {staff.person.phone}", "census2026"))


def test_a_wrong_account_and_a_wrong_password_are_answered_alike(clerk):
    assert said(enter(clerk.login, "wrong")) == said(enter("nobody-here", "wrong"))
    for _try in range(3):
        enter(clerk.login, "wrong")
        enter("nobody-here", "wrong")
    for name in (clerk.login, "nobody-here"):
        enter(name, "wrong")
    assert said(enter(clerk.login, RIGHT)) == said(enter("nobody-here", RIGHT)) != ""


def test_the_same_work_is_done_whether_or_not_the_account_exists(clerk, monkeypatch):
    from django.contrib.auth import hashers

    worked = []
    encode = hashers.get_hasher().__class__.encode
    monkeypatch.setattr(
        hashers.get_hasher().__class__,
        "encode",
        lambda self, *rest: worked.append("encode") or encode(self, *rest),
    )
    verify = hashers.get_hasher().__class__.verify
    monkeypatch.setattr(
        hashers.get_hasher().__class__,
        "verify",
        lambda self, *rest: worked.append("verify") or verify(self, *rest),
    )
    enter("nobody-here", "wrong")
    enter(clerk.login, "wrong")
    assert worked == ["encode", "verify"]


def test_five_wrong_tries_lock_the_account_even_for_the_right_password(clerk):
    for _try in range(5):
        enter(clerk.login, "wrong")
    assert not is_in(enter(clerk.login, RIGHT))


def test_the_wait_outlives_the_cache(clerk):
    for _try in range(5):
        enter(clerk.login, "wrong")
    cache.clear()
    assert not is_in(enter(clerk.login, RIGHT))


def test_after_the_wait_the_right_password_opens_and_the_count_starts_anew(clerk):
    for _try in range(5):
        enter(clerk.login, "wrong")
    SignInFailure.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert is_in(enter(clerk.login, RIGHT))
    assert not SignInFailure.objects.exists()


def test_another_wrong_try_after_the_wait_makes_it_longer(clerk):
    for _try in range(5):
        enter(clerk.login, "wrong")
    SignInFailure.objects.update(at=timezone.now() - timedelta(minutes=16))
    enter(clerk.login, "wrong")
    SignInFailure.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert not is_in(enter(clerk.login, RIGHT))


@given(st.integers(0, 10_000))
def test_waits_only_grow_and_end(wrong):
    assert throttle.wait_after(wrong) <= throttle.wait_after(wrong + 1) <= throttle.LONGEST_WAIT


def test_a_browser_that_was_in_before_is_not_locked_out_by_strangers(clerk):
    mine = Client()
    assert is_in(enter(clerk.login, RIGHT, browser=mine))
    mine.post("/sign-out/")
    for _try in range(6):
        enter(clerk.login, "wrong")
    assert not is_in(enter(clerk.login, RIGHT))
    assert is_in(enter(clerk.login, RIGHT, browser=mine))


def test_a_made_up_device_cookie_counts_for_nothing(clerk):
    forged = Client()
    forged.cookies["device"] = "eyJ1IjoxfQ:forged:forged"
    for _try in range(5):
        enter(clerk.login, "wrong", browser=forged)
    assert not is_in(enter(clerk.login, RIGHT, browser=forged))


def test_a_network_is_locked_far_later_than_an_account(clerk, monkeypatch):
    monkeypatch.setattr(throttle, "NETWORK_LIMIT", 12)
    assert throttle.ACCOUNT_LIMIT * 10 < 100
    for number in range(12):
        assert "network" not in said(enter(f"hall-{number}", "wrong"))
    refused = enter(clerk.login, RIGHT)
    assert not is_in(refused)
    assert is_in(enter(clerk.login, RIGHT, REMOTE_ADDR="10.9.8.7"))


def test_neighbours_of_one_network_share_the_count_and_a_header_does_not_help(clerk, monkeypatch):
    monkeypatch.setattr(throttle, "NETWORK_LIMIT", 4)
    for number in range(4):
        where = {"REMOTE_ADDR": f"10.1.1.{number}", "HTTP_X_FORWARDED_FOR": f"8.8.{number}.8"}
        enter(f"hall-{number}", "wrong", **where)
    here = {"REMOTE_ADDR": "10.1.1.99", "HTTP_X_FORWARDED_FOR": "9.9.9.9"}
    assert not is_in(enter(clerk.login, RIGHT, **here))


def test_behind_one_proxy_of_ours_only_the_last_hop_is_believed(settings, rf):
    from census_staff.accounts.devices import client_address

    request = rf.get("/", HTTP_X_FORWARDED_FOR="1.1.1.1, 2.2.2.2", REMOTE_ADDR="10.0.0.1")
    assert client_address(request) == "10.0.0.1"
    settings.TRUSTED_PROXIES = 1
    assert client_address(request) == "2.2.2.2"


def test_neither_names_nor_addresses_are_stored_in_clear(clerk):
    enter(clerk.login, "wrong", REMOTE_ADDR="10.1.2.3")
    row = SignInFailure.objects.get()
    for secret in (clerk.login.encode(), b"10.1.2"):
        assert secret not in bytes(row.account_digest) + bytes(row.network_digest)


def test_the_trail_tells_who_came_in_and_who_was_refused(clerk):
    enter(clerk.login, "wrong")
    enter("13800000000", "wrong")
    enter(clerk.login, RIGHT)
    rows = list(Entry.objects.order_by("pk").values_list("event", "actor", "subject_id"))
    assert rows == [
        ("sign_in_refused", "nobody", clerk.pk),
        ("sign_in_refused", "nobody", None),
        ("sign_in", f"user:{clerk.pk}", clerk.pk),
    ]
    assert "13800000000" not in str(list(Entry.objects.values()))


@pytest.mark.parametrize(
    "away",
    ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "javascript:1"],
)
def test_the_door_never_leads_to_another_site(clerk, away):
    answer = Client().post("/sign-in/", {"name": clerk.login, "password": RIGHT, "next": away})
    assert answer["Location"] == "/"


def test_the_door_leads_on_to_the_page_that_was_asked_for(clerk, client):
    sent = client.get("/account/")["Location"]
    assert sent == "/sign-in/?next=/account/"
    given = {"name": clerk.login, "password": RIGHT, "next": "/account/"}
    assert client.post("/sign-in/", given)["Location"] == "/account/"


def test_fields_that_the_form_does_not_name_change_nothing(clerk, client):
    given = {"name": clerk.login, "password": RIGHT, "session_epoch": 9, "locked_at": "", "role": 1}
    client.post("/sign-in/", given)
    clerk.refresh_from_db()
    assert clerk.session_epoch == 0


def test_a_session_key_from_before_is_not_kept(clerk, client):
    session = client.session
    session["planted"] = 1
    session.save()
    planted = session.session_key
    client.cookies["session"] = planted
    enter(clerk.login, RIGHT, browser=client)
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_a_session_ends_when_idle_and_when_old(clerk, client):
    enter(clerk.login, RIGHT, browser=client)
    assert client.get("/account/").status_code == 200
    kept = Session.objects.filter(user=clerk)
    kept.update(expire_date=timezone.now())
    assert client.get("/account/").status_code == 302
    kept.update(expire_date=timezone.now() + timedelta(hours=1), ends_at=timezone.now())
    assert client.get("/account/").status_code == 302


def test_being_seen_keeps_a_session_awake_but_not_beyond_its_end(clerk, client):
    enter(clerk.login, RIGHT, browser=client)
    soon = timezone.now() + timedelta(minutes=5)
    Session.objects.filter(user=clerk).update(
        seen_at=timezone.now() - timedelta(minutes=10), expire_date=soon
    )
    client.get("/account/")
    row = Session.objects.get(user=clerk)
    assert soon < row.expire_date <= row.ends_at


def test_a_new_password_signs_out_every_other_browser(clerk, client):
    other = Client()
    for browser in (client, other):
        enter(clerk.login, RIGHT, browser=browser)
    words = {"old": RIGHT, "password": "Silent-River-77", "again": "Silent-River-77"}
    assert client.post("/account/password/", words).status_code == 302
    assert client.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302


def test_the_present_password_is_needed_for_a_new_one(clerk, client):
    enter(clerk.login, RIGHT, browser=client)
    words = {"old": "wrong", "password": "Silent-River-77", "again": "Silent-River-77"}
    assert client.post("/account/password/", words).status_code == 200
    clerk.refresh_from_db()
    assert clerk.check_password(RIGHT)


def test_a_password_older_than_the_setting_is_asked_for_anew(clerk, client):
    PasswordPolicy.objects.filter(audience="office").update(rotate_days=90)
    clerk.password_changed_at = timezone.now() - timedelta(days=91)
    clerk.save()
    enter(clerk.login, RIGHT, browser=client)
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/welcome/password/"


def test_a_lock_ends_sessions_at_once_and_shuts_the_door(world, clerk, client):
    enter(clerk.login, RIGHT, browser=client)
    services.lock(clerk, actor=world.user("security_admin"), reason="phone lost")
    assert client.get("/account/")["Location"].startswith("/sign-in/")
    with pytest.raises(Refused):
        sign_in(clerk.login, RIGHT, network="x")
    services.unlock(clerk, actor=world.user("security_admin"))
    assert client.get("/account/")["Location"].startswith("/sign-in/")
    user, _standing = sign_in(clerk.login, RIGHT, network="x")
    assert user == clerk


def test_pages_of_a_signed_in_user_are_not_kept_by_the_browser(clerk, client):
    enter(clerk.login, RIGHT, browser=client)
    assert "no-store" in client.get("/account/")["Cache-Control"]


def test_signing_out_needs_a_post(clerk, client):
    enter(clerk.login, RIGHT, browser=client)
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert client.get("/account/").status_code == 302


def test_a_lock_that_falls_while_the_password_is_examined_leaves_no_door_open(
    world, clerk, client, monkeypatch
):
    guard = world.user("security_admin")

    def slowly(*given):
        services.lock(User.objects.get(pk=clerk.pk), actor=guard, reason="phone lost")
        return True

    monkeypatch.setattr(Argon2idHasher, "verify", slowly)
    enter(clerk.login, RIGHT, browser=client)
    assert client.get("/account/")["Location"].startswith("/sign-in/")
    services.unlock(User.objects.get(pk=clerk.pk), actor=guard)
    assert client.get("/account/")["Location"].startswith("/sign-in/")


@pytest.mark.django_db(transaction=True)
def test_an_entry_asks_little_of_the_database_and_is_committed_three_times(world, client):
    staff = world.enabled()
    enter(staff.person.phone, "census2026", browser=Client())
    with CaptureQueriesContext(connection) as asked:
        assert is_in(enter(staff.person.phone, "census2026", browser=client))
    said = [query["sql"] for query in asked]
    assert len(said) <= 12, said
    # The try, its forgiveness, and the entry with its session and its line in the trail.
    alone = [sql for sql in said[: said.index("BEGIN")] if not sql.startswith(("SELECT", "\nWITH"))]
    assert said.count("COMMIT") == 1 and len(alone) == 1, said
    assert sum('INSERT INTO "accounts_session"' in sql for sql in said) == 1
    assert not any('UPDATE "accounts_session"' in sql for sql in said)
    assert timezone.now() - User.objects.get(person=staff.person).last_login < timedelta(minutes=1)


def test_what_a_page_adds_to_a_session_after_it_was_stored_is_stored_too(clerk):
    session = SessionStore()
    session["place"] = "office"
    session.save()
    with CaptureQueriesContext(connection) as asked:
        session.save()
    assert not list(asked)
    session["more"] = 1
    session.save()
    assert SessionStore(session.session_key)["more"] == 1
