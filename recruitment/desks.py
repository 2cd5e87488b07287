"""From which office somebody acts."""

from typing import Any

from django.http import Http404

from census_staff.accounts.scope import Actor
from census_staff.places.models import Office


def paths_of(actor: Actor, action: str, census_id: int | None = None) -> list[str]:
    """Return the paths under which `actor` may do `action` in the census, the widest first."""
    reach = actor.reach(action)
    return sorted({path for path, census in reach if census in (None, census_id)}, key=len)


def desk(actor: Any, action: str, census_id: int | None = None) -> Office:
    """Return the highest office at which `actor` may do `action`; 404 without one."""
    paths = paths_of(actor, action, census_id)
    found = Office.objects.filter(path=paths[0]).first() if paths else None
    if found is None:
        raise Http404
    return found
