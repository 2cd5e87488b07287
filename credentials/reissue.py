"""A new edition for a card that was lost, stolen or damaged: applied for here, decided there."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.accounts.scope import Actor
from census_staff.audit.acting import acting
from census_staff.audit.services import record
from census_staff.lib.errors import Refused
from census_staff.people.models import Person

from . import issue
from .models import Card, Reissue
from .states import PENDING, CardState
from .telling import tell_issuer

REPLACEABLE = (CardState.LOST, CardState.STOLEN, CardState.DAMAGED)


def apply(card: Card, *, actor: Any, sentence: str = "") -> Reissue:
    """Return the office's application for a new edition."""
    with acting(actor, reason="reissue_apply"):
        rows = Card.objects.filter(pk=card.pk).allowed(actor, "card.reissue_apply")
        if not rows.exists():
            raise Refused("not_allowed", _("Your role does not include this step."))
        Person.objects.filter(pk=card.person_id).lock()
        fresh = rows.get()
        if fresh.state not in REPLACEABLE or not rows.newest().exists():
            raise Refused(
                "wrong_state", _("Only the newest card, lost, stolen or damaged, is reissued.")
            )
        if fresh.reissues.filter(decided_at=None).exists():
            raise Refused("already_applied", _("An application for this card awaits its decision."))
        wish: Reissue = Reissue.objects.create(
            card=fresh,
            reason=fresh.state,
            sentence=sentence,
            applied_by_id=actor.pk,
            applied_at=timezone.now(),
        )
        _entry("reissue.applied", wish, actor)
        tell_issuer("reissue_asked", fresh, "card.reissue_approve")
        return wish


def decides(wish: Reissue, actor: Actor) -> bool:
    """Say whether `actor` sits at the office that issued the card (article 6): nobody else may."""
    card = wish.card
    return any(
        path == card.issuer.path and census in (None, card.census_id)
        for path, census in actor.reach("card.reissue_approve")
    )


def approve(wish: Reissue, *, actor: Any, at: datetime | None = None) -> Card:
    """Return the new edition: the same number, a new token; the old code never comes back."""
    with acting(actor, reason="reissue_approve"):
        Person.objects.filter(pk=wish.card.person_id).lock()
        fresh = _undecided(wish, actor)
        card = fresh.card
        if card.state not in REPLACEABLE:
            raise Refused("wrong_state", _("The card was found or withdrawn meanwhile."))
        if Card.objects.filter(number=card.number_id, state__in=PENDING).exists():
            raise Refused("already_numbered", _("A card of this person is already being made."))
        row = issue.candidates([card.staff_id]).get()
        if why := issue.standing_refusal(row):
            raise why
        at = at or timezone.now()
        made = issue.make_card(
            row,
            number=card.number_id,
            edition=(row.last_edition or 0) + 1,
            issuer=card.issuer,
            valid=(card.valid_from, card.valid_until),
            evidence=issue.evidence_of([row.person_id])[row.person_id, row.census_id, row.role],
            at=at,
        )
        Card.objects.bulk_create([made])
        Reissue.objects.filter(pk=fresh.pk).update(
            decided_by=actor.pk, decided_at=at, approved=True, made_card=made
        )
        _entry("reissue.approved", fresh, actor)
        return made


def refuse(wish: Reissue, *, actor: Any, sentence: str) -> None:
    """Refuse the application with a sentence."""
    with acting(actor, reason="reissue_refuse"):
        fresh = _undecided(wish, actor)
        Reissue.objects.filter(pk=fresh.pk).update(
            decided_by=actor.pk, decided_at=timezone.now(), refusal=sentence
        )
        _entry("reissue.refused", fresh, actor)


def _undecided(wish: Reissue, actor: Any) -> Reissue:
    """Return the application, locked, if this actor may decide it now."""
    rows = Reissue.objects.select_for_update(of=("self",)).select_related("card__issuer")
    fresh: Reissue = rows.get(pk=wish.pk)
    if not decides(fresh, actor):
        raise Refused("not_allowed", _("Only the office that issued the card decides."))
    if fresh.applied_by_id == actor.pk:
        raise Refused("second_person", _("A second person must approve this."))
    if fresh.decided_at:
        raise Refused("decided", _("This application was decided already."))
    return fresh


def _entry(event: str, wish: Reissue, actor: Any) -> None:
    record(
        event,
        actor=actor,
        subject="credentials_card",
        subject_id=wish.card_id,
        reason=wish.reason,
        office_id=wish.card.issuer_id,
        census_id=wish.card.census_id,
    )
