"""The two life cycles of exams: the exam itself, and each sitting."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from census_staff.workflow import OWN, Step, Workflow, workflow

from .states import AttemptState, ClosedBy, ExamState

EXAM = workflow(
    "exams_exam",
    "state",
    born=[ExamState.DRAFT],
    steps=[
        Step(
            name="publish",
            label=_("Publish"),
            sources=frozenset({ExamState.DRAFT}),
            target=ExamState.PUBLISHED,
            action="exam.manage",
            sets=lambda actor, at: {"published_at": at},
        ),
        Step(
            name="close",
            label=pgettext_lazy("exam", "Close"),
            sources=frozenset({ExamState.PUBLISHED}),
            target=ExamState.CLOSED,
            action="exam.manage",
            danger=True,
        ),
    ],
    person_lookup="",
)

ATTEMPT = workflow(
    "exams_attempt",
    "state",
    born=[AttemptState.OPEN],
    steps=[
        Step(
            name="submit",
            label=_("Hand in"),
            sources=frozenset({AttemptState.OPEN}),
            target=AttemptState.SUBMITTED,
            action=OWN,
            evidence=True,
        ),
        Step(
            name="time_over",
            label=_("Time is over"),
            sources=frozenset({AttemptState.OPEN}),
            target=AttemptState.SUBMITTED,
            action="",
            evidence=True,
        ),
    ],
)
HAND_IN = {ClosedBy.HAND: "submit", ClosedBy.CLOCK: "time_over"}


def graded(result: Mapping[str, Any]) -> Workflow:
    """Return the attempt's life cycle in which handing in writes this one result."""
    steps = {
        name: replace(step, sets=lambda actor, at: {"submitted_at": at, **result})
        for name, step in ATTEMPT.steps.items()
    }
    return replace(ATTEMPT, steps=steps)
