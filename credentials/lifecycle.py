"""The life cycle of a card, after the provincial rules on credentials (articles 6 to 8)."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from census_staff.accounts.scope import OWN
from census_staff.workflow import Rows, Step, workflow
from recruitment.lifecycle import SERVICE
from recruitment.models import Staff
from recruitment.states import Service

from .states import IN_FORCE
from .states import CardState as S


def _ended(actor: Any, at: datetime) -> dict[str, Any]:
    return {"ended_at": at}


def _off_duty(cards: Rows, actor: Any, at: datetime) -> None:
    """Whoever has no card in force left is no longer on duty."""
    holders = Staff.objects.filter(cards__in=cards, service=Service.ON_DUTY)
    without = holders.exclude(cards__state__in=IN_FORCE)
    SERVICE.advance(
        Staff.objects.filter(pk__in=list(without.values_list("pk", flat=True))),
        "go_off_duty",
        actor=actor,
    )


def _handed(cards: Rows, actor: Any, at: datetime) -> None:
    """The holder goes on duty; an older edition is replaced by this one."""
    older = cards.model.objects.filter(
        number__in=cards.values("number"),
        state__in=(S.LOST, S.STOLEN, S.DAMAGED),
    )
    CARD.advance(older, "replace", actor=actor)
    SERVICE.advance(
        Staff.objects.filter(cards__in=cards, service=Service.APPOINTED), "go_on_duty", actor=actor
    )


def _serving(rows: Any, actor: Any) -> Rows:
    found: Rows = rows.serving()
    return found


def _found(rows: Any, actor: Any) -> Rows:
    found: Rows = rows.newest()
    return found


def _explained(rows: Rows, actor: Any) -> Rows:
    return rows.filter(Q(state=S.RECALLED) | ~Q(withdrawal=None))


def _step(name: str, label: Any, sources: set[str], target: str, action: str, **more: Any) -> Step:
    return Step(
        name=name, label=label, sources=frozenset(sources), target=target, action=action, **more
    )


_OUT = {S.PRINTED, *IN_FORCE}

CARD = workflow(
    "credentials_card",
    "state",
    born=[S.NUMBERED],
    steps=[
        _step(
            "print",
            _("Mark as printed"),
            {S.NUMBERED},
            S.PRINTED,
            "",
            sets=lambda a, t: {"printed_at": t},
        ),
        _step(
            "hand_over",
            pgettext_lazy("card", "Hand over"),
            {S.PRINTED},
            S.HANDED_OVER,
            "card.hand_over",
            guard=_serving,
            refusal=_("The holder must be appointed and their access open."),
            sets=lambda a, t: {"handed_at": t},
            effect=_handed,
            evidence=True,
        ),
        _step(
            "report_lost",
            _("Report lost"),
            {*_OUT},
            S.LOST,
            OWN,
            sets=_ended,
            effect=_off_duty,
            danger=True,
        ),
        _step(
            "report_stolen",
            _("Report stolen"),
            {*_OUT, S.LOST},
            S.STOLEN,
            OWN,
            sets=_ended,
            effect=_off_duty,
            danger=True,
        ),
        _step("report_damaged", _("Report damaged"), {S.HANDED_OVER}, S.DAMAGED, OWN),
        _step(
            "record_lost",
            _("Record the loss"),
            {*_OUT},
            S.LOST,
            "card.report",
            sets=_ended,
            effect=_off_duty,
            danger=True,
        ),
        _step(
            "record_stolen",
            _("Record the theft"),
            {*_OUT, S.LOST},
            S.STOLEN,
            "card.report",
            sets=_ended,
            effect=_off_duty,
            danger=True,
        ),
        _step("record_damaged", _("Record the damage"), {S.HANDED_OVER}, S.DAMAGED, "card.report"),
        _step(
            "find",
            _("Record as found"),
            {S.LOST},
            S.PRINTED,
            "card.report",
            guard=_found,
            refusal=_("A newer edition was made; this one stays dead."),
            sets=lambda a, t: {"ended_at": None},
        ),
        _step("replace", _("Replace"), {S.LOST, S.STOLEN, S.DAMAGED}, S.REPLACED, "", sets=_ended),
        _step(
            "recall",
            _("Record as returned"),
            {*_OUT, S.LOST},
            S.RECALLED,
            "card.recall",
            sets=_ended,
            effect=_off_duty,
        ),
        _step(
            "cancel",
            _("Cancel"),
            {S.NUMBERED, S.RECALLED, S.LOST, S.STOLEN, S.REPLACED, *_OUT},
            S.CANCELLED,
            "card.cancel",
            guard=_explained,
            sets=_ended,
            effect=_off_duty,
            danger=True,
            refusal=_("Record the card as returned, or explain why it cannot be, first."),
        ),
        _step(
            "confiscate",
            _("Confiscate"),
            {S.NUMBERED, *_OUT, S.LOST, S.STOLEN, S.RECALLED},
            S.CONFISCATED,
            "card.confiscate",
            sets=_ended,
            effect=_off_duty,
            danger=True,
        ),
    ],
)
