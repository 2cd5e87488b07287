"""What the ledger of cards can be asked for; a count and the list behind it are one question."""

from collections.abc import Mapping

from census_staff.batches.models import BatchItem
from census_staff.places.models import Office

from . import numbers
from .querysets import CardQuerySet
from .states import CardState


def asked_for(cards: CardQuerySet, asked: Mapping[str, str]) -> CardQuerySet:
    """Keep what the filters ask for; a value nobody offers asks for nothing."""
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
    return _found(cards, asked.get("q", "").strip())


def _of_batch(batch: str) -> list[int]:
    if not batch.isdigit():
        return []
    items = BatchItem.objects.filter(batch=int(batch), batch__kind="print")
    return list(items.values_list("target_id", flat=True))


def _found(cards: CardQuerySet, text: str) -> CardQuerySet:
    if not text:
        return cards
    digits = numbers.tidy(text)
    if digits.isascii() and digits.isdigit():
        return cards.filter(number=digits[:16]) if len(digits) == numbers.LENGTH else cards.none()
    return cards.filter(person__name__contains=text)
