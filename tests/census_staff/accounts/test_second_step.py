"""Two-step sign-in of office accounts: codes of a phone, codes on paper, rules, a lost phone."""

import base64
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP

from census_staff.accounts.models import RecoveryCode, RolePolicy, SecondFactor, SignInFailure, User
from census_staff.accounts.roles import Role
from census_staff.accounts.services import second_factor
from census_staff.accounts.services.tokens import make_token
from census_staff.audit.models import Entry
from census_staff.lib.errors import Refused
from tests.standing import World

RIGHT = "Correct-Horse-9"
PAPER = re.compile(r"<code>([A-Z0-9]{5}-[A-Z0-9]{5})</code>")


def code_of(user: User, *, steps: int = 0) -> str:
    """Return what the phone of this account shows, now or some steps away."""
    known = SecondFactor.objects.filter(user=user).first()
    secret = known.secret if known else second_factor.prepare(user).secret
    phone = TOTP(base64.b32decode(secret))
    phone.drift = steps
    return f"{phone.token():06}"


def later(user: User) -> None:
    """Let the time step pass in which the account's last code was taken."""
    SecondFactor.objects.filter(user=user).update(last_step=0)


def enrol(user: User) -> list[str]:
    """Set up the account's phone and return its recovery codes."""
    codes = second_factor.confirm(user, code_of(user), network="x")
    later(user)
    return codes


def enter(user: User, browser: Client | None = None, **more: str) -> tuple[Client, Any]:
    """Return a browser that gave the right password, and the answer."""
    browser = browser or Client()
    return browser, browser.post("/sign-in/", {"name": user.login, "password": RIGHT} | more)


def is_in(browser: Client) -> bool:
    return browser.get("/account/").status_code == 200


@pytest.fixture
def clerk(world: World) -> User:
    """Give an office user."""
    return world.user(Role.TOWNSHIP_CLERK)


def test_a_phone_is_set_up_on_the_account_page_and_asked_for_ever_after(clerk: User) -> None:
    browser, _ = enter(clerk)
    page = browser.get("/account/second/")
    assert b"<svg" in page.content
    assert not SecondFactor.objects.exists()
    shown = browser.post("/account/second/", {"code": code_of(clerk)})
    assert SecondFactor.objects.get(user=clerk).secret == page.context["secret"]
    assert len(PAPER.findall(shown.content.decode())) == 10
    assert is_in(browser)
    later(clerk)

    other, answer = enter(clerk)
    assert answer["Location"] == "/sign-in/second/"
    assert not is_in(other)
    assert other.post("/sign-in/second/", {"code": code_of(clerk)})["Location"] == "/"
    assert is_in(other)


def test_what_the_qr_code_holds_is_what_phones_read(clerk: User) -> None:
    from PIL import Image
    from zxingcpp import read_barcode

    from census_staff.lib import qr

    enrolment = second_factor.prepare(clerk)
    rows = qr.matrix(enrolment.address)
    side = qr.side(rows)
    picture = Image.new("L", (side, side), 255)
    drawn = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", qr.outline(rows))
    for x, y, width in (map(int, each) for each in drawn):
        for more in range(width):
            picture.putpixel((x + more, y), 0)
    found = read_barcode(picture.resize((side * 6, side * 6), Image.Resampling.NEAREST))
    assert found is not None and found.text == enrolment.address
    assert enrolment.secret in found.text and clerk.login in found.text


def test_until_a_code_was_confirmed_nothing_is_asked(clerk: User) -> None:
    second_factor.prepare(clerk)
    browser, _ = enter(clerk)
    assert is_in(browser)


def test_turning_it_on_ends_other_browsers_and_tokens(clerk: User) -> None:
    other, _ = enter(clerk)
    token, _text = make_token(clerk, label="x", days=1, posting=clerk.postings.get())
    enrol(clerk)
    assert not is_in(other)
    clerk.refresh_from_db()
    assert token.session_epoch != clerk.session_epoch


def test_no_code_is_good_twice(clerk: User) -> None:
    enrol(clerk)
    code = code_of(clerk)
    second_factor.check(clerk, code, network="x")
    with pytest.raises(Refused, match=r"用过|used before"):
        second_factor.check(clerk, code, network="x")


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_phone_may_be_one_step_away(clerk: User, steps: int) -> None:
    enrol(clerk)
    second_factor.check(clerk, code_of(clerk, steps=steps), network="x")


@pytest.mark.parametrize("steps", [-9, 9])
def test_and_no_further(clerk: User, steps: int) -> None:
    enrol(clerk)
    with pytest.raises(Refused):
        second_factor.check(clerk, code_of(clerk, steps=steps), network="x")


