"""What happened to a card, in words, read from the trail."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from census_staff.accounts.models import User
from census_staff.audit.models import Entry

from .card_words import EVENTS, FOUND
from .states import CardState

MOST = 200


def events_of(keys: Iterable[int]) -> list[dict[str, Any]]:
    """Return what happened to these cards, newest first."""
    rows = Entry.objects.filter(subject="credentials_card", subject_id__in=list(keys))
    entries = list(rows.order_by("-at", "-pk")[:MOST])
    names = _names(entries)
    found = []
    for entry in entries:
        word = entry.new if entry.event == "state" else entry.event
        is_found = (entry.old, entry.new) == (CardState.LOST, CardState.PRINTED)
        title = FOUND if is_found else EVENTS.get(word)
        if title:
            found.append({"title": title, "at": entry.at, "say": "", "who": names[entry.actor]})
    return found


def _names(entries: Iterable[Entry]) -> dict[str, str]:
    actors = {entry.actor for entry in entries}
    keys = [int(actor.partition(":")[2]) for actor in actors if actor.startswith("user:")]
    users = User.objects.filter(pk__in=keys).select_related("person")
    shown = {
        f"user:{user.pk}": user.display_name or getattr(user.person, "name", "") or user.login
        for user in users
    }
    return {actor: shown.get(actor, _("The system")) for actor in actors}
