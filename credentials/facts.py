"""What may be asked about numbers and cards of an outer row with person, census and role."""

from django.db.models import Exists, OuterRef, Q

from recruitment.querysets import StaffQuerySet

from .models import Card, Confiscation
from .querysets import CardQuerySet
from .states import IN_FORCE, PENDING, CardState

HERE = {"person": OuterRef("person"), "census": OuterRef("census"), "role": OuterRef("role")}


def _cards() -> CardQuerySet:
    found: CardQuerySet = Card.objects.filter(**HERE)
    return found


def numbered() -> Exists:
    """True where a card of the outer row is being made."""
    return Exists(_cards().filter(state__in=PENDING))


def carded() -> Exists:
    """True where the outer row's person carries a card in force."""
    return Exists(_cards().filter(state__in=IN_FORCE))


def lost() -> Exists:
    """True where the outer row's newest card was lost or stolen: a reissue is the way on."""
    return Exists(_cards().newest().filter(state__in=(CardState.LOST, CardState.STOLEN)))


def confiscated() -> Exists:
    """True where a card of the outer row's person was confiscated and the bar was not lifted."""
    rows = Confiscation.objects.filter(person=OuterRef("person"), census=OuterRef("census"))
    return Exists(rows.filter(lifted_at=None))


def awaiting_number(staff: StaffQuerySet) -> StaffQuerySet:
    """Keep the people who may have a number now and have no card yet."""
    rows = staff.appointed().open_access().ready()
    return rows.exclude(Q(numbered()) | Q(carded()) | Q(lost()) | Q(confiscated()))
