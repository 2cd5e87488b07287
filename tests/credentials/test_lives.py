"""Handed over, lost, found, reissued, handed back, cancelled, taken away: articles 6 to 8."""

import pytest
from django.utils import timezone

from census_staff.accounts.models import User
from census_staff.accounts.roles import Role
from census_staff.audit.models import Entry
from credentials import holding, issue, reissue, withdrawal
from credentials.lifecycle import CARD
from credentials.models import Card, Confiscation, Loss
from recruitment.access_orders import order_disable
from recruitment.models import Staff
from tests.credentials.making import carried, print_it, printed, reissued
from tests.credentials.refusals import refused
from tests.standing import World, make_user


def holder(card: Card) -> User:
    return User.objects.get(person=card.person_id)


def state_of(card: Card) -> str:
    return Card.objects.get(pk=card.pk).state


def second_issuer(world: World) -> User:
    return make_user(Role.CARD_ISSUER, world.county, census=world.census)


def test_handing_over_puts_the_holder_on_duty(world):
    card = carried(world)

    assert (card.state, card.staff.service) == ("handed_over", "on_duty")
    assert card.handed_at is not None


def test_a_card_is_not_handed_to_somebody_disabled(world):
    card = printed(world)
    steward = world.user(Role.CITY_STEWARD)
    order_disable([card.staff_id], actor=steward, reason="other", at=timezone.now())

    with refused("not_eligible:hand_over"):
        holding.hand_over_one(card, actor=world.user(Role.CARD_ISSUER))


def test_a_list_hands_over_what_can_be_and_leaves_the_rest(world):
    good, shut = printed(world), printed(world)
    steward = world.user(Role.CITY_STEWARD)
    order_disable([shut.staff_id], actor=steward, reason="other", at=timezone.now())

    moved = holding.hand_over(Card.objects.all(), actor=world.user(Role.CARD_ISSUER))

    assert moved == [good.pk] and state_of(shut) == "printed"


def test_a_township_clerk_does_not_hand_over(world):
    card = printed(world)

    with refused("not_allowed"):
        holding.hand_over_one(card, actor=world.user(Role.TOWNSHIP_CLERK))


@pytest.mark.parametrize(("kind", "dead"), [("lost", True), ("stolen", True), ("damaged", False)])
def test_the_holders_report_kills_at_once_but_a_damaged_card_stays_valid(world, kind, dead):
    card = carried(world)

    holding.report(card, kind, actor=holder(card), sentence="桃花村 3 组")

    staff = Staff.objects.get(pk=card.staff_id)
    assert state_of(card) == kind
    assert staff.service == ("appointed" if dead else "on_duty")
    assert Loss.objects.get().sentence == "桃花村 3 组"


def test_nobody_reports_another_persons_card_as_their_own(world):
    card, other = carried(world), carried(world)

    with refused("not_allowed"):
        holding.report(card, "lost", actor=holder(other))


def test_a_lost_card_is_found_unless_a_newer_one_was_made(world):
    card = carried(world)
    clerk = world.user(Role.TOWNSHIP_CLERK)
    holding.record(card, "lost", actor=clerk)
    holding.find(card, actor=clerk)
    assert state_of(card) == "printed"
    holding.hand_over_one(card, actor=world.user(Role.CARD_ISSUER))

    holding.record(card, "lost", actor=clerk)
    wish = reissue.apply(card, actor=clerk)
    reissue.approve(wish, actor=world.user(Role.CARD_ISSUER))

    with refused("not_eligible:find"):
        holding.find(card, actor=clerk)


def test_a_reissue_keeps_the_number_raises_the_edition_and_changes_the_token(world):
    card = carried(world)

    new = reissued(world, card)

    assert (new.number_id, new.edition) == (card.number_id, 2)
    assert new.token != card.token and state_of(card) == "replaced"
    assert new.staff.service == "on_duty"


