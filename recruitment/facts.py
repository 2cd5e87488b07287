"""What the floor above may ask about a person's service."""

from django.db.models import Exists, OuterRef

from .models import Staff
from .states import APPOINTED, OPEN


def serving(*, staff: str) -> Exists:
    """True where the outer row's staff record is appointed and its access open."""
    return Exists(
        Staff.objects.filter(pk=OuterRef(staff), service__in=APPOINTED, access__in=OPEN)
    )
