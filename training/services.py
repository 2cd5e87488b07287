"""Studying: what a person does in a unit, and the evidence that comes of a completed set."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.audit.acting import acting
from census_staff.lib.errors import Refused
from census_staff.people.models import Person

from . import playback
from .models import Completion, CompletionVoid, Retraining, Unit, UnitProgress
from .standing import Learner, rounds_of, standing_of
from .states import UnitKind

Change = Callable[[UnitProgress, datetime], None]


@dataclass(frozen=True, slots=True)
class Answered:
    """Whether the check question was answered rightly, and why it is so."""

    is_right: bool
    explanation: str


def reach_end(learner: Learner, unit: Unit, *, actor: Any) -> UnitProgress:
    """Return the progress of a page that was read to its end."""
    _require_kind(unit, UnitKind.PAGE)

    def change(progress: UnitProgress, at: datetime) -> None:
        progress.reached_end_at = progress.reached_end_at or at

    return _study(learner, unit, change, actor=actor)


def open_page(learner: Learner, unit: Unit, number: int, *, actor: Any) -> UnitProgress:
    """Return the progress of a document after one more of its pages was opened."""
    _require_kind(unit, UnitKind.PDF)
    pages = int(unit.content["pages"])
    if not 1 <= number <= pages:
        raise Refused("no_such_page", _("The document has no such page."))

    def change(progress: UnitProgress, at: datetime) -> None:
        opened = sorted({*progress.evidence.get("pages", []), number})
        progress.evidence = {**progress.evidence, "pages": opened}
        if len(opened) == pages:
            progress.reached_end_at = progress.reached_end_at or at

    return _study(learner, unit, change, actor=actor)


def open_film(learner: Learner, unit: Unit, *, actor: Any) -> tuple[str, UnitProgress]:
    """Return the token of a new viewing, and the progress. Only the newest viewing earns."""
    _require_kind(unit, UnitKind.FILM)
    token = secrets.token_urlsafe(12)

    def change(progress: UnitProgress, at: datetime) -> None:
        viewing = {"view": token, "beat_at": at.isoformat(), "carried": 0}
        progress.evidence = {**progress.evidence, **viewing}

    return token, _study(learner, unit, change, actor=actor)


def beat(
    learner: Learner, unit: Unit, *, view: str, played: tuple[float, float], actor: Any
) -> UnitProgress:
    """Return the progress of a film after a report of what was played since the last one."""
    _require_kind(unit, UnitKind.FILM)
    duration = float(unit.content["seconds"])

    def change(progress: UnitProgress, at: datetime) -> None:
        evidence = progress.evidence
        if not view or evidence.get("view") != view:
            raise Refused(
                "another_view",
                _(
                    "The film is open in another window or on another device. Only the newest counts."
                ),
            )
        earned = playback.earn(
            tuple((start, end) for start, end in evidence.get("played", [])),
            claimed=played,
            elapsed=(at - datetime.fromisoformat(evidence["beat_at"])).total_seconds(),
            carried=evidence.get("carried", 0),
            duration=duration,
        )
        progress.evidence = {
            **evidence,
            "played": earned.played,
            "carried": round(earned.carried, 3),
            "beat_at": at.isoformat(),
        }
        if playback.is_enough(earned.played, duration=duration):
            progress.reached_end_at = progress.reached_end_at or at

    return _study(learner, unit, change, actor=actor)


def answer(
    learner: Learner, unit: Unit, choice: int, *, actor: Any
) -> tuple[Answered, UnitProgress]:
    """Return how the check question was answered; a wrong answer may be tried again."""
    check = unit.content["check"]
    is_right = choice == check["answer"]

    def change(progress: UnitProgress, at: datetime) -> None:
        if progress.reached_end_at is None:
            raise Refused(
                "not_at_the_end",
                _("Study the unit to its end first; then the question can be answered."),
            )
        if is_right:
            progress.answered_at = progress.answered_at or at
        tries = progress.evidence.get("tries", 0) + (0 if progress.completed_at else 1)
        progress.evidence = {**progress.evidence, "tries": tries}

    progress = _study(learner, unit, change, actor=actor)
    return Answered(is_right, check["explanation"]), progress


def settle(learner: Learner, *, actor: Any) -> bool:
    """Return whether a set is now complete that was not yet written down, and write it."""
    with acting(actor, reason="study"):
        Person.objects.filter(pk=learner.person_id).lock()
        return _settle(learner, timezone.now())


def void_completion(completion: Completion, *, actor: Any, reason: str) -> CompletionVoid:
    """Return the row that says why a completion no longer counts; the set must be studied anew."""
    if not reason.strip():
        raise Refused("no_reason", _("Say why the training no longer counts."), field="reason")
    with acting(actor, reason="void_training"):
        Person.objects.filter(pk=completion.person_id).lock()
        if CompletionVoid.objects.filter(completion=completion).exists():
            raise Refused("void_already", _("This training was voided before."))
        return CompletionVoid.objects.create(
            completion=completion, reason=reason.strip()[:300], made_by_id=actor.pk
        )


def _study(learner: Learner, unit: Unit, change: Change, *, actor: Any) -> UnitProgress:
    """Change the progress under the person's lock: two devices stand in one queue."""
    with acting(actor, reason="study"):
        Person.objects.filter(pk=learner.person_id).lock()
        at = timezone.now()
        _trained, round_, _retrained = rounds_of(learner)
        progress, _made = UnitProgress.objects.get_or_create(
            person_id=learner.person_id, census_id=learner.census_id, unit=unit, round=round_
        )
        change(progress, at)
        is_new = False
        if progress.reached_end_at and progress.answered_at and not progress.completed_at:
            progress.completed_at, is_new = at, True
        progress.save()
        if is_new:
            _settle(learner, at)
        return progress


def _settle(learner: Learner, at: datetime) -> bool:
    standing = standing_of(learner)
    if not standing.is_complete:
        return False
    values = {
        "person_id": learner.person_id,
        "census_id": learner.census_id,
        "role": learner.role,
        "completed_at": at,
        "courses": [
            {"code": one.course.code, "version": one.course.version} for one in standing.active
        ],
    }
    if standing.is_trained:
        Retraining.objects.create(round=standing.retrained + 1, **values)
    else:
        Completion.objects.create(round=standing.round - standing.retrained, **values)
    return True


def _require_kind(unit: Unit, kind: str) -> None:
    if unit.kind != kind:
        raise Refused("wrong_kind", _("This unit is not studied in this way."))
