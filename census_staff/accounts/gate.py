"""Law 8: whoever is disabled in a census reaches only the remedy area of that census."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import Http404
from django.utils.translation import gettext_lazy as _

from census_staff.lib.errors import Refused

from .service_record import ServiceRecord, record_of

View = TypeVar("View", bound=Callable[..., Any])


def remedy(view: View) -> View:
    """Mark a page that stays open to those who are disabled: it tells or mends the reason."""
    view.is_remedy = True  # type: ignore[attr-defined]
    return view


def field_record(user: Any, census_code: str, *, is_remedy: bool = False) -> ServiceRecord:
    """Return the record through which `user` acts in this census.

    `Http404` if there is none; `Refused("access_disabled" | "not_activated")` if it is shut.
    """
    person = getattr(user, "person_id", None)
    record = record_of(person, census_code) if person else None
    bound = getattr(user, "census_id", None)
    if record is None or (bound is not None and bound != record.census_id):
        raise Http404
    if record.is_open or is_remedy:
        return record
    if record.access == "not_activated":
        raise Refused("not_activated", _("Your office has not activated your access yet."))
    raise Refused(
        "access_disabled",
        _("Your access in this census is disabled. The remedy page says why and what to do."),
    )
