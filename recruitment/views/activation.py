"""Activation: who waits by township, the work, and the slips."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from census_staff.accounts.web import office_page, present_census, reachable
from census_staff.batches import services as batches
from census_staff.batches.models import Batch
from census_staff.batches.runner import totals
from census_staff.batches.states import BatchState, ItemState
from census_staff.batches.tasks import wake
from census_staff.lib.errors import Refused
from census_staff.lib.waking import wake_after_commit
from census_staff.places.models import Office

from .. import activation, filters
from ..models import Staff


@office_page("staff.activate")
def activation_home(request: HttpRequest) -> HttpResponse:
    """Show by township who waits for activation, and the latest activations with their slips."""
    census = present_census(request)
    rows = filters.roster(request.user, census_id=census.pk, action="staff.activate")
    townships = activation.by_township(rows)
    recent = (
        Batch.objects.allowed(request.user, "staff.activate")
        .filter(census=census, kind="activate")
        .exclude(state=BatchState.CANCELLED)
        .select_related("office", "made_by")
        .order_by("-pk")[:10]
    )
    context = {
        "townships": townships,
        "waiting": sum(one["waiting"] for one in townships),
        "unused": sum(one["unused"] for one in townships),
        "active": sum(one["active"] for one in townships),
        "recent": recent,
    }
    return render(request, "recruitment/activation_home.html", context)


@require_POST
@office_page("staff.activate")
def activation_prepare(request: HttpRequest) -> HttpResponse:
    """Make the preview of an activation for the townships chosen."""
    chosen = [int(key) for key in request.POST.getlist("office") if key.isdecimal()]
    try:
        batch = activation.prepare(
            Staff.objects.filter(office__in=chosen),
            actor=request.user,
            census_id=present_census(request).pk,
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("activation_home")
    return redirect("activation_batch", batch.pk)


def _batch(request: HttpRequest, pk: int) -> Batch:
    rows = Batch.objects.filter(kind="activate").select_related("office", "made_by", "census")
    found: Batch = reachable(rows, request, "staff.activate", pk=pk)
    return found


@office_page("staff.activate")
def activation_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an activation: whom it will take, how far it is, and the slips when it is done."""
    batch = _batch(request, pk)
    return render(request, "recruitment/activation_batch.html", _summary(batch, request))


@office_page("staff.activate")
def activation_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the part of the page that moves; the whole page is asked for anew at the end."""
    context = _summary(_batch(request, pk), request)
    response = render(request, "recruitment/activation_progress.html", context)
    if not context["is_moving"]:
        response["HX-Refresh"] = "true"
    return response


def _summary(batch: Batch, request: HttpRequest) -> dict[str, Any]:
    counts = totals(batch)
    targets = batch.items.order_by("position").values("target_id")[:300]
    people = Staff.objects.filter(pk__in=targets).select_related("person", "office")
    return {
        "batch": batch,
        "total": sum(counts.values()),
        "done": sum(counts.values()) - counts.get(ItemState.PENDING, 0),
        "refused": counts.get(ItemState.REFUSED, 0),
        "is_draft": batch.state == BatchState.DRAFT,
        "is_moving": batch.state in (BatchState.APPROVED, BatchState.RUNNING),
        "may_start": "start" in batches.offered(batch, actor=request.user),
        "people": people.order_by("office__path", "person__name_key"),
        "slips": [
            slip | {"delete_on": date.fromisoformat(slip["delete_on"])}
            for slip in sorted(batch.report.get("slips", []), key=lambda each: each["township"])
        ],
    }


@require_POST
@office_page("staff.activate")
def activation_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Start the activation upon its preview."""
    batch = _batch(request, pk)
    with transaction.atomic():
        batches.start(batch, actor=request.user)
        wake_after_commit(wake, batch.pk)
    return redirect("activation_batch", batch.pk)


def _office(batch: Batch, pk: int) -> Office:
    found = Office.objects.filter(pk=pk, path__startswith=batch.office.path).first()
    if found is None:
        raise Http404
    return found


@require_POST
@office_page("staff.activate")
def slips_open(request: HttpRequest, pk: int, office: int) -> HttpResponse:
    """Give the slips of a township as PDF; a POST, because it is kept who took them."""
    batch = _batch(request, pk)
    content = activation.open_slips(batch, _office(batch, office).pk, actor=request.user)
    return _pdf(content, f"slips-{batch.pk}-{office}.pdf")


@require_POST
@office_page("staff.activate")
def slips_reprint(request: HttpRequest, pk: int, office: int) -> HttpResponse:
    """Print the slips of a township anew for those who have not used theirs."""
    batch = _batch(request, pk)
    try:
        made = activation.reprint(batch, _office(batch, office).pk, actor=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        said = _("%(n)d slips printed anew for %(township)s; the earlier ones are void.")
        messages.success(request, said % {"n": made["people"], "township": made["township"]})
    return redirect("activation_batch", pk)


@require_POST
@office_page("staff.activate")
def slip_print(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one new slip, also for a forgotten password; the old one is void."""
    rows = Staff.objects.select_related("person__user", "office", "census")
    staff: Staff = reachable(rows, request, "staff.activate", pk=pk)
    return _pdf(activation.slip_for(staff, actor=request.user), f"slip-{staff.pk}.pdf")


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