@pytest.mark.parametrize(
    "typed", ["", "0", "abcdef", "１２３４５６", "-12345", "1234567", "1e5000"]
)
def test_whatever_is_no_code_is_refused_in_words(clerk: User, typed: str) -> None:
    enrol(clerk)
    browser, _ = enter(clerk)
    answer = browser.post("/sign-in/second/", {"code": typed})
    assert answer.status_code == 200 and answer.context["form"].errors["code"]


def test_a_recovery_code_opens_once(clerk: User) -> None:
    codes = enrol(clerk)
    for typed, opens in ((f" {codes[0].lower()[:5]}-{codes[0][5:]} ", True), (codes[0], False)):
        browser, _ = enter(clerk)
        browser.post("/sign-in/second/", {"code": typed})
        assert is_in(browser) is opens


def test_a_recovery_code_of_somebody_else_opens_nothing(world: World, clerk: User) -> None:
    enrol(clerk)
    with pytest.raises(Refused):
        second_factor.check(clerk, enrol(world.user(Role.COUNTY_REVIEWER))[0], network="x")


def test_wrong_codes_are_counted_where_a_restart_forgets_nothing(clerk: User) -> None:
    enrol(clerk)
    browser, _ = enter(clerk)
    for _try in range(5):
        browser.post("/sign-in/second/", {"code": "000000"})
    answer = browser.post("/sign-in/second/", {"code": code_of(clerk)})
    assert "分钟" in answer.context["form"].errors["code"][0]
    assert not is_in(browser)
    assert SignInFailure.objects.count() == 5


def test_the_password_alone_signs_nobody_in_and_waits_five_minutes(clerk: User) -> None:
    enrol(clerk)
    browser, _ = enter(clerk)
    assert "_auth_user_id" not in browser.session
    assert browser.get("/api/staff/").status_code == 401
    assert browser.get("/sign-in/second/").status_code == 200
    half = browser.session["half"]
    session = browser.session
    session["half"] = {**half, "until": timezone.now().timestamp() - 1}
    session.save()
    answer = browser.post("/sign-in/second/", {"code": code_of(clerk)})
    assert answer["Location"] == "/sign-in/"
    assert not is_in(browser)


def test_a_password_changed_meanwhile_shuts_the_half_open_door(clerk: User) -> None:
    enrol(clerk)
    browser, _ = enter(clerk)
    clerk.refresh_from_db()
    clerk.session_epoch += 1
    clerk.save()
    browser.post("/sign-in/second/", {"code": code_of(clerk)})
    assert not is_in(browser)


def test_the_second_step_leads_on_to_the_page_that_was_asked_for(clerk: User) -> None:
    enrol(clerk)
    browser, _ = enter(clerk, next="/account/password/")
    answer = browser.post("/sign-in/second/", {"code": code_of(clerk)})
    assert answer["Location"] == "/account/password/"


def test_a_slip_does_not_lead_around_the_second_step(world: World, clerk: User) -> None:
    from census_staff.accounts.services import issue_codes

    enrol(clerk)
    code = issue_codes([clerk], actor=world.user(Role.SECURITY_ADMIN))[clerk.pk]
    browser = Client()
    answer = browser.post("/activate/", {"name": clerk.login, "code": code})
    assert answer["Location"] == "/sign-in/second/"
    assert browser.get("/welcome/name/").status_code == 302
    browser.post("/sign-in/second/", {"code": code_of(clerk)})
    assert browser.get("/account/")["Location"] == "/welcome/name/"


def test_field_staff_are_never_asked(world: World) -> None:
    staff = world.enabled()
    user = User.objects.get(person=staff.person)
    RolePolicy.objects.create(role=Role.TOWNSHIP_CLERK, needs_second_factor=True)
    browser = Client()
    answer = browser.post("/sign-in/", {"name": user.login, "password": "census2026"})
    assert answer["Location"] == "/"
    assert browser.get("/account/").status_code == 200
    assert browser.get("/account/second/").status_code == 409
    assert "两步登录" not in browser.get("/account/").content.decode()


@pytest.mark.parametrize("by", ["role", "installation"])
def test_who_needs_it_sets_it_up_before_anything_else(clerk: User, settings: Any, by: str) -> None:
    if by == "role":
        RolePolicy.objects.create(role=Role.TOWNSHIP_CLERK, needs_second_factor=True)
    else:
        settings.SECOND_FACTOR_FOR_ALL = True
    browser, _ = enter(clerk)
    for page in ("/account/", "/staff/", "/account/password/"):
        assert browser.get(page)["Location"] == "/account/second/"
    refused = browser.get("/api/staff/")
    assert (refused.status_code, refused.json()["code"]) == (403, "first_steps")
    assert browser.get("/account/second/").status_code == 200
    browser.post("/account/second/", {"code": code_of(clerk)})
    assert is_in(browser)
    with pytest.raises(Refused, match=r"必须|requires"):
        second_factor.turn_off(clerk, "000000", network="x")


