"""The county's review: the queue beside the record, decisions one by one and in bulk, corrections."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from census_staff.accounts.web import office_page, present_census, reachable
from census_staff.batches import services as batches
from census_staff.batches.models import Batch
from census_staff.batches.tasks import wake
from census_staff.lib import wording
from census_staff.lib.errors import Refused
from census_staff.lib.paging import page_of
from census_staff.lib.waking import wake_after_commit
from census_staff.people.models import Correction, Photo
from census_staff.places.models import Office
from census_staff.places.services import wide_top

from .. import corrections, filters, review
from ..desks import paths_of
from ..models import Staff
from ..querysets import StaffQuerySet
from ..record_fields import BY_KEY, looks
from ..states import Service
from ..summary import length_of
from ..timeline import reasons_said
from ..words import Role

DONE = {
    "appoint": gettext_lazy("Approved and appointed."),
    "return": gettext_lazy("Returned; the clerk sees what is to be corrected."),
    "refuse": gettext_lazy("Refused."),
    "reserve": gettext_lazy("Put in reserve."),
}
ORDER = ("submitted_at", "pk")
ROWS = Staff.objects.select_related(
    "person", "census", "office__parent", "supervisor__person", "entered_by", "recruited_by"
)


def _top(request: HttpRequest) -> Office | None:
    """Return the office above the city to which the queue reaches, if it does."""
    census = present_census(request)
    paths = paths_of(request.user, "staff.review", census.pk)  # type: ignore[arg-type]
    return wide_top(paths, request.GET.get("office", ""))


def _queue(request: HttpRequest, *, everywhere: bool = False) -> StaffQuerySet:
    census = present_census(request)
    rows = filters.roster(request.user, census_id=census.pk, action="staff.review")
    asked = {key: request.GET.get(key, "") for key in ("office", "role", "q")}
    return review.waiting(filters.asked_for(rows, asked, everywhere=everywhere))


@office_page("staff.review")
def review_queue(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Show who waits, the longest first, and beside the list the record to be judged."""
    top = _top(request)
    rows = _queue(request, everywhere=top is not None)
    total = length_of(rows, top)
    if total is None:
        rows = _queue(request)
    page = page_of(
        rows.select_related("person", "office"),
        ORDER,
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
        size=20,
        total=total,
    )
    if pk is None and page.rows:
        pk = page.rows[0].pk
    staff = reachable(ROWS, request, "staff.review", pk=pk) if pk else None
    context = {
        "pager": page,
        "total": total,
        "oldest": rows.first(),
        # Of a nation's townships nobody reads the list.
        "offices": [] if top else _offices(request),
        "roles": Role.choices,
        "asked": request.GET,
        "reasons": review.REASONS,
        "corrections": corrections.waiting(request.user).count(),
        "now": timezone.now(),
        **(_record(request, staff) if staff else {}),
    }
    return render(request, "recruitment/review.html", context)


def _offices(request: HttpRequest) -> list[dict[str, Any]]:
    census = present_census(request)
    rows = filters.roster(request.user, census_id=census.pk, action="staff.review")
    counted = rows.filter(service=Service.UNDER_REVIEW).values("office_id", "office__short_name")
    return list(counted.annotate(n=Count("pk")).order_by("office__path"))


def _record(request: HttpRequest, staff: Staff) -> dict[str, Any]:
    changed = review.changed_fields(staff)
    note = review.last_return(staff)
    entered_by_me = staff.entered_by_id == request.user.pk
    lines = looks(staff, phone_is_taken=review.phone_is_taken(staff), changed=changed)
    return {
        "staff": staff,
        "role": Role(staff.role).label,
        "photo": reverse("staff_portrait", args=[staff.pk])
        if Photo.objects.filter(person=staff.person_id).exists()
        else "",
        "lines": list(lines),
        "changed": len(changed),
        "note": note,
        "note_said": reasons_said(note) if note else "",
        "is_own": entered_by_me,
        "is_waiting": staff.service in (Service.UNDER_REVIEW, Service.RESERVE),
        "in_reserve": staff.service == Service.RESERVE,
    }


def _marked(request: HttpRequest) -> dict[str, dict[str, str]]:
    """Return the fields the reviewer marked, each with a reason and words for the clerk."""
    found = {}
    for key in request.POST.getlist("back"):
        if key in BY_KEY:
            reason = request.POST.get(f"reason-{key}", "incomplete")
            found[key] = {
                "reason": reason if reason in review.REASONS else "other",
                "say": request.POST.get(f"say-{key}", "").strip()[:200],
            }
    return found


