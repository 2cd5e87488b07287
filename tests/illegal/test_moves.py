"""Every move of every life cycle: the legal ones leave their entry, all others are refused.

All by `QuerySet.update()`: the application's own code is not asked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.db.models import Model
from pytest_django.plugin import DjangoDbBlocker

from census_staff.audit.acting import acting
from census_staff.audit.models import Entry
from census_staff.batches.lifecycle import BATCH
from census_staff.batches.models import Batch
from census_staff.workflow import Workflow
from credentials.lifecycle import CARD
from credentials.models import Card, CardNumber
from exams.lifecycle import ATTEMPT, EXAM
from exams.models import Attempt, Exam
from recruitment.lifecycle import ACCESS, SERVICE
from recruitment.models import Staff
from tests.cycles import CYCLES
from tests.illegal.ground import Ground
from tests.standing import TESTS, make_person, pledge, sit, train
from training.lifecycle import COURSE
from training.models import Course


@dataclass(frozen=True)
class Rider:
    """A row to be moved along a life cycle, with what its states ask of the other columns."""

    model: type[Model]
    make: Callable[[Ground], Any]
    # What is written along with a state.
    along: Callable[[Ground, str], dict[str, Any]] = lambda g, state: {}
    # Refusals of other triggers that may come before the one about the move.
    earlier: frozenset[str] = frozenset()


def staff(g: Ground) -> Staff:
    """Return a record that was looked at, of somebody who holds a card in force."""
    row = g.world.staff(service="proposed")
    Staff.objects.filter(pk=row.pk).update(reviewed_by=g.issuer)
    train(row)
    sit(row, score=92)
    pledge(row)
    number = CardNumber.objects.create(**g.number(row))
    with acting(TESTS):
        made = Card.objects.create(**g.first_card(number), face={})
        for state in ("printed", "handed_over"):
            Card.objects.filter(pk=made.pk).update(state=state)
    return row


def with_access(g: Ground) -> Staff:
    """Return an appointed record whose access was never opened."""
    return Staff.objects.get(pk=g.appointed.pk)


def card(g: Ground) -> Card:
    """Return a new card whose face is written down already."""
    Card.objects.filter(pk=g.numbered.pk).update(face={"full_name": "张三"})
    return g.numbered


def batch(g: Ground) -> Batch:
    """Return a preview with everybody's word already in it."""
    row = g.batch("number", False)
    Batch.objects.filter(pk=row.pk).update(
        started_at=g.at + timedelta(days=2),
        undo_asked_by=g.issuer,
        undo_approved_by=g.second_issuer,
    )
    return row


def draft_exam(g: Ground) -> Exam:
    with acting(TESTS):
        row = Exam.objects.get(pk=g.exam.pk)
        row.pk, row.state, row.office = None, "draft", g.world.city
        row.save(force_insert=True)
    return row


def draft_course(g: Ground) -> Course:
    with acting(TESTS):
        return Course.objects.create(
            census=g.world.census, office=g.world.county, code="new", title="课"
        )


def graded(g: Ground, state: str) -> dict[str, Any]:
    return {"submitted_at": g.at, "score": 12} if state == "submitted" else {}


