"""Illegal writes about decisions: taken alone, by another office, unasked, or exchanged afterwards."""

from datetime import timedelta
from typing import Any

from census_staff.accounts.models import Posting, Reveal, User
from census_staff.accounts.roles import Role
from census_staff.audit.models import Entry
from census_staff.batches.models import Batch, BatchItem
from census_staff.censuses.models import Census, TimeChange
from census_staff.people.models import Photo
from credentials.models import Card, Confiscation, Loss, Reissue
from exams.models import Attempt, Exam
from recruitment.models import Appeal, Exemption, Staff
from tests.illegal.ground import Ground, Write, change, insert, sql
from tests.illegal.work import approved
from training.models import Course

LATER = timedelta(days=40)


def attempt_of(g: Ground, **wrong: Any) -> None:
    """Begin an attempt of somebody who never sat, with something wrong in it."""
    row = Attempt.objects.get(pk=g.attempt.pk)
    row.pk, row.number, row.person = None, 7, g.waiting.person
    for name, value in wrong.items():
        setattr(row, name, value)
    Attempt.objects.bulk_create([row])


def agree(g: Ground, **times: Any) -> None:
    """Let a second person agree to these times, and move the census to them."""
    TimeChange.objects.filter(pk=g.times.pk).update(refused_at=g.at)
    asked = TimeChange.objects.create(
        census=g.world.census, reason="x", made_by=g.issuer,
        **({"deadline_at": g.at + LATER, "execute_at": g.at + LATER} | times),
    )  # fmt: skip
    change(TimeChange, asked.pk, approved_by=g.clerk, approved_at=asked.made_at)
    times_of(g, deadline_at=asked.deadline_at, execute_at=asked.execute_at)


def agreed_once_more(g: Ground) -> None:
    first = g.at + LATER
    agree(g)
    agree(g, deadline_at=first + LATER, execute_at=first + LATER)
    times_of(g, deadline_at=first, execute_at=first)


def times_of(g: Ground, **times: Any) -> None:
    change(Census, g.world.census.pk, **times)


def granted(g: Ground, **more: Any) -> None:
    """Grant the application for a new edition as the office that issued the card."""
    decided = {"decided_by": g.issuer, "decided_at": g.at, "approved": True}
    change(Reissue, g.reissue.pk, **(decided | more))


def dismissed_issuer(g: Ground) -> None:
    Posting.objects.filter(user=g.issuer).update(ended_at=g.at)
    granted(g)


def second_edition(g: Ground) -> Card:
    lost(g)
    insert(Card, g.first_card(g.held.number, edition=2, token="C" * 32))
    return Card.objects.get(number=g.held.number_id, edition=2)


def lost(g: Ground) -> None:
    change(Card, g.held.pk, state="lost")
    Staff.objects.filter(pk=g.held.staff_id).update(service="appointed")


def second_edition_refused(g: Ground) -> None:
    second_edition(g)
    granted(g, approved=False)


def off_duty(g: Ground, state: str) -> None:
    change(Card, g.held.pk, state=state)
    change(Staff, g.held.staff_id, service="appointed")


def answered(g: Ground, **more: Any) -> None:
    row = Appeal.objects.create(staff=g.ready, text="x", made_at=g.at)
    change(Appeal, row.pk, answer="y", answered_by=g.issuer, answered_at=g.at)
    change(Appeal, row.pk, **more)


def approver_exchanged(g: Ground) -> None:
    approved(g)
    change(Batch, g.run.pk, approved_by=g.clerk)


def done_again(g: Ground) -> None:
    change(BatchItem, g.item.pk, state="done")
    change(BatchItem, g.item.pk, state="pending")


def looked(g: Ground) -> None:
    seen = Reveal.objects.create(
        user=g.clerk, person=g.ready.person, office=g.world.township, field="phone", reason="x"
    )
    change(Reveal, seen.pk, user=g.issuer)


def key(table: str, pk: int, more: str) -> None:
    """Change a row and, in the same breath, the key by which the trail knows it."""
    sql(f"UPDATE {table} SET id = id + 1000000, {more} WHERE id = %s", pk)


def draft(g: Ground) -> int:
    row = Exam.objects.get(pk=g.exam.pk)
    row.pk, row.state = None, "draft"
    row.save(force_insert=True)
    return row.pk


def approval(g: Ground) -> dict[str, Any]:
    return {"approved_by": g.issuer, "approved_at": g.at}


