"""The steps that pages and API offer for a card: one table, one way to take a step."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from census_staff.accounts.scope import OWN
from census_staff.lib.errors import Refused

from . import holding, reissue, withdrawal
from .lifecycle import CARD
from .models import Card
from .states import CardState

Words = str | Promise


class Deed(NamedTuple):
    """A step as it is asked for: what it does in words, and what must be told."""

    label: Words
    effects: tuple[Words, ...]
    asks: tuple[str, ...] = ()
    danger: bool = False


_DEAD_AT_ONCE = _("The code on the card says “Reported lost” from this moment.")
DEEDS: dict[str, Deed] = {
    "hand_over": Deed(
        pgettext_lazy("card", "Hand over"),
        (_("The holder goes on duty. An older edition is replaced by this one."),),
    ),
    "record_lost": Deed(_("Record the loss"), (_DEAD_AT_ONCE,), ("sentence",), True),
    "record_stolen": Deed(_("Record the theft"), (_DEAD_AT_ONCE,), ("sentence",), True),
    "record_damaged": Deed(
        _("Record the damage"),
        (_("The card stays valid until a new one is handed over."),),
        ("sentence",),
    ),
    "find": Deed(
        _("Record as found"),
        (_("The card lies at the office and can be handed over again."),),
    ),
    "reissue": Deed(
        _("Apply for a reissue"),
        (_("The office that issued the card decides. The number stays, the code changes."),),
        ("sentence",),
    ),
    "recall": Deed(
        _("Record as returned"), (_("The card was handed back. Its holder goes off duty."),)
    ),
    "cancel": Deed(
        _("Cancel the card"),
        (_("The card ends for good. Its number is never given to anybody else."),),
        ("exception",),
        True,
    ),
    "confiscate": Deed(
        _("Confiscate"),
        (
            _(
                "The card ends at once. The person gets no other in this census until a second person lifts the bar."
            ),
        ),
        ("article", "act", "evidence"),
        True,
    ),
}


def action_of(name: str) -> str:
    """Return the action that an office's step of `DEEDS` asks of a role."""
    return "card.reissue_apply" if name == "reissue" else CARD.steps[name].action


def take(card: Card, name: str, *, actor: Any, told: Mapping[str, Any]) -> None:
    """Take a step with what was told, or raise why it cannot be taken."""
    if name not in DEEDS:
        raise Refused("unknown_step", _("There is no such step."))
    if name == "hand_over":
        holding.hand_over_one(card, actor=actor)
    elif name.startswith("record_"):
        kind = name.removeprefix("record_")
        holding.record(card, kind, actor=actor, sentence=told.get("sentence", ""))
    elif name == "find":
        holding.find(card, actor=actor)
    elif name == "reissue":
        reissue.apply(card, actor=actor, sentence=told.get("sentence", ""))
    elif name == "recall":
        withdrawal.recall(card, actor=actor)
    elif name == "cancel":
        withdrawal.cancel(card, actor=actor, exception=told.get("exception", ""))
    else:
        withdrawal.confiscate(
            card,
            actor=actor,
            article=told.get("article", ""),
            act=told.get("act", ""),
            evidence=told.get("evidence", ""),
        )


def offers(card: Card, *, actor: Any) -> list[dict[str, Any]]:
    """Return the steps that the actor's office may take, each with why it cannot be taken now."""
    found = []
    for step, why in CARD.offered(card, actor=actor):
        if step.action == OWN:
            continue
        # What the guard misses, an explanation can make good: the form asks for it.
        refusal = "" if step.name == "cancel" else why
        tone = "danger" if DEEDS[step.name].danger else ""
        found.append(
            {
                "name": step.name,
                "label": DEEDS[step.name].label,
                "refusal": refusal,
                "tone": "main" if step.name == "hand_over" else tone,
            }
        )
    if _may_apply(card, actor):
        found.insert(
            0,
            {"name": "reissue", "label": DEEDS["reissue"].label, "refusal": "", "tone": "main"},
        )
    return found


def _may_apply(card: Card, actor: Any) -> bool:
    rows = Card.objects.filter(pk=card.pk, state__in=reissue.REPLACEABLE).newest()
    rows = rows.allowed(actor, "card.reissue_apply")
    return rows.exclude(reissues__decided_at=None, reissues__isnull=False).exists()


def needs_exception(card: Card) -> bool:
    """Say whether cancelling this card asks why it did not come back."""
    return card.state != CardState.RECALLED
