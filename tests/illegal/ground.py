"""The people, cards and batches upon which illegal writes are tried, and how a write is tried."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from census_staff.accounts.models import ActivationCode
from census_staff.accounts.roles import Role
from census_staff.audit.acting import acting
from census_staff.batches.models import Batch, BatchItem
from census_staff.censuses.models import TimeChange
from census_staff.people.models import Correction
from credentials import holding, issue, withdrawal
from credentials.models import Card, CardNumber, Reissue
from exams.models import Answer, Exam, Question
from exams.papers import DEFAULT_BLUEPRINT
from recruitment.lifecycle import ACCESS, SERVICE
from recruitment.models import AccessOrder, Exemption, Staff
from tests.standing import TESTS, World, make_census, operation, sit
from training.models import Course, Unit


class Ground:
    """One county with somebody at every stage that an illegal write could spoil."""

    def __init__(self) -> None:
        self.world = world = World()
        self.at = timezone.now()
        self.other_census = make_census("05")
        self.issuer = world.user(Role.CARD_ISSUER)
        self.clerk = world.user(Role.TOWNSHIP_CLERK)
        self.second_issuer = world.user(Role.CARD_ISSUER, world.city)
        self._people()
        self._cards()
        self._sittings()
        self._wishes()
        self._batches()
        self._material()

    def _people(self) -> None:
        world = self.world
        self.waiting, self.appointed = world.staff(), world.appointed()
        self.reserve = world.staff()
        reviewer = world.user(Role.COUNTY_REVIEWER)
        SERVICE.advance_one(self.reserve, "reserve", actor=reviewer)
        self.ready, self.other, self.barred = world.ready(), world.ready(), world.ready()
        self.failed, self.novice, self.gone = world.enabled(), world.enabled(), world.appointed()
        ACCESS.advance_one(self.gone, "activate", actor=reviewer)
        ACCESS.advance_one(self.gone, "shut", actor=TESTS)
        SERVICE.advance_one(self.gone, "leave", actor=TESTS)

    def _cards(self) -> None:
        self.numbered = self.card()
        self.printed = self.printed_card(self.card())
        self.held = self.printed_card(self.card())
        holding.hand_over_one(self.held, actor=self.issuer)
        self.taken = self.printed_card(self.card(self.barred))
        self.taking = withdrawal.confiscate(
            self.taken, actor=self.issuer, article="第八条", act="lent", evidence="x"
        )
        self.spent = CardNumber.objects.create(
            **self.number(self.other, number="0434152429999993", person_id=self.other.person_id)
        )

    def _sittings(self) -> None:
        self.attempt = sit(self.novice, score=None)
        self.graded = sit(self.failed, score=12)
        self.answer = Answer.objects.create(**self.tap(self.attempt))
        self.code = ActivationCode.objects.create(**self.activation(b"1" * 32))

    def _wishes(self) -> None:
        staff, world, at = self.waiting, self.world, self.at
        coordinator, steward = world.user(Role.COORDINATOR), world.user(Role.CITY_STEWARD)
        self.reissue = Reissue.objects.create(
            card=self.held, reason="lost", applied_by=self.clerk, applied_at=at
        )
        self.exemption = Exemption.objects.create(
            staff=staff, standards=["sat_online"], reason="x", until=at.date(), made_by=coordinator
        )
        self.correction = Correction.objects.create(
            person=staff.person, census=world.census, office=staff.office, field="phone",
            new_value="19900000001", made_by=self.clerk,
        )  # fmt: skip
        self.times = TimeChange.objects.create(
            census=world.census, deadline_at=at, execute_at=at, reason="x", made_by=steward
        )
        self.order = AccessOrder.objects.create(**self.order_for(self.appointed))

    def _batches(self) -> None:
        self.draft, self.run = self.batch("number", False), self.batch("disable", True)
        self.item = BatchItem.objects.create(
            batch=self.run, position=1, target_id=self.appointed.pk, office=self.world.township
        )
        self.asked = self.batch("disable", True)
        approver = self.world.user(Role.CITY_APPROVER)
        began = {"started_at": self.at + timedelta(days=1)}
        with acting(TESTS):
            for row, states in (
                (self.run, ["frozen"]),
                (self.asked, ["frozen", "approved", "running"]),
            ):
                for state in states:
                    more = {} if state == "frozen" else {"approved_by": approver, **began}
                    Batch.objects.filter(pk=row.pk).update(state=state, **more)
            Batch.objects.filter(pk=self.asked.pk).update(state="done")
            Batch.objects.filter(pk=self.asked.pk).update(
                state="undo_asked", undo_asked_by=self.asked.made_by
            )

    def _material(self) -> None:
        world, at = self.world, self.at
        with acting(TESTS):
            self.exam = Exam.objects.create(
                census=world.census, office=world.county, role="enumerator", title="考试",
                blueprint=DEFAULT_BLUEPRINT.as_json(), minutes=60, pass_mark=80, attempts=3,
                opens_at=at, closes_at=at + timedelta(days=9),
            )  # fmt: skip
            self.course = Course.objects.create(
                census=world.census, office=world.county, code="own", title="课"
            )
            self.unit = Unit.objects.create(course=self.course, position=1, kind="page", title="页")
            Exam.objects.filter(pk=self.exam.pk).update(state="published")
            Course.objects.filter(pk=self.course.pk).update(state="published")
        self.question = Question.objects.create(
            code="Z-1", category="law", kind="single", roles=["enumerator"], census_kinds=["economic"],
            stem="对吗？", options=["对", "错"], answer=[0], explanation="对。", source="x",
        )  # fmt: skip

    def card(self, staff: Staff | None = None) -> Card:
        """Return a fresh card of this person, or of somebody new."""
        return issue.number_one(staff or self.world.ready(), actor=self.issuer)

    def printed_card(self, card: Card) -> Card:
        """Return the card after its printing."""
        Card.objects.filter(pk=card.pk).update(face={"full_name": "张三"})
        with acting(TESTS):
            Card.objects.filter(pk=card.pk).update(state="printed", printed_at=self.at)
        card.refresh_from_db()
        return card

    def batch(self, kind: str, needs_second: bool) -> Batch:
        """Return a preview."""
        with acting(TESTS):
            return Batch.objects.create(**self.batch_row(kind, needs_second))

    def batch_row(self, kind: str = "number", needs_second: bool = False, **more: Any) -> Any:
        """Return the columns of a preview."""
        values = {
            "kind": kind, "needs_second": needs_second, "census": self.world.census,
            "office": self.world.county, "made_by": self.issuer,
            "due_at": self.at + timedelta(days=1) if kind == "disable" else None,
        }  # fmt: skip
        return values | more

    def facts(self, staff: Staff) -> dict[str, Any]:
        """Return the three facts of this person, and who they are."""
        person = staff.person
        return {
            "person_id": person.pk,
            "census_id": staff.census_id,
            "role": staff.role,
            "training_id": person.completions.latest("pk").pk,
            "attempt_id": person.attempts.filter(passed=True).latest("pk").pk,
            "pledge_id": person.pledges.latest("pk").pk,
        }

    def number(self, staff: Staff, **wrong: Any) -> dict[str, Any]:
        """Return the columns of a number for this person, with something wrong in it."""
        values = {"number": "0434152420888885", "given_at": self.at} | self.facts(staff)
        return values | wrong

    def first_card(self, number: CardNumber | None = None, **wrong: Any) -> dict[str, Any]:
        """Return the columns of a card upon a number, with something wrong in it."""
        number = number or self.spent
        staff = Staff.objects.get(person=number.person_id)
        return {
            "number_id": number.pk, "token": "A" * 32, "staff_id": staff.pk, "made_at": self.at,
            "issuer_id": self.world.county.pk, "valid_from": self.at.date(),
            "valid_until": self.at.date(),
        } | self.facts(staff) | wrong  # fmt: skip

    def tap(self, attempt: Any, **more: Any) -> dict[str, Any]:
        """Return the columns of an answer."""
        return {
            "attempt": attempt, "op": operation(), "question": 1, "page": 1, "sequence": 1,
            "choice": [0], "saved_at": self.at,
        } | more  # fmt: skip

    def activation(self, digest: bytes) -> dict[str, Any]:
        """Return the columns of an activation code."""
        return {
            "user": self.ready.person.user,
            "code_digest": digest,
            "expires_at": self.at + timedelta(days=9),
        }

    def order_for(self, staff: Staff) -> dict[str, Any]:
        """Return the columns of an order that shuts somebody's access."""
        return {
            "staff": staff,
            "kind": "disable",
            "reason": "other",
            "made_by": "user:1",
            "made_at": self.at,
        }


@dataclass(frozen=True)
class Write:
    """An illegal write: what it tries, and what the database must answer."""

    name: str
    # SQLSTATE of ours, or the name of the constraint; and the code the application says.
    key: str
    code: str
    tries: Callable[[Ground], Any]
    signed: bool = True


def attempt(write: Write, ground: Ground) -> None:
    """Do the write as somebody, and ask also what waits for the commit."""
    with transaction.atomic(), acting(TESTS, reason="test") if write.signed else nullcontext():
        write.tries(ground)
        connection.check_constraints()


def change(model: Any, pk: Any, **values: Any) -> None:
    """Write into one row by `QuerySet.update()`."""
    assert model.objects.filter(pk=pk).update(**values) == 1


def insert(model: Any, *rows: dict[str, Any]) -> None:
    """Write rows by `bulk_create()`."""
    model.objects.bulk_create(model(**row) for row in rows)


def sql(statement: str, *parameters: Any) -> None:
    """Write by plain SQL, as whoever the application is."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
