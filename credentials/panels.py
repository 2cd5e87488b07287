"""What cards add to a person's page: the third axis, the offers, the history, a panel."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from census_staff.lib.wording import in_fours, moment
from recruitment.models import Staff

from . import issue, steps, timeline
from .card_words import SHOWING_TONES, STATE_TONES
from .models import Card
from .states import Showing


def card_panel(staff: Staff, *, user: Any) -> Mapping[str, Any] | None:
    """Return the person's cards in this census, and what the user may do with the newest."""
    rows = Card.objects.filter(person=staff.person_id, census=staff.census_id)
    cards = list(rows.with_showing().select_related("issuer").order_by("-pk"))
    newest = cards[0] if cards else None
    return {
        "axis": _axis(newest),
        "gate": in_fours(newest.number_id) if newest else "",
        "offers": _offers(newest, user) if newest else _first(staff, user),
        "events": timeline.events_of(card.pk for card in cards),
        "template": "credentials/panel.html",
        "context": {
            "cards": [
                (
                    card,
                    STATE_TONES[card.state],
                    (Showing(card.showing).label, *SHOWING_TONES[card.showing]),
                )
                for card in cards
            ],
            "number_url": _number_url(staff, user) if newest is None else "",
        },
    }


def _axis(card: Any) -> dict[str, Any]:
    if card is None:
        return {
            "name": pgettext("axis", "Card"),
            "word": _("No card"),
            "tone": "off",
            "icon": "minus",
            "notes": [],
        }
    tone, icon = STATE_TONES[card.state]
    notes = [in_fours(card.number_id)]
    if card.handed_at:
        notes.append(_("Handed over %(at)s") % {"at": moment(card.handed_at)})
    if card.showing == Showing.SUSPENDED:
        notes.append(_("A scan says: %(word)s") % {"word": Showing.SUSPENDED.label})
    return {
        "name": pgettext("axis", "Card"),
        "word": card.get_state_display(),
        "tone": tone,
        "icon": icon,
        "notes": notes,
    }


def _offers(card: Card, user: Any) -> list[dict[str, Any]]:
    return [
        each | {"url": reverse("card_step", args=[card.pk, each["name"]])}
        for each in steps.offers(card, actor=user)
    ]


def _first(staff: Staff, user: Any) -> list[dict[str, Any]]:
    """Return the offer of a first number while it cannot be given: the reason stays in sight."""
    rows = Staff.objects.filter(pk=staff.pk).allowed(user, issue.ACTION)
    if not rows.exists():
        return []
    row = issue.candidates([staff.pk]).get()
    why = issue.refusal(row, issue.Issuers(user).of(row))
    if why is None:
        return []
    return [
        {
            "name": "number",
            "label": _("Give a card number"),
            "refusal": str(why),
            "url": "",
            "tone": "",
        }
    ]


def _number_url(staff: Staff, user: Any) -> str:
    """Return where a first number is given by one button, if it can be given now."""
    rows = Staff.objects.filter(pk=staff.pk).allowed(user, issue.ACTION)
    if not rows.exists():
        return ""
    row = issue.candidates([staff.pk]).get()
    if issue.refusal(row, issue.Issuers(user).of(row)):
        return ""
    return reverse("card_number", args=[staff.pk])
