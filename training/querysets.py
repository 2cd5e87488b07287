"""Every reusable question about courses."""

from typing import Self

from django.db.models import Exists, OuterRef, Q

from census_staff.accounts.scope import Actor, ScopedQuerySet

from .states import CourseState


def path_and_above(path: str) -> list[str]:
    """Return the paths of an office and of all offices above it: "34." and "34.3415." …"""
    codes = path.split(".")[:-1]
    return [".".join(codes[:end]) + "." for end in range(1, len(codes) + 1)]


class CourseQuerySet(ScopedQuerySet):
    person_lookup = None

    def published(self) -> Self:
        """Keep the courses that people can study now."""
        return self.filter(state=CourseState.PUBLISHED)

    def given_at(self, path: str) -> Self:
        """Keep the courses of an office and of those above it: what its people may study."""
        return self.filter(office__path__in=path_and_above(path))

    def readable(self, actor: Actor) -> Self:
        """Keep what `actor` may look at: their own reach, and what is published above it."""
        above = Q(pk__in=[])
        for path, census in actor.reach("course.view"):
            here = Q(office__path__in=path_and_above(path), state=CourseState.PUBLISHED)
            above |= here & Q(census=census) if census else here
        own = self.model._default_manager.allowed(actor, "course.view").values("pk")
        return self.filter(Q(pk__in=own) | above)

    def in_set(self, *, role: str, kind: str) -> Self:
        """Keep the courses that a role must complete, or repeat, in their census."""
        rows = self.model._meta.get_field("requirements").related_model.objects
        return self.filter(Exists(rows.filter(course=OuterRef("pk"), role=role, kind=kind)))
