"""Corrections of a person's name and numbers: asked by one, decided by another."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from census_staff.accounts.scope import ScopedQuerySet
from census_staff.accounts.services import follow_phone
from census_staff.audit.services import record
from census_staff.lib.errors import Refused
from census_staff.people import services as people
from census_staff.people.models import Correction

from .models import Staff


def allowed(actor: Any, action: str) -> ScopedQuerySet:
    """Return the corrections within the actor's reach for `action`."""
    return ScopedQuerySet(Correction).allowed(actor, action)


def waiting(actor: Any, action: str = "staff.review") -> ScopedQuerySet:
    """Return the corrections within reach that nobody has decided, the oldest first."""
    return allowed(actor, action).filter(decided_at=None).order_by("pk")


def propose(staff: Staff, field: str, value: str, *, actor: Any, reason: str) -> Correction | None:
    """Return the wish to change a field of this person; None where nothing would change."""
    with transaction.atomic():
        made = people.propose_correction(
            staff.person,
            field=field,
            value=value,
            actor=actor,
            office_id=staff.office_id,
            census_id=staff.census_id,
            reason=reason,
        )
        if made is not None:
            _log("correction.asked", made, actor)
    return made


def decide(correction: Correction, *, actor: Any, is_right: bool) -> None:
    """Apply or refuse a correction; an account signs in with the corrected number from then on."""
    if not allowed(actor, "staff.review").filter(pk=correction.pk).exists():
        raise Refused("not_allowed", _("Your role does not include this step."))
    with transaction.atomic():
        if not is_right:
            people.refuse_correction(correction, actor=actor)
            _log("correction.refused", correction, actor)
            return
        person = people.apply_correction(correction, actor=actor)
        if correction.field == Correction.Field.PHONE:
            follow_phone(person, actor=actor)
        _log("correction.applied", correction, actor)


def _log(event: str, correction: Correction, actor: Any) -> None:
    record(
        event,
        actor=actor,
        subject="people_correction",
        subject_id=correction.pk,
        reason=correction.field,
        office_id=correction.office_id,
        census_id=correction.census_id,
    )
