"""Making cards in bulk: whom, what would stop it, the work, the sheets and the lists to sign."""

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from census_staff.accounts.web import office_page, present_census, reachable
from census_staff.batches import services as batch_services
from census_staff.batches.models import Batch
from census_staff.batches.runner import totals
from census_staff.batches.states import BatchState, ItemState
from census_staff.batches.words import reason_word
from census_staff.lib.errors import Refused
from census_staff.lib.paging import page_of
from recruitment.models import Staff

from .. import batches, desk, facts, issue, printing, proofs
from ..card_words import problem_words
from ..forms import SIZES, BatchForm
from ..models import Card, PrintFile
from ..states import CardState

KINDS = ("number", "print")
MOST_NAMED = 3


@office_page("card.view")
def card_batches(request: HttpRequest) -> HttpResponse:
    """Show what waits, and the batches so far."""
    census = present_census(request)
    rows = (
        Batch.objects.allowed(request.user, "card.view")
        .filter(census=census, kind__in=KINDS)
        .select_related("office", "made_by")
        .annotate(people=Count("items"))
    )
    page = page_of(
        rows, ["-pk"], before=request.GET.get("before", ""), after=request.GET.get("after", "")
    )
    handed = desk.handed(page.rows)
    context = {
        "pager": page,
        "lines": [{"batch": batch, "handed": handed.get(batch.pk)} for batch in page.rows],
        "waiting": desk.waiting(request.user, census),  # type: ignore[arg-type]
        "may_issue": desk.can_issue(request),
    }
    return render(request, "credentials/batches.html", context)


@office_page("card.issue")
def card_batch_new(request: HttpRequest) -> HttpResponse:
    """Choose for whom cards are made; the preview is a batch that can still be put away."""
    census = present_census(request)
    offices = desk.offices_of(request.user, issue.ACTION, census)  # type: ignore[arg-type]
    choices = [(str(office.pk), office.short_name) for office in offices]
    form = BatchForm(
        request.POST or request.GET or None, offices=[("", _("All within reach")), *choices]
    )
    chosen = form.cleaned_data if form.is_bound and form.is_valid() else {}
    places = {str(office.pk): office for office in offices}
    place = places.get(chosen.get("office", ""), offices[0])
    staff = Staff.objects.filter(office__path__startswith=place.path, census=census)
    cards = Card.objects.filter(staff__office__path__startswith=place.path, census=census)
    if chosen.get("role"):
        staff, cards = staff.filter(role=chosen["role"]), cards.filter(role=chosen["role"])
    if request.method == "POST" and form.is_valid():
        common: dict[str, Any] = {"actor": request.user, "census": census, "office": place}
        if request.POST.get("deed") == "print":
            made = batches.prepare_print(cards, size=chosen["size"] or "badge", **common)
        else:
            made = batches.prepare_numbers(staff, **common)
        return redirect("card_batch", made.pk)
    reach = staff.allowed(request.user, issue.ACTION)
    pending = cards.allowed(request.user, issue.ACTION).filter(state=CardState.NUMBERED)
    context = {
        "form": form,
        "to_number": facts.awaiting_number(reach).count(),
        "to_print": pending.count(),
    }
    return render(request, "credentials/batch_new.html", context)


@office_page("card.view")
def card_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a batch: its preview, its progress, its files and how far the cards have come."""
    batch = _batch(request, pk)
    counts = totals(batch)
    total = sum(counts.values())
    unprinted = batches.unprinted(batch).count() if batch.kind == "number" else 0
    handed = desk.handed([batch]).get(batch.pk)
    context = {
        "batch": batch,
        "counts": counts,
        "total": total,
        "people": total,
        "done": total - counts.get(ItemState.PENDING, 0),
        "is_moving": batch.state in (BatchState.APPROVED, BatchState.RUNNING),
        "steps": _steps(batch, total, handed, unprinted),
        "problems": _problems(batch),
        "blocked": _blocked(batch).count(),
        "files": batch.print_files.order_by("part"),
        "handed": handed,
        "unprinted": unprinted,
        "sheets": proofs.sheets(batch, total),
        "size": dict(SIZES).get(batch.params.get("size", "")),
        "sizes": SIZES,
        "deeds": batch_services.offered(batch, actor=request.user),
        "stopped": reason_word(batch.stop_code),
        "may_issue": Batch.objects.filter(pk=batch.pk).allowed(request.user, issue.ACTION).exists(),
    }
    return render(request, "credentials/batch.html", context)


@office_page("card.view")
def card_batch_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the part of the page that moves."""
    batch = _batch(request, pk)
    counts = totals(batch)
    total = sum(counts.values())
    moving = batch.state in (BatchState.APPROVED, BatchState.RUNNING)
    context = {
        "batch": batch,
        "total": total,
        "done": total - counts.get(ItemState.PENDING, 0),
        "is_moving": moving,
    }
    response = render(request, "credentials/batch_progress.html", context)
    if not moving:
        response["HX-Refresh"] = "true"
    return response


