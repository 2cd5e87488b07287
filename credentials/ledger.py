"""What the ledger of cards can be asked for; a count and the list behind it are one question."""

from collections.abc import Mapping

from census_staff.batches.models import BatchItem
from census_staff.lib.database import TooLong, within
from census_staff.lib.paging import count_up_to
from census_staff.people.models import is_called
from census_staff.places.models import Office

from . import numbers
from .querysets import CardQuerySet
from .states import CardState

# Office by office: so an index finds the next page of any part of the tree.
ORDER = ("staff__office__path", "number_id", "-pk")
# How far the ledger of what lies above the city is counted, and how long a page looks for it.
MOST, GLANCE, LOOK = 2_000, 0.25, 1


def asked_for(
    cards: CardQuerySet, asked: Mapping[str, str], *, everywhere: bool = True
) -> CardQuerySet:
    """Keep what the filters ask for; a value nobody offers asks for nothing. `everywhere`: whether
    names are looked for among everybody's or among few."""
    if (state := asked.get("state", "")) in CardState.values:
        cards = cards.filter(state=state)
    if asked.get("only") == "to_recall":
        cards = cards.to_recall()
    if (role := asked.get("role", "")) in ("enumerator", "supervisor"):
        cards = cards.filter(role=role)
    if (office := asked.get("office", "")).isdigit():
        path = Office.objects.filter(pk=int(office)).values_list("path", flat=True).first()
        cards = cards.filter(staff__office__path__startswith=path) if path else cards.none()
    if batch := asked.get("batch", ""):
        cards = cards.filter(pk__in=_of_batch(batch))
    return _found(cards, asked.get("q", "").strip(), everywhere)


def total_of(cards: CardQuerySet, top: Office | None) -> int | None:
    """Return how many there are, or None where (above the city, from `top`) too many to count."""
    if top is None:
        return cards.count()
    try:
        with within(GLANCE):
            return count_up_to(cards, MOST)
    except TooLong:
        return None


def _of_batch(batch: str) -> list[int]:
    if not batch.isdigit():
        return []
    items = BatchItem.objects.filter(batch=int(batch), batch__kind="print")
    return list(items.values_list("target_id", flat=True))


def _found(cards: CardQuerySet, text: str, everywhere: bool) -> CardQuerySet:
    if not text:
        return cards
    digits = numbers.tidy(text)
    if digits.isascii() and digits.isdigit():
        return cards.filter(number=digits[:16]) if len(digits) == numbers.LENGTH else cards.none()
    return cards.filter(is_called(text, "person__", everywhere=everywhere))