DECISIONS = [
    Write("an attempt born graded", "CS002", "wrong_state",
          lambda g: attempt_of(g, state="submitted", submitted_at=g.at, score=100, passed=True)),
    Write("an attempt at the exam of another role", "attempt_of_its_exam", "not_their_exam",
          lambda g: attempt_of(g, role="supervisor")),
    Write("an attempt at the exam of another census", "attempt_of_its_exam", "not_their_exam",
          lambda g: attempt_of(g, census=g.other_census)),
    Write("an attempt with an easier mark than its exam's", "attempt_of_its_exam", "not_their_exam",
          lambda g: attempt_of(g, pass_mark=1)),
    Write("an attempt at no exam", "exams_attempt.exam_id", "not_their_exam",
          lambda g: attempt_of(g, exam=None)),
    Write("a score above the whole", "attempt_score_of_hundred", "not_graded",
          lambda g: change(Attempt, g.attempt.pk, state="submitted", submitted_at=g.at, score=101)),
    Write("other times without a wish", "CS010", "second_person",
          lambda g: times_of(g, deadline_at=g.at + LATER, execute_at=g.at + LATER)),
    Write("the deadline moved alone", "CS010", "second_person",
          lambda g: times_of(g, deadline_at=g.at)),
    Write("other times than those agreed to", "CS010", "second_person",
          lambda g: (agree(g), times_of(g, execute_at=g.at + 2 * LATER))),
    Write("times of an older agreement", "CS010", "second_person", agreed_once_more),
    Write("a wish for other times born agreed", "CS010", "second_person",
          lambda g: insert(TimeChange, {"census": g.other_census, "deadline_at": g.at,
                                        "execute_at": g.at, "made_by": g.issuer,
                                        "approved_by": g.clerk, "approved_at": g.at})),
    Write("times both agreed to and refused", "time_change_one_decision", "settled",
          lambda g: change(TimeChange, g.times.pk, approved_by=g.clerk, approved_at=g.at,
                           refused_at=g.at)),
    Write("a census renumbered", "CS008", "settled",
          lambda g: change(Census, g.world.census.pk, code="77")),
    Write("an exemption born approved", "CS010", "second_person",
          lambda g: insert(Exemption, {"staff": g.ready, "standards": ["passed"], "reason": "x",
                                       "until": g.at.date(), "made_by": g.clerk} | approval(g))),
    Write("a reissue decided by another office", "CS011", "wrong_office",
          lambda g: granted(g, decided_by=g.second_issuer)),
    Write("a reissue decided by who issues nothing there", "CS011", "wrong_office",
          lambda g: granted(g, decided_by=g.world.user(Role.COORDINATOR))),
    Write("a reissue decided by who no longer issues there", "CS011", "wrong_office",
          dismissed_issuer),
    Write("a reissue born decided", "CS010", "second_person",
          lambda g: insert(Reissue, {"card": g.printed, "reason": "lost", "applied_by": g.clerk,
                                     "applied_at": g.at, "decided_by": g.issuer, "decided_at": g.at,
                                     "approved": True})),
    Write("a reissue that makes another person's card", "reissue_of_its_number", "not_theirs",
          lambda g: granted(g, made_card=g.numbered)),
    Write("a refused reissue that makes a card", "reissue_made_when_granted", "not_granted",
          lambda g: granted(g, approved=False, made_card=second_edition(g))),
    Write("a new edition that nobody applied for", "CS012", "not_granted", second_edition),
    Write("a new edition beside a card in force", "CS012", "not_granted",
          lambda g: insert(Card, g.first_card(g.held.number, edition=2, token="C" * 32))),
    Write("a new edition after a refusal", "CS012", "not_granted", second_edition_refused),
    Write("a confiscation born lifted", "CS010", "second_person",
          lambda g: insert(Confiscation, {"card": g.held, "person": g.held.person,
                                          "census": g.world.census, "article": "x", "act": "lent",
                                          "evidence": "x", "made_by": g.issuer, "made_at": g.at,
                                          "lifted_by": g.clerk, "lifted_at": g.at})),
    Write("a card confiscated on no evidence", "card_confiscated_on_evidence", "evidence_needed",
          lambda g: off_duty(g, "confiscated")),
    Write("a card cancelled, neither returned nor explained", "card_cancelled_when_explained",
          "not_explained", lambda g: off_duty(g, "cancelled")),
    Write("a card valid for longer", "CS008", "settled",
          lambda g: change(Card, g.held.pk, valid_until=g.at.date().replace(year=2090))),
    Write("a report of a loss rewritten", "42501", "not_permitted",
          lambda g: Loss.objects.update(kind="damaged")),
    Write("the one who entered a record exchanged", "CS008", "settled",
          lambda g: change(Staff, g.waiting.pk, entered_by=g.issuer)),
    Write("the one who reviewed a record exchanged", "CS008", "settled",
          lambda g: change(Staff, g.appointed.pk, reviewed_by=g.issuer)),
    Write("the words of an appeal exchanged", "CS008", "settled",
          lambda g: answered(g, text="z")),
    Write("the answer to an appeal exchanged", "CS008", "settled",
          lambda g: answered(g, answer="z")),
    Write("the approver of a run exchanged", "CS008", "settled", approver_exchanged),
    Write("somebody on a list dealt with once more", "CS008", "settled", done_again),
    Write("an account moved to another person", "CS008", "settled",
          lambda g: change(User, g.ready.person.user.pk, person=g.waiting.person)),
    Write("a look at somebody's data put on another", "42501", "not_permitted", looked),
    Write("a photo exchanged under its card", "CS008", "settled",
          lambda g: Photo.objects.update(jpeg=b"x")),
    Write("an entry of the record by nobody", "entry_has_an_actor", "nobody_decided",
          lambda g: insert(Entry, {"actor": "", "subject": "x", "event": "x"})),
    *(
        Write(f"{what} moved along with its key", "CS008", "settled", tries)
        for what, tries in {
            "a card": lambda g: key("credentials_card", g.printed.pk, "state = 'numbered'"),
            "a record": lambda g: key("recruitment_staff", g.reserve.pk, "service = 'on_duty'"),
            "a batch": lambda g: key("batches_batch", g.draft.pk, "state = 'done', started_at = now()"),
            "an exam": lambda g: key("exams_exam", draft(g), "state = 'published'"),
            "an attempt": lambda g: key("exams_attempt", g.attempt.pk,
                                     "state = 'submitted', score = 99, submitted_at = now()"),
            "a course": lambda g: key("training_course",
                                    Course.objects.create(census=g.world.census, code="k", title="x",
                                                          office=g.world.county).pk,
                                    "state = 'published'"),
        }.items()
    ),
]  # fmt: skip