def test_a_damaged_card_is_valid_until_the_new_one_is_handed_over(world):
    card = carried(world)
    clerk, issuer = world.user(Role.TOWNSHIP_CLERK), world.user(Role.CARD_ISSUER)
    holding.record(card, "damaged", actor=clerk)
    new = reissue.approve(reissue.apply(card, actor=clerk), actor=issuer)
    print_it(world, new)
    assert Card.objects.with_showing().get(pk=card.pk).showing == "valid"

    holding.hand_over_one(new, actor=issuer)

    showing = dict(Card.objects.with_showing().values_list("edition", "showing"))
    assert showing == {1: "replaced", 2: "valid"}
    assert new.staff.service == "on_duty"


@pytest.mark.parametrize("place", ["other_county", "city"])
def test_only_the_office_that_issued_the_card_approves_its_reissue(world, place):
    card = carried(world)
    holding.record(card, "lost", actor=world.user(Role.TOWNSHIP_CLERK))
    wish = reissue.apply(card, actor=world.user(Role.TOWNSHIP_CLERK))
    stranger = world.user(Role.CARD_ISSUER, getattr(world, place))

    with refused("not_allowed"):
        reissue.approve(wish, actor=stranger)
    with refused("not_allowed"):
        reissue.refuse(wish, actor=stranger, sentence="no")


def test_whoever_applies_does_not_approve(world):
    card = carried(world)
    issuer = world.user(Role.CARD_ISSUER)
    holding.record(card, "lost", actor=issuer)
    wish = reissue.apply(card, actor=issuer)

    with refused("second_person"):
        reissue.approve(wish, actor=issuer)

    assert reissue.approve(wish, actor=second_issuer(world)).edition == 2


def test_a_reissue_needs_the_three_facts_still(world):
    from exams.models import AttemptVoid

    card = carried(world)
    clerk = world.user(Role.TOWNSHIP_CLERK)
    holding.record(card, "lost", actor=clerk)
    wish = reissue.apply(card, actor=clerk)
    AttemptVoid.objects.create(attempt=card.attempt, reason="test", made_by=clerk)

    with refused("not_ready"):
        reissue.approve(wish, actor=world.user(Role.CARD_ISSUER))


def test_a_valid_card_is_not_reissued_and_no_card_twice(world):
    card = carried(world)
    clerk = world.user(Role.TOWNSHIP_CLERK)
    with refused("wrong_state"):
        reissue.apply(card, actor=clerk)
    holding.record(card, "stolen", actor=clerk)
    reissue.apply(card, actor=clerk)

    with refused("already_applied"):
        reissue.apply(card, actor=clerk)


def test_a_lost_card_is_no_reason_for_a_first_card(world):
    card = carried(world)
    holding.record(card, "lost", actor=world.user(Role.TOWNSHIP_CLERK))

    with refused("reissue_needed"):
        issue.number_one(card.staff, actor=world.user(Role.CARD_ISSUER))


def leave(world: World, card: Card) -> None:
    from recruitment.lifecycle import ACCESS, SERVICE

    actor = world.user(Role.COORDINATOR)
    ACCESS.advance_one(card.staff, "shut", actor=actor, reason="left")
    SERVICE.advance_one(card.staff, "leave", actor=actor, reason="left")


def test_whoever_leaves_has_a_card_to_hand_back(world):
    card, stays = carried(world), carried(world)

    leave(world, card)

    assert list(Card.objects.to_recall()) == [card] and stays
    assert Card.objects.with_showing().get(pk=card.pk).showing == "suspended"
    withdrawal.recall(card, actor=world.user(Role.TOWNSHIP_CLERK))
    assert not Card.objects.to_recall().exists()


