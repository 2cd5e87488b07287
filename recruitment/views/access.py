"""Steps of a person's service and access, and exemptions from standards."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from census_staff.accounts.web import need, office_page, present_census, reachable
from census_staff.batches.tasks import wake
from census_staff.lib import wording
from census_staff.lib.errors import Refused
from census_staff.lib.waking import wake_after_commit

from .. import services, staff_forms, steps
from ..models import AccessOrder, Exemption, Staff
from ..review import DECISIONS
from ..standards import STANDARDS
from ..states import Access

ROWS = Staff.objects.select_related("person", "census", "office")


@office_page("staff.view")
def staff_step(request: HttpRequest, pk: int, axis: str, name: str) -> HttpResponse:
    """Say what a step does and ask once more; take it on POST."""
    staff: Staff = reachable(ROWS, request, "staff.view", pk=pk)
    try:
        step = steps.step_of(axis, name)
    except Refused as refused:
        raise Http404 from refused
    # Nobody is asked to confirm what they may not do.
    need(request, step.action)
    if name in DECISIONS:
        return redirect("review_one", staff.pk)
    form = staff_forms.StepForm(request.POST or None, step=step, initial=_remembered(staff, name))
    if request.method == "POST" and form.is_valid():
        try:
            return _take(request, staff, axis, name, form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
    context = {
        "heading": step.label,
        "says": [
            f"{staff.person.name} · {staff.office.name}",
            *steps.EFFECTS.get((axis, name), ()),
        ],
        "form": form,
        "do": step.label,
        "dont": _("Leave it as it is"),
        "back": reverse("staff_page", args=[staff.pk]),
        "is_danger": step.danger,
    }
    return render(request, "confirm.html", context)


def _remembered(staff: Staff, name: str) -> dict[str, Any]:
    """Return what an open reminder said: a disabling that follows it rests on the same."""
    if name != "disable" or staff.access != Access.REMINDED:
        return {}
    order = AccessOrder.objects.filter(staff=staff, kind="remind", ended_at=None).first()
    if order is None:
        return {}
    return {"reason": order.reason, "standards": order.standards}


def _take(
    request: HttpRequest, staff: Staff, axis: str, name: str, given: dict[str, Any]
) -> HttpResponse:
    with transaction.atomic():
        batch = steps.take(staff, axis, name, actor=request.user, **given)
        if batch is not None:
            key = batch.pk
            wake_after_commit(wake, key)
    if batch is not None:
        messages.success(request, _("Started. The slip can be printed when it is done."))
        return redirect("activation_batch", batch.pk)
    label = steps.step_of(axis, name).label
    messages.success(
        request, _("Done for %(name)s: %(deed)s.") % {"name": staff.person.name, "deed": label}
    )
    return redirect("staff_page", staff.pk)


@office_page("access.exempt")
def exemption_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask to exempt a person from standards until a day."""
    staff: Staff = reachable(ROWS, request, "access.exempt", pk=pk)
    form = staff_forms.ExemptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_exemption(staff, actor=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("Asked for. A second person will decide."))
            return redirect("staff_page", staff.pk)
    context = {
        "heading": _("Ask for an exemption"),
        "says": [
            f"{staff.person.name} · {staff.office.name}",
            _("It counts once a second person has agreed, and ends by itself after its last day."),
            _("It spares the person from being disabled; it never replaces what a card needs."),
        ],
        "form": form,
        "do": _("Ask for the exemption"),
        "dont": _("Do not ask"),
        "back": reverse("staff_page", args=[staff.pk]),
    }
    return render(request, "confirm.html", context)


@office_page("staff.view")
def exemption_list(request: HttpRequest) -> HttpResponse:
    """Show the exemptions of the census within reach: those to decide first."""
    rows = (
        Exemption.objects.allowed(request.user, "staff.view")
        .filter(staff__census=present_census(request))
        .select_related("staff__person", "staff__office", "made_by", "approved_by")
        .order_by("approved_at", "refused_at", "-pk")
    )
    open_rows = rows.filter(approved_at=None, refused_at=None)
    able = set(
        Exemption.objects.allowed(request.user, "access.exempt_approve")
        .exclude(made_by=request.user.pk)
        .filter(pk__in=open_rows)
        .values_list("pk", flat=True)
    )
    lines = [
        {
            "exemption": one,
            "standards": wording.listed(
                str(STANDARDS[code].label) for code in one.standards if code in STANDARDS
            ),
            "may_decide": one.pk in able,
        }
        for one in [*open_rows[:200], *rows.exclude(pk__in=open_rows)[:200]]
    ]
    return render(request, "recruitment/exemption_list.html", {"lines": lines})


@require_POST
@office_page("access.exempt_approve")
def exemption_decide(request: HttpRequest, pk: int, answer: str) -> HttpResponse:
    """Grant or refuse an exemption that somebody else asked for."""
    if answer not in ("grant", "refuse"):
        raise Http404
    one: Exemption = reachable(Exemption.objects.all(), request, "access.exempt_approve", pk=pk)
    services.decide_exemption(one, actor=request.user, is_granted=answer == "grant")
    messages.success(request, _("Granted.") if answer == "grant" else _("Refused."))
    return redirect("exemption_list")
