"""Cards in people's hands: handed over, lost, found."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.audit.acting import acting
from census_staff.lib.errors import Refused
from census_staff.people.models import Person

from .lifecycle import CARD
from .models import Card, Loss
from .querysets import CardQuerySet
from .states import CardState, Harm
from .telling import tell_holders, tell_own_office


def hand_over(cards: CardQuerySet, *, actor: Any) -> list[int]:
    """Hand these printed cards over; their holders go on duty; return the cards really given."""
    with acting(actor, reason="hand_over"):
        people = list(cards.order_by().values_list("person_id", flat=True))
        Person.objects.filter(pk__in=people).lock()
        reach = CARD.may(cards, "hand_over", actor=actor)
        given = set(
            CARD.eligible(reach, "hand_over", actor=actor).order_by().values_list("pk", flat=True)
        )
        _retire_damaged(given, actor)
        moved = CARD.advance(Card.objects.filter(pk__in=given), "hand_over", actor=actor)
        if set(moved) != given:
            raise Refused(
                "changed_meanwhile", _("Somebody changed one of these cards just now. Try again.")
            )
        tell_holders("card_handed_over", moved)
        return moved


def hand_over_one(card: Card, *, actor: Any) -> None:
    """Hand one card over, or raise why it cannot be."""
    rows = Card.objects.filter(pk=card.pk)
    with transaction.atomic():
        if not hand_over(rows, actor=actor):
            raise CARD.refusal(rows, "hand_over", actor=actor)
    card.refresh_from_db()


def _retire_damaged(given: Iterable[int], actor: Any) -> None:
    """Replace the damaged editions that these cards stand in for: two in force never meet."""
    numbers = Card.objects.filter(pk__in=list(given)).values("number")
    older = Card.objects.filter(number__in=numbers, state=CardState.DAMAGED)
    CARD.advance(older, "replace", actor=actor)


def report(card: Card, kind: str, *, actor: Any, sentence: str = "") -> None:
    """Kill the holder's own card at once (a damaged one stays valid), as its holder reports."""
    _tell(card, f"report_{Harm(kind)}", kind, actor, sentence)


def record(card: Card, kind: str, *, actor: Any, sentence: str = "") -> None:
    """Do the same as an office that was told."""
    _tell(card, f"record_{Harm(kind)}", kind, actor, sentence)


def _tell(card: Card, step: str, kind: str, actor: Any, sentence: str) -> None:
    with acting(actor, reason=step):
        CARD.advance_one(card, step, actor=actor)
        Loss.objects.create(
            card=card,
            kind=kind,
            sentence=sentence or None,
            made_by_id=actor.pk,
            made_at=timezone.now(),
        )
        if kind in (Harm.LOST, Harm.STOLEN):
            tell_own_office("card_lost", card, "card.reissue_apply")


def find(card: Card, *, actor: Any) -> None:
    """Bring a lost card back to the office's drawer, unless a newer edition was made."""
    CARD.advance_one(card, "find", actor=actor)
