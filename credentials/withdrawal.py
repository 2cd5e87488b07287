"""The end of a card: handed back, cancelled, or taken away (articles 7 and 8)."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.audit.acting import acting
from census_staff.audit.services import record
from census_staff.lib.errors import Refused
from census_staff.people.models import Person

from .lifecycle import CARD
from .models import Card, Confiscation, Withdrawal
from .querysets import CardQuerySet
from .states import CardState


def recall(card: Card, *, actor: Any) -> None:
    """Record that the card was handed back."""
    rows = Card.objects.filter(pk=card.pk)
    with transaction.atomic():
        if not recall_all(rows, actor=actor):
            raise CARD.refusal(rows, "recall", actor=actor)
    card.refresh_from_db()


def recall_all(cards: CardQuerySet, *, actor: Any) -> list[int]:
    """Record that these cards were handed back; return those that really were."""
    with acting(actor, reason="recall"):
        moved = CARD.advance(cards, "recall", actor=actor)
        at = timezone.now()
        Withdrawal.objects.bulk_create(
            Withdrawal(card_id=pk, received_at=at, received_by_id=actor.pk) for pk in moved
        )
    return moved


def cancel(card: Card, *, actor: Any, exception: str = "") -> None:
    """Cancel a card that came back, or one of which is explained why it cannot."""
    exception = exception.strip()
    with acting(actor, reason="cancel"):
        if not CARD.may(Card.objects.filter(pk=card.pk), "cancel", actor=actor).exists():
            raise CARD.refusal(Card.objects.filter(pk=card.pk), "cancel", actor=actor)
        if exception and not Withdrawal.objects.filter(card=card).exists():
            Withdrawal.objects.create(card=card, exception=exception)
        CARD.advance_one(card, "cancel", actor=actor)


def confiscate(card: Card, *, actor: Any, article: str, act: str, evidence: str) -> Confiscation:
    """Take a card away, with article, act and evidence; no new card until the bar is lifted."""
    if not (article.strip() and act and evidence.strip()):
        raise Refused("evidence_needed", _("Name the article, the act and what proves it."))
    with acting(actor, reason="confiscate"):
        Person.objects.filter(pk=card.person_id).lock()
        CARD.advance_one(card, "confiscate", actor=actor)
        made: Confiscation = Confiscation.objects.create(
            card=card,
            person_id=card.person_id,
            census_id=card.census_id,
            article=article.strip(),
            act=act,
            evidence=evidence.strip(),
            made_by_id=actor.pk,
            made_at=timezone.now(),
        )
        return made


def lift(taken: Confiscation, *, actor: Any) -> None:
    """Lift the bar on new cards; the card itself stays confiscated."""
    with acting(actor, reason="confiscation_lift"):
        Person.objects.filter(pk=taken.person_id).lock()
        fresh = Confiscation.objects.select_for_update().get(pk=taken.pk)
        if not Card.objects.filter(pk=taken.card_id).allowed(actor, "card.confiscate").exists():
            raise Refused("not_allowed", _("Your role does not include this step."))
        if fresh.made_by_id == actor.pk:
            raise Refused("second_person", _("A second person must approve this."))
        if fresh.lifted_at:
            raise Refused("decided", _("The bar was lifted already."))
        Confiscation.objects.filter(pk=fresh.pk).update(
            lifted_by=actor.pk, lifted_at=timezone.now()
        )
        card = fresh.card
        record(
            "confiscation.lifted",
            actor=actor,
            subject="credentials_card",
            subject_id=card.pk,
            office_id=card.issuer_id,
            census_id=card.census_id,
        )


WITHDRAWN = (CardState.RECALLED, CardState.CANCELLED, CardState.CONFISCATED)