def test_cancelling_needs_the_card_back_or_an_explanation(world):
    issuer = world.user(Role.CARD_ISSUER)
    back, gone = carried(world), carried(world)
    withdrawal.recall(back, actor=issuer)
    withdrawal.cancel(back, actor=issuer)

    with refused("not_eligible:cancel"):
        withdrawal.cancel(gone, actor=issuer)
    withdrawal.cancel(gone, actor=issuer, exception="持证人失联，已登报声明。")

    assert state_of(back) == state_of(gone) == "cancelled"
    assert gone.withdrawal.exception


@pytest.mark.parametrize("role", [Role.TOWNSHIP_CLERK, Role.COORDINATOR, Role.COUNTY_REVIEWER])
def test_only_an_issuer_of_county_or_above_confiscates(world, role):
    card = carried(world)

    with refused("not_allowed"):
        withdrawal.confiscate(
            card, actor=world.user(role), article="第五条", act="lent", evidence="照片"
        )


def test_a_confiscated_card_bars_a_new_one_until_another_person_lifts_it(world):
    card, issuer = carried(world), world.user(Role.CARD_ISSUER)
    taken = withdrawal.confiscate(
        card, actor=issuer, article="第五条", act="lent", evidence="李四持证入户，有照片。"
    )
    card.staff.refresh_from_db()
    assert (state_of(card), card.staff.service) == ("confiscated", "appointed")

    with refused("confiscated"):
        issue.number_one(card.staff, actor=issuer)
    with refused("second_person"):
        withdrawal.lift(taken, actor=issuer)
    withdrawal.lift(taken, actor=second_issuer(world))

    again = issue.number_one(card.staff, actor=issuer)
    assert (again.number_id, again.edition) == (card.number_id, 2)


def test_a_pending_card_is_not_handed_to_somebody_barred(world):
    card = carried(world)
    clerk, issuer = world.user(Role.TOWNSHIP_CLERK), world.user(Role.CARD_ISSUER)
    holding.record(card, "damaged", actor=clerk)
    new = print_it(world, reissue.approve(reissue.apply(card, actor=clerk), actor=issuer))
    withdrawal.confiscate(card, actor=issuer, article="第五条", act="lent", evidence="照片")

    with refused("not_eligible:hand_over"):
        holding.hand_over_one(new, actor=issuer)


def test_evidence_is_encrypted_and_every_step_has_its_entry(world):
    card, issuer = carried(world), world.user(Role.CARD_ISSUER)
    withdrawal.confiscate(card, actor=issuer, article="第五条", act="lent", evidence="李四")

    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT evidence FROM credentials_confiscation")
        assert "李四".encode() not in bytes(cursor.fetchone()[0])
    steps = Entry.objects.filter(subject="credentials_card", subject_id=card.pk, event="state")
    assert list(steps.order_by("pk").values_list("new", flat=True)) == [
        "numbered",
        "printed",
        "handed_over",
        "confiscated",
    ]
    assert Confiscation.objects.get().evidence == "李四"


def test_the_table_and_the_database_know_the_same_moves(world):
    from census_staff.audit.models import Jump

    stored = set(
        Jump.objects.filter(subject="credentials_card", field="state").values_list(
            "source", "target"
        )
    )
    assert stored == {(str(a), str(b)) for a, b in CARD.moves()}


def test_holder_and_offices_are_told(world):
    from census_staff.correspondence.models import Notice

    clerk, issuer = world.user(Role.TOWNSHIP_CLERK), world.user(Role.CARD_ISSUER)
    stranger = world.user(Role.CARD_ISSUER, world.other_county)
    card = carried(world)
    holding.report(card, "lost", actor=holder(card))
    reissue.apply(card, actor=clerk)

    told = set(Notice.objects.values_list("kind", "person_id", "user_id"))
    assert {
        ("card_ready", card.person_id, None),
        ("card_handed_over", card.person_id, None),
        ("card_lost", None, clerk.pk),
        ("card_lost", None, issuer.pk),
        ("reissue_asked", None, issuer.pk),
    } == told
    assert stranger.pk not in {user for _kind, _person, user in told}
