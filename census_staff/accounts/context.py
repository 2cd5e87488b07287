"""What the frame of every page needs."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from census_staff.censuses.models import Census
from census_staff.lib.errors import Refused

from .web import actions_of, present_census


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the censuses, the office and the actions of whoever is signed in."""
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"may": frozenset()}
    return {
        "may": actions_of(request),
        "census": SimpleLazyObject(lambda: _census(request)),
        "censuses": Census.objects.order_by("-deadline_at"),
        "posting": SimpleLazyObject(lambda: _posting(user)),
        "office": SimpleLazyObject(lambda: getattr(_posting(user), "office", None)),
        "unread": SimpleLazyObject(lambda: _unread(request, user)),
    }


def _unread(request: HttpRequest, user: Any) -> int:
    record = getattr(request, "record", None)
    if record is None:
        return user.notices.unread().count()
    return user.person.notices.filter(census=record.census_id).unread().count()


def _census(request: HttpRequest) -> Census | None:
    try:
        return present_census(request)
    except Refused:
        return None


def _posting(user: Any) -> Any:
    """Return the highest posting: it names the office in the bar."""
    rows = user.postings.filter(ended_at=None).select_related("office")
    return rows.order_by("office__level", "pk").first()
