"""Who gets a number, from every door; nobody twice, whoever asks at the same time."""

import io
import itertools
import json
from datetime import date

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from census_staff.accounts.roles import Role
from census_staff.audit.models import Entry
from census_staff.lib.errors import Refused
from credentials import issue, numbers
from credentials.models import Card, CardNumber
from recruitment.access_orders import order_disable
from recruitment.models import Staff
from tests.credentials.refusals import refused
from tests.standing import World, make_census, pledge, sit, train

EIGHT = list(itertools.product((False, True), repeat=3))


def give(staff: Staff, world: World) -> Card:
    """Number the person as the county's issuer does."""
    return issue.number_one(staff, actor=world.user(Role.CARD_ISSUER))


def staff_with(world: World, facts: tuple[bool, bool, bool]) -> Staff:
    """Return an enabled person of whom exactly these facts are true."""
    staff = world.enabled()
    is_trained, has_passed, has_pledged = facts
    if is_trained:
        train(staff)
    sit(staff, score=92 if has_passed else 40)
    if has_pledged:
        pledge(staff)
    return staff


def through_service(world: World, staff: Staff) -> None:
    rows = Staff.objects.filter(pk=staff.pk)
    issue.number(rows, actor=world.user(Role.CARD_ISSUER))


def through_console(world: World, staff: Staff) -> None:
    login = world.user(Role.CARD_ISSUER).login
    call_command("number_cards", census="04", office="341524", login=login, stdout=io.StringIO())


def through_page(world: World, staff: Staff) -> None:
    from django.urls import reverse

    client = Client()
    client.force_login(world.user(Role.CARD_ISSUER))
    client.post(reverse("card_number", args=[staff.pk]))


def through_api(world: World, staff: Staff) -> None:
    client = Client()
    client.force_login(world.user(Role.CARD_ISSUER))
    body = json.dumps({"staff": [staff.pk]})
    client.post("/api/cards/number/", body, content_type="application/json")


DOORS = [through_service, through_console, through_page, through_api]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("facts", EIGHT)
def test_only_the_one_right_case_gets_a_number_from_every_door(world, door, facts):
    staff = staff_with(world, facts)

    door(world, staff)

    assert Card.objects.filter(staff=staff).count() == int(all(facts))
    assert CardNumber.objects.count() == int(all(facts))


def test_a_refusal_names_what_is_missing(world):
    staff = staff_with(world, (True, False, False))

    with pytest.raises(Refused) as caught:
        give(staff, world)

    assert caught.value.code == "not_ready"
    assert caught.value.details == {"missing": ["passed", "pledged"]}
    with override("en"):
        assert str(caught.value).endswith("Missing: Exam passed · Pledge signed.")


def test_evidence_of_another_role_or_census_counts_for_nothing(world):
    staff = world.enabled()
    other = Staff(person=staff.person, census=staff.census, role="supervisor", office=staff.office)
    elsewhere = Staff(
        person=staff.person, census=make_census("05"), role=staff.role, office=staff.office
    )
    for record in (other, elsewhere):
        train(record)
        sit(record, score=95)
        pledge(record)

    with refused("not_ready"):
        give(staff, world)


def test_a_number_says_census_county_role_and_sequence(world):
    first, second = give(world.ready(), world), give(world.ready(role="supervisor"), world)

    parts = numbers.parse(first.number_id)

    assert (parts.census, parts.county, parts.role, parts.sequence) == ("04", "341524", "2", 1)
    assert numbers.parse(second.number_id).role == "1"
    assert first.edition == 1 and first.issuer == world.county


def test_a_card_is_valid_for_the_fieldwork_or_for_the_persons_own_days(world):
    usual = give(world.ready(), world)
    short = give(world.ready(starts_on=date(2027, 2, 1), ends_on=date(2027, 3, 1)), world)

    census = world.census
    assert (usual.valid_from, usual.valid_until) == (census.fieldwork_from, census.fieldwork_until)
    assert (short.valid_from, short.valid_until) == (date(2027, 2, 1), date(2027, 3, 1))


def test_nobody_is_numbered_twice(world):
    staff = world.ready()
    give(staff, world)

    with refused("already_numbered"):
        give(staff, world)


def test_whoever_is_disabled_gets_no_number(world):
    staff = world.ready()
    steward = world.user(Role.CITY_STEWARD)
    order_disable([staff.pk], actor=steward, reason="other", at=timezone.now())

    with refused("access_shut"):
        give(staff, world)


@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.TOWNSHIP_CLERK, "township"),
        (Role.COUNTY_REVIEWER, "county"),
        (Role.COORDINATOR, "county"),
        (Role.CARD_ISSUER, "other_county"),
    ],
)
def test_only_an_issuer_of_the_persons_county_or_above_gives_numbers(world, role, place):
    staff = world.ready()

    with refused("not_allowed"):
        issue.number_one(staff, actor=world.user(role, getattr(world, place)))


def test_the_city_numbers_under_its_own_code(world):
    card = issue.number_one(world.ready(), actor=world.user(Role.CARD_ISSUER, world.city))

    assert card.issuer == world.city
    assert numbers.parse(card.number_id).county == "341500"


def test_numbering_leaves_an_entry_signed_by_the_issuer(world):
    card = give(world.ready(), world)

    entry = Entry.objects.get(subject="credentials_card", subject_id=card.pk)

    assert (entry.event, entry.old, entry.new) == ("state", "", "numbered")
    assert entry.actor == f"user:{world.user(Role.CARD_ISSUER).pk}"
