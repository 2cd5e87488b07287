"""The one gate between a user and a table."""

from typing import Any, Protocol, Self

from django.db import models
from django.db.models import Q

NOTHING = Q(pk__in=[])
OWN = "own"


class Actor(Protocol):
    """Whoever asks or acts: a user, a token's bearer, or the system itself."""

    def reach(self, action: str) -> list[tuple[str, int | None]]:
        """Return (office path, census or None) under which the actor may do `action`."""
        ...


class System:
    """The clock acting for itself: reaches everything, and signs what it does with its name."""

    pk = None
    person_id = None

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return f"system:{self.name}"

    def reach(self, action: str) -> list[tuple[str, int | None]]:
        """Return the whole tree."""
        return [("", None)]


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows that carry an office; `allowed()` is the first thing asked of them."""

    office_lookup = "office"
    census_lookup: str | None = "census"
    person_lookup: str | None = "person"

    def allowed(self, actor: Any, action: str) -> Self:
        """Keep the rows on which `actor` may do `action`; without a posting, none."""
        if action == OWN:
            return self.own(actor)
        gate = NOTHING
        for path, census in actor.reach(action):
            here = Q(**{f"{self.office_lookup}__path__startswith": path}) if path else ~NOTHING
            if census is not None and self.census_lookup:
                here &= Q(**{f"{self.census_lookup}": census})
            gate |= here
        return self.filter(gate)

    def own(self, actor: Any) -> Self:
        """Keep the rows that are about `actor` in person."""
        if self.person_lookup is None or not getattr(actor, "person_id", None):
            return self.none()
        rows = self.filter(**{self.person_lookup: actor.person_id})
        # A token is bound to one census of its bearer.
        census = getattr(actor, "census_id", None)
        if census is not None and self.census_lookup:
            rows = rows.filter(**{self.census_lookup: census})
        return rows
