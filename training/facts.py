"""What other apps may ask about a person's training."""

from django.db.models import Exists, OuterRef

from .models import Completion, Retraining
from .standing import Learner, standing_of


def trained(*, person: str, census: str, role: str) -> Exists:
    """True where the outer row's person completed the required set for the census and role."""
    return Exists(
        Completion.objects.filter(
            person=OuterRef(person),
            census=OuterRef(census),
            role=OuterRef(role),
            void=None,
        )
    )


def retrained_rounds(*, person_id: int, census_id: int, role: str) -> int:
    """Return how many times the person completed the retraining set."""
    return Retraining.objects.filter(person=person_id, census=census_id, role=role).count()


def units_done(*, person_id: int, census_id: int, role: str, office_path: str) -> tuple[int, int]:
    """Return how many units of the set that counts now are complete, and how many it has."""
    standing = standing_of(Learner(person_id, census_id, role, office_path))
    active = standing.active
    return sum(course.done for course in active), sum(course.total for course in active)
