"""The list of bulk work and the page of one, with its progress."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from census_staff.accounts.web import office_page, present_census, reachable
from census_staff.lib.paging import page_of
from census_staff.lib.waking import wake_after_commit

from . import services, words
from .kinds import kind_of
from .models import Batch
from .runner import totals
from .states import ItemState
from .tasks import wake

# Kinds whose own pages say more than this one.
PAGES = {
    "disable": "run_detail",
    "roster": "roster_batch",
    "print": "card_batch",
    "number": "card_batch",
    "activate": "activation_batch",
    "review": "review_batch",
}
WAKING = {"start", "approve", "resume", "approve_undo"}


@office_page("batch.view")
def batch_list(request: HttpRequest) -> HttpResponse:
    """Show the bulk work within reach, newest first."""
    rows = (
        Batch.objects.allowed(request.user, "batch.view")
        .filter(census=present_census(request))
        .select_related("office", "made_by")
    )
    kind = request.GET.get("kind", "")
    if kind in words.KINDS:
        rows = rows.filter(kind=kind)
    page = page_of(
        rows, ["-pk"], before=request.GET.get("before", ""), after=request.GET.get("after", "")
    )
    lines = [{"batch": b, "kind": words.kind_word(b.kind), "url": page_url(b)} for b in page.rows]
    context = {"lines": lines, "pager": page, "kinds": words.KINDS, "kind": kind}
    return render(request, "batches/list.html", context)


def page_url(batch: Batch) -> str:
    """Return the page that shows this batch best."""
    try:
        return reverse(PAGES.get(batch.kind, "batch_detail"), args=[batch.pk])
    except NoReverseMatch:
        return reverse("batch_detail", args=[batch.pk])


@office_page("batch.view")
def batch_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a batch: what, who, how far, what became of each item."""
    batch: Batch = reachable(Batch.objects.all(), request, "batch.view", pk=pk)
    state = request.GET.get("state", "")
    items = batch.items.select_related("office")
    if state in ItemState.values:
        items = items.filter(state=state)
    page = page_of(
        items,
        ["position"],
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
    )
    kind = kind_of(batch)
    lines = [
        {"item": item, "reason": kind.word(item.reason) if item.reason else ""}
        for item in page.rows
    ]
    context = {"lines": lines, "pager": page, "state": state, "item_states": ItemState.choices}
    return render(request, "batches/detail.html", context | _summary(batch, request))


def _summary(batch: Batch, request: HttpRequest) -> dict[str, Any]:
    counts = totals(batch)
    deeds = services.offered(batch, actor=request.user)
    return {
        "batch": batch,
        "kind": words.kind_word(batch.kind),
        "counts": [(label, counts.get(code, 0), code) for code, label in ItemState.choices],
        "total": sum(counts.values()),
        "done": sum(counts.values()) - counts.get(ItemState.PENDING, 0),
        "deeds": [(name, words.DEEDS[name]) for name in deeds],
        "stopped": kind_of(batch).word(batch.stop_code) if batch.stop_code else "",
        # The page of a review is only its preview; it sends people back here.
        "own_page": page_url(batch) if batch.kind in PAGES and batch.kind != "review" else "",
        "is_moving": batch.state in ("approved", "running", "undoing"),
    }


@office_page("batch.view")
def batch_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the part of the page that moves."""
    batch: Batch = reachable(Batch.objects.all(), request, "batch.view", pk=pk)
    context = _summary(batch, request)
    response = render(request, "batches/progress.html", context)
    if not context["is_moving"]:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@office_page("batch.view")
def batch_deed(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Start, approve, stop, resume, cancel or undo."""
    batch: Batch = reachable(Batch.objects.all(), request, "batch.view", pk=pk)
    if deed not in services.DEEDS:
        raise Http404
    with transaction.atomic():
        services.DEEDS[deed](batch, actor=request.user)
        if deed in WAKING:
            wake_after_commit(wake, batch.pk)
    messages.success(request, _("Done. The page shows how far it is; you may close it."))
    return redirect(page_url(batch))