def _batch(request: HttpRequest, pk: int) -> Batch:
    rows = Batch.objects.select_related("census", "office", "made_by")
    found: Batch = reachable(rows, request, "card.view", pk=pk, kind__in=KINDS)
    return found


def _steps(
    batch: Batch, total: int, handed: desk.Handed | None, unprinted: int
) -> list[dict[str, Any]]:
    words = {
        "select": _("Choose people"),
        "check": _("Check before print"),
        "number": _("Number"),
        "file": _("Make PDF"),
        "print": _("Print and cut"),
        "hand": _("Hand over and sign"),
    }
    codes = [code for code in words if code != "number" or batch.kind == "number"]
    if batch.state == BatchState.DRAFT:
        now = "check"
    elif batch.state != BatchState.DONE:
        now = "number" if batch.kind == "number" else "file"
    elif batch.kind == "number":
        now = "file" if unprinted else ""
    else:
        now = "hand" if handed and handed.handed else "print"
        now = "" if handed and handed.handed == handed.printed else now
    at = codes.index(now) if now else len(codes)
    states = ["done" if place < at else "now" if place == at else "" for place in range(len(codes))]
    return [
        {"name": f"{words[code]} {total}" if code == "select" else words[code], "state": state}
        for code, state in zip(codes, states, strict=True)
    ]


def _blocked(batch: Batch) -> Any:
    if batch.state == BatchState.DRAFT:
        return batch.items.filter(facts__has_key="problem")
    return batch.items.filter(state=ItemState.REFUSED)


def _problems(batch: Batch) -> list[dict[str, Any]]:
    """Return what stops cards of this batch, each problem with the people it stops."""
    grouped: dict[str, list[int]] = defaultdict(list)
    for item in _blocked(batch).order_by("position")[:2000]:
        grouped[item.reason or item.facts.get("problem", "")].append(item.target_id)
    found = []
    for reason, keys in grouped.items():
        label, named, remedy = problem_words(reason)
        found.append(
            {
                "label": label,
                "named": named,
                "remedy": remedy,
                "count": len(keys),
                "people": _people(batch, keys[:MOST_NAMED]),
            }
        )
    return sorted(found, key=lambda each: -each["count"])


def _people(batch: Batch, keys: list[int]) -> list[Staff]:
    rows = Staff.objects.select_related("person", "office")
    if batch.kind == "number":
        return list(rows.filter(pk__in=keys))
    return list(rows.filter(cards__in=keys))


@require_POST
@office_page("card.issue")
def card_batch_print(request: HttpRequest, pk: int) -> HttpResponse:
    """Preview the printing of the cards that a numbering made."""
    batch = _batch(request, pk)
    size = request.POST.get("size", "badge")
    rows = batches.unprinted(batch)
    made = batches.prepare_print(
        rows, actor=request.user, census=batch.census, office=batch.office, size=size
    )
    return redirect("card_batch", made.pk)


@require_POST
@office_page("card.issue")
def card_batch_file(request: HttpRequest, pk: int, part: int) -> HttpResponse:
    """Give out a file of the batch; that somebody took it is kept."""
    batch = _issuers(request, pk)
    file = get_object_or_404(PrintFile, batch=batch, part=part)
    try:
        pdf = printing.open_file(file, actor=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("card_batch", pk)
    return _pdf(pdf, f"cards-{batch.pk}-{part}.pdf")


@require_POST
@office_page("card.issue")
def card_batch_receipts(request: HttpRequest, pk: int) -> HttpResponse:
    """Give out the lists on which holders sign, township by township."""
    batch = _issuers(request, pk)
    return _pdf(printing.receipts(batch, actor=request.user), f"receipts-{batch.pk}.pdf")


def _issuers(request: HttpRequest, pk: int) -> Batch:
    found: Batch = reachable(
        Batch.objects.select_related("census"), request, issue.ACTION, pk=pk, kind="print"
    )
    return found


@office_page("card.issue")
def card_batch_proof(request: HttpRequest, pk: int, side: str) -> HttpResponse:
    """Show a card of the batch as it will look, with a code that opens nothing."""
    if side not in ("front", "back"):
        raise Http404
    batch: Batch = reachable(
        Batch.objects.select_related("census", "office"), request, issue.ACTION, pk=pk
    )
    picture = proofs.picture(batch, is_back=side == "back")
    if picture is None:
        raise Http404
    return HttpResponse(
        picture, content_type="image/png", headers={"Cache-Control": "private, no-store"}
    )


def _pdf(content: bytes, name: str) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type="application/pdf", headers=headers)
