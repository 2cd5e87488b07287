"""The policy of passwords is a table, and what others would guess is refused."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from census_staff.accounts.models import PasswordPolicy
from census_staff.accounts.services.passwords import faults


def codes(user, password: str) -> set[str]:
    return {fault.code for fault in faults(user, password)}


@pytest.fixture
def worker(world):
    """Give somebody of the field."""
    return world.enabled().person.user


@pytest.fixture
def clerk(world):
    """Give an office user."""
    return world.user("township_clerk")


@pytest.mark.parametrize(
    ("password", "wanted"),
    [
        ("river7s", {"password_short"}),
        ("riverstone", {"password_plain"}),
        ("!!7!!8!!9", {"password_plain"}),
        ("river7stone", set()),
        ("山高水长有松风7", set()),
        ("river7stone" * 20, {"password_long"}),
    ],
)
def test_field_staff_need_eight_with_letters_and_digits(worker, password, wanted):
    assert codes(worker, password) == wanted


@pytest.mark.parametrize(
    ("password", "wanted"),
    [
        ("River7stone", {"password_short"}),
        ("riverstone-and-hill", {"password_plain"}),
        ("Riverstone-hill", set()),
        ("riverstone-hill7", set()),
        ("River7stoneHill", set()),
    ],
)
def test_office_users_need_twelve_with_three_of_four_kinds(clerk, password, wanted):
    assert codes(clerk, password) == wanted


def test_a_longer_minimum_in_the_table_holds_at_once(worker):
    PasswordPolicy.objects.filter(audience="field").update(min_length=14)
    assert codes(worker, "river7stone") == {"password_short"}


@pytest.mark.parametrize("password", ["password1", "qwerty123", "Passw0rd", "abc12345"])
def test_what_everybody_uses_is_refused(worker, password):
    assert "password_common" in codes(worker, password)


def test_what_others_know_of_the_person_is_refused(worker):
    person = worker.person
    for word in (
        person.id_number[-6:],
        person.id_number[6:14],
        person.phone,
        person.phone[-6:],
        person.name_key.replace(" ", ""),
        person.name,
        worker.login,
    ):
        assert "password_own_words" in codes(worker, f"xq{word}xq7"), word


@pytest.mark.parametrize("word", ["census", "CENSUS", "c3nsus", "普查", "PuCha", "tongji"])
def test_the_words_of_the_trade_are_refused(worker, word):
    assert "password_own_words" in codes(worker, f"xq7{word}xq")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.text(max_size=30))
def test_no_password_breaks_the_check(worker, password):
    assert codes(worker, password) <= {
        "password_short",
        "password_plain",
        "password_common",
        "password_own_words",
        "password_long",
    }


def test_whoever_holds_a_posting_is_an_office_user(world, worker):
    from census_staff.accounts import services

    assert codes(worker, "river7stone") == set()
    services.grant(
        worker,
        role="township_clerk",
        office=world.township,
        census=None,
        actor=world.user("security_admin", world.county),
    )
    worker.refresh_from_db()
    assert codes(worker, "river7stone") == {"password_short", "password_plain"}
    assert worker.first_step() == "set_password"
