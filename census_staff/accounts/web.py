"""The bases of pages: parse, call, answer. Who may is asked here and of `allowed()`, nowhere else."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db.models import Model
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from census_staff.censuses.models import Census
from census_staff.lib.errors import Refused

from .scope import ScopedQuerySet

Page = Callable[..., HttpResponseBase]


def office_page(action: str) -> Callable[[Page], Page]:
    """Return a decorator for a page of the office: 403 unless some posting allows `action`."""

    def decorate(page: Page) -> Page:
        @wraps(page)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            need(request, action)
            return page(request, *args, **kwargs)

        guarded.action = action  # type: ignore[attr-defined]
        return guarded

    return decorate


def need(request: HttpRequest, action: str) -> None:
    """Refuse (403, not_in_role) unless some posting of the user allows `action`."""
    if action not in actions_of(request):
        raise Refused("not_in_role", _("Your role does not include this."))


def reach_of(request: Any, action: str) -> list[tuple[str, int | None]]:
    """Return (office path, census or None) under which the signed-in user may do `action`."""
    found: list[tuple[str, int | None]] = request.user.reach(action)
    return found


def actions_of(request: Any) -> frozenset[str]:
    """Return the user's actions, asked once per request."""
    if not hasattr(request, "_actions"):
        request._actions = request.user.actions() if request.user.is_authenticated else frozenset()
    return request._actions


def reachable(rows: ScopedQuerySet, request: HttpRequest, action: str, **lookup: Any) -> Any:
    """Return the one row within reach for `action`; out of reach is 404, as if it were not there."""
    need(request, action)
    user: Any = request.user
    found: Model | None = rows.allowed(user, action).filter(**lookup).first()
    if found is None:
        raise Http404
    return found


def present_census(request: Any) -> Census:
    """Return the census the office works in now: chosen, else the newest live one."""
    if not hasattr(request, "_census"):
        chosen = request.session.get("census")
        known = Census.objects.order_by("stage", "deadline_at")
        found = known.filter(pk=chosen).first() if chosen else None
        request._census = found or known.filter(stage="live").last() or known.last()
    if request._census is None:
        raise Refused("no_census", _("No census has been set up yet."))
    return request._census
