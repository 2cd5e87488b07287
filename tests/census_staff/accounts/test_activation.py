"""A slip opens an account once; the person proves who they are and sets the first password."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from census_staff.accounts import services
from census_staff.accounts.backends import find_account
from census_staff.accounts.models import ActivationCode, User
from census_staff.accounts.notice import present_notice
from census_staff.accounts.services import activation
from census_staff.accounts.services.passwords import set_password
from census_staff.audit.models import Entry
from census_staff.lib.crypto import digest
from census_staff.lib.errors import Refused
from tests.standing import TESTS, make_person


@pytest.fixture
def closed(world):
    """Give an account that nobody opened yet."""
    return services.create_field_account(make_person("𠮷学文"), actor=TESTS)


def code_for(user: User) -> str:
    return services.issue_codes([user], actor=TESTS)[user.pk]


def other_code(code: str) -> str:
    return ("A" if code[0] != "A" else "C") + code[1:]


def refused(code: str, deed, *arguments, **named) -> None:
    with pytest.raises(Refused) as said:
        deed(*arguments, **named)
    assert said.value.code == code


def test_no_password_exists_before_activation(client, closed):
    assert not closed.has_usable_password() and closed.activated_at is None
    for guess in (closed.person.id_number[-6:], closed.person.phone, "", "123456"):
        answer = client.post("/sign-in/", {"name": closed.person.phone, "password": guess})
        assert "_auth_user_id" not in client.session and answer.status_code == 200


def test_a_code_has_ten_characters_that_nobody_misreads():
    code = activation.new_code()
    assert len(code) == 10 and not set(code) & set("0O1IL2Z5S8B")


def test_the_code_itself_is_not_stored(closed):
    code = code_for(closed)
    row = ActivationCode.objects.get(user=closed)
    assert code.encode() not in bytes(row.code_digest) and len(bytes(row.code_digest)) == 32


def test_phone_or_account_name_and_a_code_typed_carelessly_open_the_account(closed):
    code = code_for(closed)
    assert services.open_account(closed.person.phone, f" {code[:5].lower()}-{code[5:]} ") == closed
    assert services.open_account(closed.login.upper(), code) == closed


def test_a_reprint_voids_the_code_before(closed):
    old, new = code_for(closed), code_for(closed)
    refused("wrong_code", services.open_account, closed.login, old)
    assert services.open_account(closed.login, new) == closed


def test_a_code_ends_after_fourteen_days(closed):
    code = code_for(closed)
    assert ActivationCode.objects.get().expires_at - timezone.now() > timedelta(days=13, hours=23)
    ActivationCode.objects.update(expires_at=timezone.now())
    refused("wrong_code", services.open_account, closed.login, code)


def test_five_wrong_tries_end_a_code(closed):
    code = code_for(closed)
    for _try in range(5):
        refused("wrong_code", services.open_account, closed.login, other_code(code))
    assert ActivationCode.objects.get().voided_at
    refused("locked_out", services.open_account, closed.login, code)


def test_a_reprint_also_ends_the_wait(closed):
    code = code_for(closed)
    for _try in range(5):
        refused("wrong_code", services.open_account, closed.login, other_code(code))
    assert services.open_account(closed.login, code_for(closed)) == closed


def test_unknown_names_and_wrong_codes_are_refused_alike(closed):
    code_for(closed)
    said = []
    for name in (closed.person.phone, "13900000000", "nobody"):
        with pytest.raises(Refused) as refusal:
            services.open_account(name, "AAAAAAAAAA")
        said.append((refusal.value.code, str(refusal.value)))
    assert len(set(said)) == 1


def test_somebody_elses_code_opens_nothing(world, closed):
    other = services.create_field_account(make_person("李四"), actor=TESTS)
    code_for(closed)
    refused("wrong_code", services.open_account, closed.login, code_for(other))


def test_the_whole_way_in_is_walked_in_order_and_cannot_be_skipped(client, closed):
    code = code_for(closed)
    phone, tail = closed.person.phone, closed.person.id_number[-6:]

    answer = client.post("/activate/", {"name": phone, "code": code})
    assert answer["Location"] == "/"
    for page in ("/", "/account/", "/welcome/name/", "/welcome/password/"):
        assert client.get(page, follow=True).redirect_chain[-1][0] == "/welcome/notice/"

    client.post("/welcome/notice/", {"version": present_notice().version, "has_read": "on"})
    assert client.get("/welcome/password/", follow=True).redirect_chain[-1][0] == "/welcome/name/"
    wrong = client.post("/welcome/name/", {"full_name": "𠮷学文", "id_tail": "000000"})
    assert wrong.status_code == 200
    client.post("/welcome/name/", {"full_name": " 𠮷学文 ", "id_tail": tail.lower()})
    weak = client.post("/welcome/password/", {"password": tail + "abc", "again": tail + "abc"})
    assert weak.status_code == 200

    client.post("/welcome/password/", {"password": "river7stone", "again": "river7stone"})
    closed.refresh_from_db()
    assert closed.first_step() is None and closed.activated_at
    assert client.get("/account/").status_code == 200
    assert ActivationCode.objects.get().used_at
    refused("wrong_code", services.open_account, phone, code)


def test_the_api_stays_shut_until_the_first_steps_are_done(client, closed):
    client.post("/activate/", {"name": closed.login, "code": code_for(closed)})
    answer = client.get("/api/my/04/courses/")
    assert (answer.status_code, answer.json()["code"]) == (403, "first_steps")


def test_wrong_names_use_up_the_code(closed):
    code_for(closed)
    for _try in range(5):
        refused("name_mismatch", activation.confirm_name, closed, full_name="李四", id_tail="0")
    assert ActivationCode.objects.get().voided_at
    closed.refresh_from_db()
    assert closed.name_confirmed_at is None


def test_an_office_user_without_a_record_confirms_the_name_alone(world):
    user = services.create_office_user("jinzhai-chen", "陈文", actor=TESTS)
    activation.confirm_name(user, full_name="陈文", id_tail="")
    assert user.name_confirmed_at


def test_a_forgotten_password_ends_when_the_new_slip_is_used(client, world):
    staff = world.enabled()
    user = staff.person.user
    client.force_login(user)
    services.open_account(user.login, code_for(user))
    user.refresh_from_db()
    assert user.first_step() == "confirm_name" and not user.has_usable_password()
    assert client.get("/account/")["Location"].startswith("/sign-in/")


def test_setting_the_password_ends_the_other_browsers_of_the_same_code(closed, client):
    code, other = code_for(closed), Client()
    for browser in (client, other):
        browser.post("/activate/", {"name": closed.login, "code": code})
    closed.refresh_from_db()
    set_password(closed, "river7stone")
    assert other.get("/welcome/notice/")["Location"].startswith("/sign-in/")


def test_the_trail_tells_the_deeds_without_personal_data(closed):
    code = code_for(closed)
    services.open_account(closed.person.phone, code)
    rows = list(Entry.objects.values("event", "details", "reason", "old", "new"))
    assert {"account_made", "code_issued", "account_opened"} <= {row["event"] for row in rows}
    said = str(rows)
    for secret in (code, closed.person.phone, closed.person.id_number, closed.person.name):
        assert secret not in said


def test_two_people_with_one_phone_number_get_two_accounts(world):
    first = make_person("张三")
    second = make_person("李四", phone=first.phone, phone_digest=first.phone_digest)
    accounts = services.create_field_accounts([first, second], actor=TESTS)
    assert [bool(user.phone_digest) for user in accounts] == [True, False]
    assert services.create_field_account(second, actor=TESTS) == accounts[1]


def test_a_new_phone_number_opens_the_account_and_the_old_one_does_not(world):
    user = world.enabled().person.user
    old = user.person.phone
    user.person.phone, user.person.phone_digest = "19900000001", digest("phone", "19900000001")
    user.person.save()
    services.follow_phone(user.person, actor=TESTS)
    assert find_account("199 0000 0001") == user and find_account(old) is None
