"""Entries in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from census_staff.accounts.words import EVENTS as ACCOUNT_EVENTS

from .models import Entry

SUBJECTS: dict[str, str | Promise] = {
    "recruitment_staff": _("Staff record"),
    "credentials_card": _("Card"),
    "batches_batch": _("Bulk operation"),
    "training_course": _("Course"),
    "exams_exam": _("Exam"),
    "exams_attempt": _("Exam attempt"),
    "accounts_user": _("Account"),
    "accounts_posting": _("Posting"),
    "people_person": _("Person"),
    "censuses_census": _("Census"),
    "places_office": _("Office"),
}
EVENTS: dict[str, str | Promise] = {
    "service": _("Service"),
    "access": _("Access"),
    "state": _("State"),
    **ACCOUNT_EVENTS,
}


@dataclass(frozen=True)
class Spoken:
    """One line of the reader."""

    id: int
    at: datetime
    who: str
    what: str
    subject_id: int | None
    event: str
    old: str
    new: str
    reason: str
    office: str


def subject_word(subject: str) -> str:
    """Return the name of a table for people."""
    return str(SUBJECTS.get(subject, subject))


def actor_word(actor: str, names: dict[int, str]) -> str:
    """Return who acted: an account's name, or which duty of the system."""
    kind, _sep, name = actor.partition(":")
    if kind == "user" and name.isdigit():
        return names.get(int(name), actor)
    return gettext("System") + (f" · {name}" if name else "")


def spoken(entry: Entry, names: dict[int, str]) -> Spoken:
    """Return an entry in words; what has no word yet is shown as its code."""
    office: Any = entry.office
    return Spoken(
        id=entry.pk,
        at=entry.at,
        who=actor_word(entry.actor, names),
        what=subject_word(entry.subject),
        subject_id=entry.subject_id,
        event=str(EVENTS.get(entry.event, entry.event)),
        old=entry.old,
        new=entry.new,
        reason=entry.reason,
        office=office.short_name if office else "",
    )
