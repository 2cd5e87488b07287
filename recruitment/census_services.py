"""What a city decides about a census: its own settings at once, its two times with a second person."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.audit.services import record
from census_staff.censuses.models import Census, TimeChange
from census_staff.lib.errors import Refused


@transaction.atomic
def change_settings(census: Census, *, actor: Any, values: dict[str, Any]) -> list[str]:
    """Return the names of the settings that changed; each is the office's own from now on."""
    census = Census.objects.select_for_update().get(pk=census.pk)
    changed = [name for name, value in values.items() if getattr(census, name) != value]
    if not changed:
        return []
    for name in changed:
        setattr(census, name, values[name])
    census.sources = {k: v for k, v in census.sources.items() if k not in changed}
    census.save(update_fields=[*changed, "sources"])
    record(
        "census_settings",
        actor=actor,
        subject="censuses_census",
        subject_id=census.pk,
        census_id=census.pk,
        details={name: str(values[name])[:40] for name in changed},
    )
    return changed


@transaction.atomic
def ask_times(
    census: Census, *, actor: Any, deadline_at: datetime, execute_at: datetime, reason: str
) -> TimeChange:
    """Return the wish to move the two times; nothing moves before a second person agrees."""
    if execute_at < deadline_at:
        raise Refused(
            "execute_before_deadline",
            _("The execution must not come before the deadline."),
            field="execute_at",
        )
    if deadline_at <= timezone.now():
        raise Refused(
            "deadline_past", _("The deadline must lie in the future."), field="deadline_at"
        )
    if TimeChange.objects.filter(census=census, approved_at=None, refused_at=None).exists():
        raise Refused("change_open", _("Another change of the times still waits for a decision."))
    change = TimeChange.objects.create(
        census=census,
        deadline_at=deadline_at,
        execute_at=execute_at,
        reason=reason,
        made_by=actor,
    )
    _note("times_asked", change, actor)
    return change


@transaction.atomic
def approve_times(change: TimeChange, *, actor: Any) -> None:
    """Move the deadline and the execution of the census, as somebody else wished."""
    change = TimeChange.objects.select_for_update().get(pk=change.pk)
    if change.approved_at or change.refused_at:
        raise Refused("wrong_state", _("This step is not possible from the present state."))
    if change.made_by_id == actor.pk:
        raise Refused("second_person", _("A second person must approve this."))
    change.approved_by, change.approved_at = actor, timezone.now()
    change.save(update_fields=["approved_by", "approved_at"])
    census = Census.objects.select_for_update().get(pk=change.census_id)
    census.deadline_at, census.execute_at = change.deadline_at, change.execute_at
    census.sources = {
        k: v for k, v in census.sources.items() if k not in ("deadline_at", "execute_at")
    }
    census.save(update_fields=["deadline_at", "execute_at", "sources"])
    _note("times_approved", change, actor)


@transaction.atomic
def refuse_times(change: TimeChange, *, actor: Any) -> None:
    """Leave the times as they are; whoever wished the change may take it back the same way."""
    change = TimeChange.objects.select_for_update().get(pk=change.pk)
    if change.approved_at or change.refused_at:
        raise Refused("wrong_state", _("This step is not possible from the present state."))
    change.refused_at = timezone.now()
    change.save(update_fields=["refused_at"])
    _note("times_refused", change, actor)


def _note(event: str, change: TimeChange, actor: Any) -> None:
    record(
        event,
        actor=actor,
        subject="censuses_census",
        subject_id=change.census_id,
        census_id=change.census_id,
        details={
            "deadline_at": change.deadline_at.isoformat(),
            "execute_at": change.execute_at.isoformat(),
        },
    )