RIDERS = {
    id(SERVICE): Rider(Staff, staff),
    id(ACCESS): Rider(Staff, with_access),
    id(CARD): Rider(Card, card),
    id(COURSE): Rider(Course, draft_course),
    id(EXAM): Rider(Exam, draft_exam),
    id(ATTEMPT): Rider(Attempt, lambda g: g.attempt, graded, frozenset({"CS005"})),
    id(BATCH): Rider(Batch, batch),
}
NAMES = [f"{cycle.subject}.{cycle.field}" for cycle in CYCLES]


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Ground]:
    """Give one county for all of these moves: each of them leaves it as it was."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            yield Ground()
            transaction.set_rollback(True)
        connection.close()


def states(cycle: Workflow) -> list[str]:
    return sorted({state for move in cycle.moves() for state in move if state})


def ways(cycle: Workflow, start: str) -> dict[str, list[str]]:
    """Return the shortest way from `start` to each state that it leads to."""
    found, waiting = {start: [start]}, [start]
    for here in waiting:
        for source, target in cycle.moves():
            if source == here and target not in found:
                found[target] = [*found[here], target]
                waiting.append(target)
    return found


def ride(cycle: Workflow, g: Ground, way: list[str]) -> Any:
    """Return a row that was taken along this way."""
    rider = RIDERS[id(cycle)]
    row = rider.make(g)
    for state in way[1:]:
        move(cycle, g, row, state)
    return row


def move(cycle: Workflow, g: Ground, row: Any, state: str) -> None:
    rider = RIDERS[id(cycle)]
    with acting(g.issuer, reason="walk"):
        more = {cycle.field: state, **rider.along(g, state)}
        assert rider.model._default_manager.filter(pk=row.pk).update(**more) == 1


def test_every_cycle_has_its_rider() -> None:
    assert {id(cycle) for cycle in CYCLES} == set(RIDERS)


@pytest.mark.parametrize("cycle", CYCLES, ids=NAMES)
def test_every_legal_move_leaves_one_entry_with_its_actor(ground: Ground, cycle: Workflow) -> None:
    g, walked = ground, set()
    begins = born(cycle, g)
    for source, way in ways(cycle, begins).items():
        for target in sorted({t for s, t in cycle.moves() if s == source}):
            with transaction.atomic():
                row = ride(cycle, g, way)
                last = Entry.objects.latest("pk").pk
                move(cycle, g, row, target)
                entries = Entry.objects.filter(pk__gt=last)
                told = [
                    (e.subject, e.subject_id, e.event, e.old, e.new, e.actor, e.reason)
                    for e in entries
                ]
                signed = f"user:{g.issuer.pk}"
                assert told == [
                    (cycle.subject, row.pk, cycle.field, source, target, signed, "walk")
                ]
                transaction.set_rollback(True)
            walked.add((source, target))
    assert walked == {(source, target) for source, target in cycle.moves() if source}


@pytest.mark.parametrize("cycle", CYCLES, ids=NAMES)
def test_every_other_move_is_refused(ground: Ground, cycle: Workflow) -> None:
    g, legal, tried = ground, set(cycle.moves()), 0
    may = {"CS002"} | RIDERS[id(cycle)].earlier
    for source, way in ways(cycle, born(cycle, g)).items():
        for target in states(cycle):
            if target == source or (source, target) in legal:
                continue
            with transaction.atomic():
                row = ride(cycle, g, way)
                with pytest.raises(Error) as caught, transaction.atomic():
                    move(cycle, g, row, target)
                assert caught.value.__cause__.pgcode in may, (source, target)
                transaction.set_rollback(True)
            tried += 1
    assert tried


@pytest.mark.parametrize("cycle", CYCLES, ids=NAMES)
def test_nothing_is_born_in_the_middle_of_its_life(ground: Ground, cycle: Workflow) -> None:
    g, rider = ground, RIDERS[id(cycle)]
    for state in set(states(cycle)) - {target for source, target in cycle.moves() if not source}:
        with transaction.atomic():
            row = rider.model._default_manager.get(pk=rider.make(g).pk)
            row = another(g, row)
            setattr(row, cycle.field, state)
            with pytest.raises(Error) as caught, acting(TESTS):
                rider.model._default_manager.bulk_create([row])
            assert caught.value.__cause__.pgcode == "CS002", state
            transaction.set_rollback(True)


def born(cycle: Workflow, g: Ground) -> str:
    """Return the state in which the rider of this cycle begins."""
    with transaction.atomic():
        row = RIDERS[id(cycle)].make(g)
        found = str(getattr(type(row)._default_manager.get(pk=row.pk), cycle.field))
        transaction.set_rollback(True)
    return found


def another(g: Ground, row: Any) -> Any:
    """Return a row, not written yet, that offends no rule but that of its birth."""
    row.pk = None
    if isinstance(row, Staff):
        row.person = make_person()
    if isinstance(row, Card):
        return Card(**g.first_card(), face={})
    if isinstance(row, Course):
        row.version = 99
    if isinstance(row, Attempt):
        row.number, row.score, row.submitted_at = 99, 12, g.at
    return row
