"""Illegal writes about records, access, orders, posts and codes."""

from typing import Any

from census_staff.accounts.models import ActivationCode, Posting
from census_staff.accounts.roles import ROLES, Role
from census_staff.censuses.models import TimeChange
from census_staff.people.models import Correction
from recruitment.models import AccessOrder, Appeal, Exemption, ReviewNote, Staff
from tests.illegal.ground import Ground, Write, change, insert, sql
from tests.standing import make_census


def record(g: Ground, **more: Any) -> None:
    insert(Staff, {
        "person": g.gone.person, "census": g.world.census, "office": g.world.township,
        "role": "enumerator", "recruited_by": g.world.township, "entered_by": g.clerk,
    } | more)  # fmt: skip


def post(g: Ground, role: str, **more: Any) -> None:
    insert(Posting, {
        "user": g.clerk, "role": role, "duty": ROLES[role].duty, "office": g.world.county,
        "census": g.world.census if role == Role.COORDINATOR else None,
    } | more)  # fmt: skip


def note(g: Ground) -> ReviewNote:
    return ReviewNote.objects.create(staff=g.waiting, decision="return", made_by=g.issuer)


def second_coordinator(g: Ground) -> None:
    g.world.user(Role.COORDINATOR)
    post(g, Role.COORDINATOR)


def approved_exemption(g: Ground, **more: Any) -> None:
    change(Exemption, g.exemption.pk, approved_by=g.issuer, approved_at=g.at)
    change(Exemption, g.exemption.pk, **more)


def reviewed(g: Ground) -> dict[str, Any]:
    return {"reviewed_by": g.issuer, "reviewed_at": g.at}


def move_times(g: Ground, **more: Any) -> None:
    change(TimeChange, g.times.pk, **more)


