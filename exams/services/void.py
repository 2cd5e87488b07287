"""An attempt that no longer counts."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from census_staff.audit.acting import acting
from census_staff.audit.services import record
from census_staff.lib.errors import Refused
from census_staff.people.models import Person
from exams.models import Attempt, AttemptVoid
from exams.states import AttemptState


def void_attempt(attempt: Attempt, *, actor: Any, reason: str) -> AttemptVoid:
    """Return the note that this attempt counts for nothing: no pass, no sitting, none used up."""
    if not reason.strip():
        raise Refused("reason_needed", _("Say why the attempt no longer counts."), field="reason")
    with acting(actor, reason="void"):
        # Whoever asks about this person's evidence now waits for the answer.
        Person.objects.filter(pk=attempt.person_id).lock()
        rows = Attempt.objects.allowed(actor, "evidence.void").filter(pk=attempt.pk)
        held = rows.select_related("void").first()
        if held is None:
            raise Refused("not_allowed", _("Your role does not include this step."))
        if held.state != AttemptState.SUBMITTED:
            raise Refused("attempt_open", _("An attempt is already open."))
        if AttemptVoid.objects.filter(attempt=held).exists():
            raise Refused("attempt_void", _("This attempt has already been voided."))
        void = AttemptVoid.objects.create(attempt=held, reason=reason.strip(), made_by_id=actor.pk)
        record(
            "attempt.voided",
            actor=actor,
            subject="exams_attempt",
            subject_id=held.pk,
            office_id=held.office_id,
            census_id=held.census_id,
        )
        return void