def test_who_does_not_need_it_turns_it_off_with_a_code(clerk: User) -> None:
    enrol(clerk)
    browser, _ = enter(clerk)
    browser.post("/sign-in/second/", {"code": code_of(clerk)})
    assert browser.post("/account/second/off/", {"code": "000000"}).status_code == 200
    assert second_factor.is_asked(clerk)
    later(clerk)
    browser.post("/account/second/off/", {"code": code_of(clerk)})
    assert not second_factor.is_asked(clerk)
    assert not RecoveryCode.objects.filter(user=clerk).exists()


def test_fresh_recovery_codes_void_the_earlier_ones(clerk: User) -> None:
    old = enrol(clerk)
    browser, _ = enter(clerk)
    browser.post("/sign-in/second/", {"code": code_of(clerk)})
    later(clerk)
    shown = browser.post("/account/second/codes/", {"code": code_of(clerk)}).content.decode()
    fresh = PAPER.findall(shown)
    assert len(fresh) == 10
    with pytest.raises(Refused):
        second_factor.check(clerk, old[1], network="x")
    second_factor.check(clerk, fresh[1], network="x")


def test_a_security_administrator_resets_a_lost_phone(world: World, clerk: User) -> None:
    enrol(clerk)
    browser, _ = enter(clerk)
    browser.post("/sign-in/second/", {"code": code_of(clerk)})
    admin = Client()
    admin.force_login(world.user(Role.SECURITY_ADMIN))
    assert "重置" in admin.get(f"/users/{clerk.pk}/").content.decode()
    assert admin.get(f"/users/{clerk.pk}/second/").status_code == 200
    assert second_factor.is_asked(clerk)
    admin.post(f"/users/{clerk.pk}/second/")
    assert not is_in(browser)
    again, _ = enter(clerk)
    assert is_in(again)
    row = Entry.objects.get(event="second_factor_reset")
    assert row.actor == f"user:{world.user(Role.SECURITY_ADMIN).pk}" and row.subject_id == clerk.pk


def test_nobody_resets_their_own_or_what_lies_beyond(world: World, clerk: User) -> None:
    admin = world.user(Role.SECURITY_ADMIN)
    for user in (admin, clerk):
        enrol(user)
    with pytest.raises(Refused) as own:
        second_factor.reset(admin, actor=admin)
    with pytest.raises(Refused) as beyond:
        far = world.user(Role.SECURITY_ADMIN, world.other_county)
        second_factor.reset(clerk, actor=far)
    with pytest.raises(Refused) as not_in_role:
        second_factor.reset(clerk, actor=world.user(Role.COUNTY_REVIEWER))
    assert own.value.code == "own_account"
    assert {beyond.value.code, not_in_role.value.code} == {"not_allowed"}


def test_only_the_citys_security_administrator_says_who_needs_it(world: World) -> None:
    browser = Client()
    browser.force_login(world.user(Role.SECURITY_ADMIN, world.county))
    assert browser.post("/users/second/", {"roles": ["auditor"]}).status_code == 403
    browser.force_login(world.user(Role.SECURITY_ADMIN, world.city))
    assert browser.get("/users/second/").status_code == 200
    browser.post("/users/second/", {"roles": ["auditor", "coordinator"]})
    assert set(second_factor.required_roles()) == {"auditor", "coordinator"}
    browser.post("/users/second/", {"roles": ["auditor"]})
    assert second_factor.required_roles() == ["auditor"]
    assert Entry.objects.filter(event="second_factor_rules").count() == 2


def test_neither_secret_nor_codes_stand_in_the_database(clerk: User) -> None:
    codes = enrol(clerk)
    secret = SecondFactor.objects.get(user=clerk).secret
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s::text || (SELECT string_agg(r::text, '') FROM accounts_recoverycode r)"
            " FROM accounts_secondfactor s"
        )
        stored = cursor.fetchone()[0]
    for word in (secret, *codes):
        assert word not in stored and word.encode().hex() not in stored
    assert secret not in str(list(Entry.objects.values()))


def test_the_trail_tells_of_each_step(clerk: User) -> None:
    enrol(clerk)
    browser, _ = enter(clerk)
    assert not Entry.objects.filter(event="sign_in").exists()
    browser.post("/sign-in/second/", {"code": "000000"})
    browser.post("/sign-in/second/", {"code": code_of(clerk)})
    told = list(Entry.objects.order_by("pk").values_list("event", flat=True))
    assert told == ["second_factor_on", "recovery_codes_made", "second_factor_refused", "sign_in"]


def test_after_the_wait_a_right_code_opens(clerk: User) -> None:
    enrol(clerk)
    browser, _ = enter(clerk)
    for _try in range(5):
        browser.post("/sign-in/second/", {"code": "000000"})
    SignInFailure.objects.update(at=timezone.now() - timedelta(minutes=16))
    browser.post("/sign-in/second/", {"code": code_of(clerk)})
    assert is_in(browser)
