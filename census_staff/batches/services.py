"""Starting, stopping, approving and undoing bulk work; each kind names who may."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from census_staff.lib.errors import Refused

from .kinds import Kind, kind_of
from .lifecycle import BATCH
from .models import Batch
from .states import BatchState


def _need(batch: Batch, actor: Any, action: str) -> None:
    if not Batch.objects.filter(pk=batch.pk).allowed(actor, action).exists():
        raise Refused("not_in_role", _("Your role does not include this."))


def _kind(batch: Batch) -> Kind:
    """Return the kind of work that may be steered from here."""
    kind = kind_of(batch)
    if kind.own_page:
        raise Refused("own_page", _("This work has a page of its own. Please go on there."))
    return kind


@transaction.atomic
def start(batch: Batch, *, actor: Any) -> None:
    """Start work that needs no second person, upon what its preview showed."""
    kind = _kind(batch)
    _need(batch, actor, kind.start_action)
    if batch.needs_second:
        raise Refused("second_person", _("A second person must approve this."))
    BATCH.advance_one(batch, "confirm", actor=actor, batch=batch.pk)


@transaction.atomic
def approve(batch: Batch, *, actor: Any) -> None:
    """Approve frozen work that somebody else made."""
    kind = _kind(batch)
    _need(batch, actor, kind.approve_action)
    if batch.made_by_id == actor.pk:
        raise Refused("second_person", _("A second person must approve this."))
    BATCH.advance_one(batch, "approve", actor=actor, batch=batch.pk)


@transaction.atomic
def halt(batch: Batch, *, actor: Any, code: str = "by_hand") -> None:
    """Stop work at the end of its present chunk; what is done stays done."""
    kind = _kind(batch)
    if not any(_may(batch, actor, a) for a in (kind.start_action, kind.approve_action)):
        raise Refused("not_in_role", _("Your role does not include this."))
    Batch.objects.filter(pk=batch.pk).update(stop_code=code)
    BATCH.advance_one(batch, "halt", actor=actor, reason=code, batch=batch.pk)


@transaction.atomic
def resume(batch: Batch, *, actor: Any) -> None:
    """Go on with stopped work; where a second person is needed, the second person resumes it."""
    kind = _kind(batch)
    _need(batch, actor, kind.approve_action if batch.needs_second else kind.start_action)
    if batch.started_at is None:
        raise Refused(
            "never_began", _("This work was stopped before it began. Make a new preview.")
        )
    Batch.objects.filter(pk=batch.pk).update(stop_code="")
    BATCH.advance_one(batch, "resume", actor=actor, batch=batch.pk)


@transaction.atomic
def cancel(batch: Batch, *, actor: Any) -> None:
    """Give up work that has not begun."""
    kind = _kind(batch)
    _need(batch, actor, kind.start_action)
    if batch.started_at is not None:
        raise Refused("already_begun", _("This work has begun. Stop it, or ask to undo it."))
    BATCH.advance_one(batch, "cancel", actor=actor, batch=batch.pk)


@transaction.atomic
def ask_undo(batch: Batch, *, actor: Any) -> None:
    """Ask to put back what the batch changed and nobody changed since."""
    kind = _kind(batch)
    _need(batch, actor, kind.start_action)
    if not kind.can_undo:
        raise Refused("no_undo", _("Work of this kind is not undone in bulk."))
    BATCH.advance_one(batch, "ask_undo", actor=actor, batch=batch.pk)


@transaction.atomic
def approve_undo(batch: Batch, *, actor: Any) -> None:
    """Approve an undo that somebody else asked for."""
    _need(batch, actor, _kind(batch).approve_action)
    if batch.undo_asked_by_id == actor.pk:
        raise Refused("second_person", _("A second person must approve this."))
    BATCH.advance_one(batch, "approve_undo", actor=actor, batch=batch.pk)


@transaction.atomic
def withdraw_undo(batch: Batch, *, actor: Any) -> None:
    """Leave the batch as it is after all."""
    kind = _kind(batch)
    if not any(_may(batch, actor, a) for a in (kind.start_action, kind.approve_action)):
        raise Refused("not_in_role", _("Your role does not include this."))
    BATCH.advance_one(batch, "withdraw_undo", actor=actor, batch=batch.pk)


def _may(batch: Batch, actor: Any, action: str) -> bool:
    return bool(action) and Batch.objects.filter(pk=batch.pk).allowed(actor, action).exists()


DEEDS = {
    "start": start,
    "approve": approve,
    "halt": halt,
    "resume": resume,
    "cancel": cancel,
    "ask_undo": ask_undo,
    "approve_undo": approve_undo,
    "withdraw_undo": withdraw_undo,
}


def offered(batch: Batch, *, actor: Any) -> list[str]:
    """Return the names of the deeds that `actor` may do to the batch in its present state."""
    kind = kind_of(batch)
    if kind.own_page:
        return []
    may_start, may_approve = (
        _may(batch, actor, action) for action in (kind.start_action, kind.approve_action)
    )
    begun = batch.started_at is not None
    known = {
        BatchState.DRAFT: [("start", may_start and not batch.needs_second), ("cancel", may_start)],
        BatchState.FROZEN: [
            ("approve", may_approve and batch.made_by_id != actor.pk),
            ("cancel", may_start),
        ],
        BatchState.APPROVED: [("halt", may_start or may_approve), ("cancel", may_start)],
        BatchState.RUNNING: [("halt", may_start or may_approve)],
        BatchState.STOPPED: [
            ("resume", begun and (may_approve if batch.needs_second else may_start)),
            ("cancel", may_start and not begun),
            ("ask_undo", may_start and begun and kind.can_undo),
        ],
        BatchState.DONE: [("ask_undo", may_start and kind.can_undo)],
        BatchState.UNDO_ASKED: [
            ("approve_undo", may_approve and batch.undo_asked_by_id != actor.pk),
            ("withdraw_undo", may_start or may_approve),
        ],
    }
    return [name for name, yes in known.get(BatchState(batch.state), []) if yes]
