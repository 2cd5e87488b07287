"""Census settings and offices."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from census_staff.accounts.web import need, office_page, present_census, reach_of
from census_staff.audit.services import record
from census_staff.censuses.models import TimeChange
from census_staff.lib.errors import Refused
from census_staff.places.models import Office
from recruitment import census_services as services
from recruitment.census_forms import LABELS, CensusForm, OfficeForm, TimesForm, standard_labels


@office_page("census.view")
def settings_page(request: HttpRequest) -> HttpResponse:
    """Show every setting with its source, and change the city's own."""
    census = present_census(request)
    form = CensusForm(request.POST or None, instance=census)
    if request.method == "POST":
        need(request, "census.change")
        if form.is_valid():
            fresh = type(census).objects.get(pk=census.pk)
            changed = services.change_settings(fresh, actor=request.user, values=form.cleaned_data)
            messages.success(
                request, _("Saved.") if changed else _("Nothing was different; nothing was saved.")
            )
            return redirect("census_settings")
    return render(request, "recruitment/census.html", _context(request, form), status=_status(form))


def _status(form: Any) -> int:
    return 422 if form.is_bound and form.errors else 200


def _context(
    request: HttpRequest, form: CensusForm, times: TimesForm | None = None
) -> dict[str, Any]:
    census = present_census(request)
    initial = {
        "deadline_at": census.local(census.deadline_at),
        "execute_at": census.local(census.execute_at),
    }
    return {
        "form": form,
        "times": times or TimesForm(initial=initial),
        "change": census.time_changes.filter(approved_at=None, refused_at=None).first(),
        "past_changes": census.time_changes.exclude(approved_at=None).order_by("-pk")[:10],
        "phases": census.phases.all(),
        "standards": standard_labels(census),
        "sources": [(label, census.sources.get(name, "")) for name, label in LABELS.items()],
    }


@require_POST
@office_page("census.change")
def ask_times(request: HttpRequest) -> HttpResponse:
    """Wish new times."""
    census = present_census(request)
    times = TimesForm(request.POST)
    if times.is_valid():
        try:
            services.ask_times(census, actor=request.user, **times.cleaned_data)
        except Refused as refused:
            times.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("The change waits for a second person."))
            return redirect("census_settings")
    context = _context(request, CensusForm(instance=census), times)
    return render(request, "recruitment/census.html", context, status=422)


@require_POST
@office_page("census.view")
def decide_times(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Approve (second person) or refuse new times."""
    change = get_object_or_404(TimeChange, pk=pk, census=present_census(request))
    if deed == "approve":
        need(request, "census.approve")
        services.approve_times(change, actor=request.user)
        messages.success(request, _("The new times hold from now on."))
    else:
        if change.made_by_id != request.user.pk:
            need(request, "census.approve")
        services.refuse_times(change, actor=request.user)
        messages.success(request, _("The times stay as they are."))
    return redirect("census_settings")


@office_page("office.view")
def office_list(request: HttpRequest) -> HttpResponse:
    """Show the offices within reach."""
    rows = Office.objects.none()
    for path, _census in reach_of(request, "office.view"):
        rows = rows | Office.objects.below(path)
    return render(request, "recruitment/offices.html", {"offices": rows.order_by("path")})


@office_page("office.manage")
def office_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an office's contact line."""
    rows = Office.objects.none()
    for path, _census in reach_of(request, "office.manage"):
        rows = rows | Office.objects.below(path)
    edited = get_object_or_404(rows, pk=pk)
    form = OfficeForm(request.POST or None, instance=edited)
    if request.method == "POST" and form.is_valid():
        form.save()
        record(
            "office_changed",
            actor=request.user,
            subject="places_office",
            subject_id=edited.pk,
            office_id=edited.pk,
            details={"fields": form.changed_data},
        )
        messages.success(request, _("Saved. Verification pages show it at once."))
        return redirect("office_list")
    context = {"form": form, "edited": edited}
    return render(request, "recruitment/office.html", context, status=_status(form))
