"""The ledger of cards, one card, its steps, and the handing over of many."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from census_staff.accounts.web import need, office_page, present_census, reach_of, reachable
from census_staff.lib.database import TooLong, within
from census_staff.lib.errors import Refused
from census_staff.lib.paging import Page, page_of
from census_staff.places.services import office_by_office, wide_top
from recruitment.models import Staff
from recruitment.words import Role

from .. import desk, holding, issue, ledger, steps, timeline, withdrawal
from ..card_words import SHOWING_TONES, STATE_TONES
from ..forms import DeedForm
from ..models import Card, Confiscation
from ..states import CardState, Showing

ROWS = Card.objects.select_related("person", "staff__office", "issuer", "census")


@office_page("card.view")
def card_ledger(request: HttpRequest) -> HttpResponse:
    """Show the cards within reach that the filters ask for."""
    census = present_census(request)
    asked = request.GET.dict()
    paths = {path for path, at in reach_of(request, "card.view") if at in (None, census.pk)}
    top = wide_top(paths, asked.get("office", ""))
    rows = Card.objects.allowed(request.user, "card.view").filter(census=census)
    found = ledger.asked_for(rows, asked, everywhere=top is not None)
    total = ledger.total_of(found, top)
    steps = office_by_office(top.path, "staff__office") if top and total is None else None
    if steps:
        found = ledger.asked_for(rows, asked, everywhere=False)
    is_long = False
    try:
        with within(ledger.LOOK):
            page = page_of(
                found,
                ledger.ORDER,
                before=asked.get("before", ""),
                after=asked.get("after", ""),
                total=total,
                details=ROWS.with_showing(),
                steps=steps,
            )
    except TooLong:
        page, is_long = Page([], "", ""), True
    context = {
        "pager": page,
        "lines": [_line(card) for card in page.rows],
        "asked": request.GET,
        "states": CardState.choices,
        "roles": Role.choices,
        "offices": desk.offices_of(request.user, "card.view", census),  # type: ignore[arg-type]
        "only_recall": request.GET.get("only") == "to_recall",
        "is_long": is_long,
    }
    return render(request, "credentials/ledger.html", context)


def _line(card: Any) -> dict[str, Any]:
    return {
        "card": card,
        "role": Role(card.role).label,
        "state": (card.get_state_display(), *STATE_TONES[card.state]),
        "showing": (Showing(card.showing).label, *SHOWING_TONES[card.showing]),
    }


@office_page("card.view")
def card_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one card: what it says, what the public is told, what happened, what may be done."""
    card: Any = reachable(ROWS.with_showing(), request, "card.view", pk=pk)
    editions = Card.objects.filter(number=card.number_id).order_by("-edition")
    taken = Confiscation.objects.filter(card=card).first()
    context = {
        **_line(card),
        "editions": [(one, STATE_TONES[one.state]) for one in editions],
        "offers": [
            each | {"url": reverse("card_step", args=[card.pk, each["name"]])}
            for each in steps.offers(card, actor=request.user)
        ],
        "events": timeline.events_of([card.pk]),
        "losses": card.losses.order_by("-made_at"),
        "withdrawal": getattr(card, "withdrawal", None),
        "reissues": card.reissues.order_by("-pk"),
        "taken": taken,
        "may_read": taken and ROWS.filter(pk=pk).allowed(request.user, "card.confiscate").exists(),
    }
    return render(request, "credentials/detail.html", context)


@office_page("card.view")
def card_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Say what a step does and ask once more; take it on POST."""
    card: Card = reachable(ROWS, request, "card.view", pk=pk)
    deed = steps.DEEDS.get(name)
    if deed is None:
        raise Http404
    # Nobody is asked to confirm what they may not do.
    need(request, steps.action_of(name))
    asks = () if name == "cancel" and not steps.needs_exception(card) else deed.asks
    form = DeedForm(request.POST or None, asks=asks)
    if request.method == "POST" and (form.is_valid() or not asks):
        try:
            steps.take(card, name, actor=request.user, told=form.cleaned_data if asks else {})
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("Done: %(deed)s.") % {"deed": deed.label})
        return redirect("card_detail", pk)
    context = {
        "heading": deed.label,
        "says": [f"{card.person.name} · {_grouped(card)}", *deed.effects],
        "form": form if asks else None,
        "do": deed.label,
        "dont": _("Leave it as it is"),
        "back": reverse("card_detail", args=[pk]),
        "is_danger": deed.danger,
    }
    return render(request, "confirm.html", context)


def _grouped(card: Card) -> str:
    return " ".join(card.number_id[at : at + 4] for at in range(0, 16, 4))


@require_POST
@office_page("card.issue")
def card_number(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one person a number and a card."""
    staff: Staff = reachable(Staff.objects.all(), request, issue.ACTION, pk=pk)
    try:
        card = issue.number_one(staff, actor=request.user)  # type: ignore[arg-type]
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("staff_page", pk)
    messages.success(request, _("The number is given. Print the card next."))
    return redirect("card_detail", card.pk)


@require_POST
@office_page("card.confiscate")
def confiscation_lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Lift the bar on new cards for the holder of this card."""
    card: Card = reachable(ROWS, request, "card.confiscate", pk=pk)
    taken = Confiscation.objects.filter(card=card).first()
    if taken is None:
        raise Http404
    try:
        withdrawal.lift(taken, actor=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The bar is lifted. A new card can be made."))
    return redirect("card_detail", pk)


@office_page("card.hand_over")
def card_hand_over(request: HttpRequest) -> HttpResponse:
    """List the printed cards that lie ready; hand over those that are ticked."""
    census = present_census(request)
    rows = ROWS.allowed(request.user, "card.hand_over").filter(census=census)
    if request.method == "POST":
        keys = [int(key) for key in request.POST.getlist("cards") if key.isdigit()]
        if not keys:
            messages.warning(request, _("Tick at least one card that was signed for."))
            return redirect(request.get_full_path())
        moved = holding.hand_over(rows.filter(pk__in=keys), actor=request.user)
        text = ngettext("%(n)d card is handed over.", "%(n)d cards are handed over.", len(moved))
        messages.success(request, text % {"n": len(moved)})
        if left := len(keys) - len(moved):
            text = ngettext(
                "%(n)d card stays here: its holder is not serving.",
                "%(n)d cards stay here: their holders are not serving.",
                left,
            )
            messages.warning(request, text % {"n": left})
        return redirect(request.get_full_path())
    rows = ledger.asked_for(rows.filter(state=CardState.PRINTED), request.GET)
    order = ["staff__office__path", "number_id"]
    page = page_of(
        rows,
        order,
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
        size=100,
        total=rows.count(),
    )
    context = {
        "pager": page,
        "cards": page.rows,
        "asked": request.GET,
        "offices": desk.offices_of(request.user, "card.hand_over", census),  # type: ignore[arg-type]
    }
    return render(request, "credentials/hand_over.html", context)
