"""Entries in words."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.utils.translation import gettext

from .models import Entry
from .vocabulary import DUTIES, EVENTS, REASONS, SUBJECTS


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
    return gettext("System") + (f" · {DUTIES.get(name, name)}" if name else "")


def reason_word(code: str) -> str:
    """Return why something was done; a code without a word as it stands."""
    return str(REASONS.get(code, code))


def state_word(subject: str, field: str, code: str) -> str:
    """Return the name of a state, as the model behind the table calls it."""
    return str(_states(subject, field).get(code, code))


@cache
def _states(table: str, field: str) -> dict[str, Any]:
    for model in apps.get_models():
        if model._meta.db_table == table and field in {one.name for one in model._meta.fields}:
            found: Any = model._meta.get_field(field)
            return dict(found.choices or ())
    return {}


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
        old=state_word(entry.subject, entry.event, entry.old),
        new=state_word(entry.subject, entry.event, entry.new),
        reason=reason_word(entry.reason),
        office=office.short_name if office else "",
    )
