"""Appeals: somebody says that being disabled is a mistake, and a person answers."""

from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.accounts.models import Posting
from census_staff.accounts.roles import roles_that_may
from census_staff.audit.acting import acting
from census_staff.audit.services import record
from census_staff.correspondence.models import Notice
from census_staff.correspondence.services import say, say_all
from census_staff.lib.errors import Refused
from census_staff.places.models import OfficeLevel

from .models import Appeal, Staff
from .states import Access

MOST_WORDS = 1000


def file_appeal(staff: Staff, text: str, *, actor: Any) -> Appeal:
    """Return the appeal of a disabled person; the county's office is told that there is one."""
    text = text.strip()
    if len(text) < 5 or len(text) > MOST_WORDS:
        raise Refused(
            "appeal_length",
            _("Tell what happened in 5 to 1,000 characters."),
            field="text",
        )
    at = timezone.now()
    with acting(actor, reason="appeal"):
        found = Staff.objects.select_for_update(of=("self",), no_key=True).get(pk=staff.pk)
        if found.access != Access.DISABLED:
            raise Refused("not_disabled", _("Your access is open; there is nothing to review."))
        if Appeal.objects.filter(staff=found, answered_at=None).exists():
            raise Refused("appeal_open", _("Your office is already looking at your appeal."))
        made = Appeal.objects.create(staff=found, text=text, made_at=at)
        _tell_office(found, made)
        _log("appeal.filed", made, actor)
    return made


def answer_appeal(appeal: Appeal, text: str, *, actor: Any) -> None:
    """Answer an appeal; whether access is opened again is a step of its own."""
    text = text.strip()
    if not text or len(text) > MOST_WORDS:
        raise Refused(
            "answer_length", _("Write an answer of at most 1,000 characters."), field="answer"
        )
    at = timezone.now()
    with acting(actor, reason="appeal_answer"):
        rows = Appeal.objects.allowed(actor, "access.switch").filter(pk=appeal.pk)
        found = rows.select_for_update(of=("self",), no_key=True).first()
        if found is None:
            raise Refused("not_allowed", _("Your role does not include this step."))
        if found.answered_at:
            raise Refused("answered_already", _("Somebody has already answered this appeal."))
        found.answer, found.answered_by_id, found.answered_at = text, actor.pk, at
        found.save(update_fields=["answer", "answered_by", "answered_at"])
        say(
            "appeal_answered",
            person_id=found.staff.person_id,
            census_id=found.staff.census_id,
            office_id=found.staff.office_id,
            facts={"appeal": found.pk},
        )
        _log("appeal.answered", found, actor)


def _tell_office(staff: Staff, appeal: Appeal) -> None:
    """Tell everybody of the county who may open access again; the words stay with the appeal."""
    codes = staff.office.path.split(".")[:-1]
    above = [".".join(codes[:end]) + "." for end in range(1, len(codes) + 1)]
    postings = Posting.objects.filter(
        Q(census=None) | Q(census=staff.census_id),
        role__in=roles_that_may("access.switch"),
        ended_at=None,
        office__path__in=above,
        office__level__gte=OfficeLevel.COUNTY,
    )
    say_all(
        [
            Notice(
                kind="appeal",
                user_id=user,
                census_id=staff.census_id,
                office_id=staff.office_id,
                facts={"appeal": appeal.pk, "staff": staff.pk},
                due_at=appeal.made_at,
            )
            for user in postings.values_list("user", flat=True).distinct()
        ]
    )


def _log(event: str, appeal: Appeal, actor: Any) -> None:
    record(
        event,
        actor=actor,
        subject="recruitment_appeal",
        subject_id=appeal.pk,
        office_id=appeal.staff.office_id,
        census_id=appeal.staff.census_id,
    )