@require_POST
@office_page("staff.review")
def review_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one decision and lead to the next who waits."""
    staff: Staff = reachable(ROWS, request, "staff.review", pk=pk)
    decision = request.POST.get("decision", "")
    if decision not in review.DECISIONS:
        raise Http404
    marked = _marked(request)
    try:
        if decision == "appoint" and marked:
            raise Refused("marked", _("Take the marks away first, or return the record."))
        review.decide_one(
            staff,
            decision,
            actor=request.user,
            sentence=request.POST.get("sentence", "").strip(),
            fields=marked if decision == "return" else None,
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("review_one", pk)
    messages.success(request, f"{staff.person.name} · {DONE[decision]}")
    following = _queue(request).exclude(pk=pk).first()
    asked = request.GET.urlencode()
    url = reverse("review_one", args=[following.pk]) if following else reverse("review_queue")
    return redirect(f"{url}?{asked}" if asked else url)


@require_POST
@office_page("staff.review")
def review_bulk(request: HttpRequest) -> HttpResponse:
    """Make the preview of one decision for the people chosen."""
    chosen = [int(key) for key in request.POST.getlist("who") if key.isdecimal()]
    try:
        batch = review.prepare(
            Staff.objects.filter(pk__in=chosen),
            request.POST.get("decision", ""),
            actor=request.user,
            census_id=present_census(request).pk,
            sentence=request.POST.get("sentence", "").strip(),
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("review_queue")
    return redirect("review_batch", batch.pk)


def _batch(request: HttpRequest, pk: int) -> Batch:
    found: Batch = reachable(
        Batch.objects.filter(kind="review").select_related("office", "made_by"),
        request,
        "staff.review",
        pk=pk,
    )
    return found


@office_page("staff.review")
def review_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Show whom a decision in bulk would take, before it does; afterwards the page of the work."""
    batch = _batch(request, pk)
    if batch.state != "draft":
        return redirect("batch_detail", batch.pk)
    able = {item.target_id: item.facts["able"] for item in batch.items.order_by("position")}
    people = Staff.objects.filter(pk__in=able).select_related("person", "office")
    lines = [{"staff": one, "able": able[one.pk]} for one in people.order_by("office__path", "pk")]
    context = {
        "batch": batch,
        "decision": review.SERVICE.steps[batch.params["decision"]].label,
        "is_danger": batch.params["decision"] == "refuse",
        "lines": lines,
        "able": sum(able.values()),
        "total": len(able),
    }
    return render(request, "recruitment/review_batch.html", context)


@require_POST
@office_page("staff.review")
def review_batch_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Start the decision in bulk upon its preview."""
    batch = _batch(request, pk)
    with transaction.atomic():
        batches.start(batch, actor=request.user)
        wake_after_commit(wake, batch.pk)
    messages.success(request, _("Started. You may leave this page; the work goes on."))
    return redirect("batch_detail", batch.pk)


@office_page("staff.review")
def correction_list(request: HttpRequest) -> HttpResponse:
    """Show the corrections that wait for a second person, the oldest first."""
    census = present_census(request)
    rows = corrections.waiting(request.user).filter(census=census)
    page = page_of(
        rows.select_related("person", "office", "made_by"),
        ["pk"],
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
        total=rows.count(),
    )
    people = [one.person_id for one in page.rows]
    records = Staff.objects.allowed(request.user, "staff.view").filter(
        person__in=people, census=census
    )
    pages = dict(records.order_by("pk").values_list("person_id", "pk"))
    lines = [
        {
            "one": one,
            "label": BY_KEY[one.field].label,
            "old": _shown(one, one.old_value or ""),
            "new": _shown(one, one.new_value),
            "page": reverse("staff_page", args=[pages[one.person_id]])
            if one.person_id in pages
            else "",
            "is_own": one.made_by_id == request.user.pk,
        }
        for one in page.rows
    ]
    return render(request, "recruitment/correction_list.html", {"pager": page, "lines": lines})


def _shown(one: Correction, value: str) -> str:
    return value if one.field == Correction.Field.NAME else wording.masked_phone(value)


@require_POST
@office_page("staff.review")
def correction_decide(request: HttpRequest, pk: int, answer: str) -> HttpResponse:
    """Apply or refuse a correction that somebody else asked for."""
    if answer not in ("apply", "refuse"):
        raise Http404
    one: Correction = reachable(
        corrections.allowed(request.user, "staff.review"), request, "staff.review", pk=pk
    )
    try:
        corrections.decide(one, actor=request.user, is_right=answer == "apply")
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Corrected.") if answer == "apply" else _("Refused."))
    return redirect("correction_list")
