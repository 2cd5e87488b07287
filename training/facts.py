"""What other apps may ask about a person's training."""

from django.db.models import Exists, OuterRef

from .models import Completion, Retraining


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
