"""The holder's own card on the phone: show it, or report what happened to it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from census_staff.accounts.service_record import ServiceRecord
from census_staff.lib.errors import Refused

from .. import faces, holding, qr
from ..card_words import SHOWING_TONES
from ..forms import LossForm
from ..models import Card
from ..states import IN_FORCE, CardState, Harm, Showing

ALIVE = (CardState.PRINTED, *IN_FORCE)


def own_cards(record: ServiceRecord) -> Any:
    """Return the person's cards in this census, the newest edition first."""
    rows = Card.objects.filter(
        person=record.person_id, census=record.census_id, role=record.role
    ).with_showing()
    return rows.select_related("person", "issuer", "census").order_by("-edition")


def phone_card(request: HttpRequest, census_code: str) -> HttpResponse:
    """Show the card that is in force, with a clock that no screenshot has."""
    cards = list(own_cards(request.record))  # type: ignore[attr-defined]
    held = next((card for card in cards if card.state in IN_FORCE), None)
    newest = cards[0] if cards else None
    context: dict[str, Any] = {"census_code": census_code, "card": held, "newest": newest}
    if held:
        rows = qr.matrix(qr.address(faces.host(), held.token))
        context |= {
            "qr_side": qr.side(rows),
            "qr_path": svg_path(rows),
            "tone": SHOWING_TONES[held.showing],
            "showing": Showing(held.showing).label,
            "is_valid": held.showing == Showing.VALID,
            "now": timezone.localtime(),
            "lines": held.face["area"].split("\n") if held.face else [],
        }
    response = render(request, "credentials/phone_card.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def phone_card_photo(request: HttpRequest, census_code: str) -> HttpResponse:
    """Return the photo that is printed on the holder's own card."""
    rows = own_cards(request.record).filter(state__in=IN_FORCE)  # type: ignore[attr-defined]
    card = rows.exclude(photo=None).first()
    if card is None:
        raise Http404
    headers = {"Cache-Control": "private, no-store"}
    return HttpResponse(bytes(card.photo.jpeg), content_type="image/jpeg", headers=headers)


def svg_path(rows: qr.Matrix) -> str:
    """Return the dark modules as one SVG path, each run of a row a rectangle."""
    parts = []
    for y, row in enumerate(rows, start=qr.QUIET):
        start = row.find(1)
        while start >= 0:
            end = row.find(0, start)
            end = len(row) if end < 0 else end
            width = end - start
            parts.append(f"M{start + qr.QUIET} {y}h{width}v1h-{width}z")
            start = row.find(1, end)
    return "".join(parts)


def phone_card_loss(request: HttpRequest, census_code: str) -> HttpResponse:
    """Ask what happened; one tap on the button kills the card at once."""
    rows = own_cards(request.record)  # type: ignore[attr-defined]
    card = next((one for one in rows if one.state in ALIVE), None)
    if card is None:
        messages.info(request, _("You hold no card that could be reported."))
        return redirect("phone_card", census_code)
    form = LossForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kind = form.cleaned_data["kind"]
        try:
            holding.report(card, kind, actor=request.user, sentence=form.cleaned_data["sentence"])
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _told(kind))
        return redirect("phone_card", census_code)
    context = {"census_code": census_code, "card": card, "form": form, "kinds": Harm.choices}
    return render(request, "credentials/phone_loss.html", context)


def _told(kind: str) -> str:
    if kind == Harm.DAMAGED:
        return _("Reported. The card stays valid until you receive the new one.")
    return _("Your card is no longer valid. Your office has been told.")