PEOPLE = [
    Write("a second live record in one census", "one_live_staff_record", "serves_already",
          lambda g: record(g, person=g.ready.person)),
    Write("a record born appointed", "CS002", "wrong_state",
          lambda g: record(g, service="appointed", **reviewed(g))),
    Write("a record born with access", "CS002", "wrong_state",
          lambda g: record(g, service="appointed", access="enabled", **reviewed(g))),
    Write("a record of a role that does not exist", "staff_role_word", "unknown_word",
          lambda g: record(g, role="director")),
    Write("a record entered by nobody who signs", "CS001", "no_actor",
          lambda g: record(g), signed=False),
    Write("the approval of one's own entry", "staff_second_person", "own_entry",
          lambda g: change(Staff, g.waiting.pk, service="appointed", reviewed_by=g.clerk)),
    Write("an appointment without a review", "staff_appointed_by_review", "not_reviewed",
          lambda g: change(Staff, g.waiting.pk, service="appointed")),
    Write("access for an unreviewed record", "staff_activated_after_review", "not_reviewed",
          lambda g: change(Staff, g.waiting.pk, access="disabled")),
    Write("access opened before the appointment", "staff_open_while_appointed", "not_appointed",
          lambda g: change(Staff, g.reserve.pk, access="enabled")),
    Write("access opened again for who left", "staff_left_has_no_access", "not_appointed",
          lambda g: change(Staff, g.gone.pk, access="enabled")),
    Write("leaving with open access", "staff_left_has_no_access", "not_appointed",
          lambda g: change(Staff, g.ready.pk, service="left")),
    Write("a jump from review to departure", "CS002", "wrong_state",
          lambda g: sql("UPDATE recruitment_staff SET service = 'left' WHERE id = %s", g.waiting.pk)),
    Write("many jumps in one statement", "CS002", "wrong_state",
          lambda g: Staff.objects.filter(pk__in=[g.waiting.pk, g.reserve.pk]).update(service="left")),
    Write("access shut by nobody", "CS001", "no_actor",
          lambda g: change(Staff, g.ready.pk, access="disabled"), signed=False),
    Write("a record given to another person", "CS008", "settled",
          lambda g: change(Staff, g.appointed.pk, person=g.gone.person)),
    Write("a record moved to another census", "CS008", "settled",
          lambda g: change(Staff, g.appointed.pk, census=g.other_census)),
    Write("the role of a card holder changed", "card_staff_whole", "not_theirs",
          lambda g: change(Staff, g.held.staff_id, role="supervisor")),
    Write("a record removed", "42501", "not_permitted",
          lambda g: sql("DELETE FROM recruitment_staff WHERE id = %s", g.waiting.pk)),
    Write("a review note changed", "42501", "not_permitted",
          lambda g: change(ReviewNote, note(g).pk, sentence="x")),
    Write("a second order of a kind", "one_open_order", "asked_already",
          lambda g: insert(AccessOrder, g.order_for(g.appointed))),
    Write("an order with another reason", "CS008", "settled",
          lambda g: change(AccessOrder, g.order.pk, reason="violation")),
    Write("an order of an unknown kind", "order_kind_word", "unknown_word",
          lambda g: insert(AccessOrder, g.order_for(g.ready) | {"kind": "shoot"})),
    Write("an order removed", "42501", "not_permitted",
          lambda g: sql("DELETE FROM recruitment_accessorder")),
    Write("an exemption approved by its maker", "exemption_second_person", "second_person",
          lambda g: change(Exemption, g.exemption.pk, approved_by=g.exemption.made_by,
                           approved_at=g.at)),
    Write("an exemption approved by nobody", "exemption_approved_by_somebody", "nobody_decided",
          lambda g: change(Exemption, g.exemption.pk, approved_at=g.at)),
    Write("an approved exemption made longer", "CS008", "settled",
          lambda g: approved_exemption(g, until=g.at.date().replace(year=2090))),
    Write("an exemption's maker exchanged", "CS008", "settled",
          lambda g: change(Exemption, g.exemption.pk, made_by=g.clerk)),
    Write("an appeal answered by nobody", "appeal_answered_by_somebody", "nobody_decided",
          lambda g: insert(Appeal, {"staff": g.ready, "text": "x", "made_at": g.at,
                                    "answered_at": g.at})),
    Write("a correction by its maker", "correction_second_person", "second_person",
          lambda g: change(Correction, g.correction.pk, decided_by=g.clerk, decided_at=g.at)),
    Write("a correction applied that nobody decided", "correction_decided", "nobody_decided",
          lambda g: change(Correction, g.correction.pk, applied=True)),
    Write("a second correction of one field", "one_open_correction", "asked_already",
          lambda g: insert(Correction, {"person": g.waiting.person, "office": g.world.township,
                                        "field": "phone", "new_value": "1", "made_by": g.issuer})),
    Write("a change of times by its maker", "time_change_second_person", "second_person",
          lambda g: move_times(g, approved_by=g.times.made_by, approved_at=g.at)),
    Write("a change of times by nobody", "time_change_approved_by_somebody", "nobody_decided",
          lambda g: move_times(g, approved_at=g.at)),
    Write("other times than those that were asked for", "CS008", "settled",
          lambda g: move_times(g, execute_at=g.at.replace(year=2090))),
    Write("a second wish to change the times", "one_open_time_change", "asked_already",
          lambda g: insert(TimeChange, {"census": g.world.census, "deadline_at": g.at,
                                        "execute_at": g.at, "made_by": g.issuer})),
    Write("an execution before the deadline", "census_execute_after_deadline", "times_order",
          lambda g: make_census("06", execute_at=g.at.replace(year=2000))),
    Write("a census removed", "42501", "not_permitted",
          lambda g: sql("DELETE FROM censuses_census WHERE id = %s", g.other_census.pk)),
    Write("a second coordinator of a county", "one_coordinator", "one_coordinator",
          second_coordinator),
    Write("a coordinator of no census", "coordinator_of_a_census", "no_census_of_post",
          lambda g: post(g, Role.COORDINATOR, census=None)),
    Write("audit and business in one hand", "duties_kept_apart", "duties_kept_apart",
          lambda g: post(g, Role.AUDITOR)),
    Write("an audit post dressed as business", "posting_duty_of_role", "unknown_word",
          lambda g: post(g, Role.AUDITOR, duty="business")),
    Write("one post held twice", "posting_once", "posting_once",
          lambda g: post(g, Role.TOWNSHIP_CLERK, office=g.world.township)),
    Write("a post turned into a higher one", "CS008", "settled",
          lambda g: change(Posting, g.clerk.postings.get().pk, role="city_approver")),
    Write("a post moved to another office", "CS008", "settled",
          lambda g: change(Posting, g.clerk.postings.get().pk, office=g.world.city)),
    Write("a sixth try of a code", "code_five_tries", "code_dead",
          lambda g: change(ActivationCode, g.code.pk, wrong_tries=6)),
    Write("a code used after five wrong tries", "code_used_while_live", "code_dead",
          lambda g: change(ActivationCode, g.code.pk, wrong_tries=5, used_at=g.at)),
    Write("a voided code used", "code_used_while_live", "code_dead",
          lambda g: change(ActivationCode, g.code.pk, voided_at=g.at, used_at=g.at)),
    Write("two codes that work for one account", "one_live_code", "code_exists",
          lambda g: insert(ActivationCode, g.activation(b"2" * 32))),
    Write("an account removed", "42501", "not_permitted",
          lambda g: sql("DELETE FROM accounts_user WHERE id = %s", g.clerk.pk)),
]  # fmt: skip
