"""A person's record by hand: enter, change, photograph, correct, reveal."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from census_staff.accounts.web import office_page, present_census, reachable
from census_staff.audit.services import record
from census_staff.lib import wording
from census_staff.lib.errors import Refused
from census_staff.people import services as people
from census_staff.people.models import Correction
from census_staff.places.models import Office

from .. import corrections, records, services, staff_forms
from ..desks import paths_of
from ..models import Staff
from ..querysets import StaffQuerySet
from ..record_fields import BY_KEY
from ..review import last_return
from ..states import Service
from ..timeline import reasons_said

ROWS = Staff.objects.select_related("person", "census", "office__parent", "supervisor__person")


def _form(request: HttpRequest, staff: Staff | None = None) -> staff_forms.RecordForm:
    census = staff.census if staff else present_census(request)
    offices = Office.objects.none()
    for path in paths_of(request.user, "staff.propose", census.pk):  # type: ignore[arg-type]
        offices = offices | Office.objects.filter(path__startswith=path, level__gte=6)
    if staff is not None:
        county = staff.office.parent or staff.office
        offices = Office.objects.filter(path__startswith=county.path)
    supervisors = (
        Staff.objects.live()
        .filter(census=census, role="supervisor", office__in=_county_of(offices))
        .select_related("person")
        .in_name_order()
    )
    initial = staff_forms.initial_of(staff) if staff else {"office": offices.last()}
    return staff_forms.RecordForm(
        request.POST or None,
        initial=initial,
        offices=offices.order_by("path"),
        supervisors=supervisors,
        census=census,
        staff=staff,
    )


def _county_of(offices: Any) -> Any:
    """Return the offices of the counties these offices are of: a supervisor may sit at either."""
    parents = offices.values("parent")
    return Office.objects.filter(pk__in=offices.values("pk")) | Office.objects.filter(
        pk__in=parents
    )


@office_page("staff.propose")
def staff_add(request: HttpRequest) -> HttpResponse:
    """Enter one person by hand and send the record to review."""
    form = _form(request)
    if request.method == "POST" and form.is_valid() and form.line is not None:
        try:
            staff = records.enter(
                form.line,
                office=form.cleaned_data["office"],
                census=form.census,
                actor=request.user,
            )
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("Entered and sent to the county's review."))
            return redirect("staff_page", staff.pk)
    context = {"form": form, "crumbs": _crumbs(_("Add a person"))}
    return render(request, "recruitment/record_form.html", context)


@office_page("staff.propose")
def staff_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a record; what was returned is sent to review again at once."""
    staff: Staff = reachable(ROWS, request, "staff.propose", pk=pk)
    form = _form(request, staff)
    if request.method == "POST" and form.is_valid() and form.line is not None:
        try:
            changed = records.change(staff, form.line, actor=request.user)
            staff.refresh_from_db()
            if request.POST.get("submit_again") and staff.service in ("returned", "proposed"):
                services.submit(staff, actor=request.user)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            labels = wording.listed(BY_KEY[key].label for key in changed if key in BY_KEY)
            said = _("Changed: %(fields)s.") % {"fields": labels} if labels else _("Saved.")
            messages.success(request, said)
            return redirect("staff_page", staff.pk)
    note = last_return(staff) if staff.service == Service.RETURNED else None
    context = {
        "form": form,
        "staff": staff,
        "note": reasons_said(note) if note else "",
        "is_returned": staff.service in (Service.RETURNED, Service.PROPOSED),
        "is_reviewed": staff.service not in records.UNREVIEWED,
        "crumbs": _crumbs(_("Change the record"), staff),
    }
    return render(request, "recruitment/record_form.html", context)


def _crumbs(last: str, staff: Staff | None = None) -> list[tuple[str, str]]:
    found = [(_("Staff roster"), reverse("staff_list"))]
    if staff is not None:
        found.append((staff.person.name, reverse("staff_page", args=[staff.pk])))
    return [*found, (last, "")]


@office_page("staff.photo")
def staff_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a portrait; it replaces the older one everywhere but on cards already printed."""
    staff: Staff = reachable(ROWS, request, "staff.photo", pk=pk)
    form = staff_forms.PhotoForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            people.add_photo(staff.person, form.cleaned_data["photo"].read(), actor=request.user)
        except Refused as refused:
            form.add_error("photo", str(refused))
        else:
            record(
                "staff.photo",
                actor=request.user,
                subject="recruitment_staff",
                subject_id=staff.pk,
                office_id=staff.office_id,
                census_id=staff.census_id,
            )
            messages.success(request, _("The photo was kept."))
            return redirect("staff_page", staff.pk)
    context = {"form": form, "staff": staff, "crumbs": _crumbs(_("Add a photo"), staff)}
    return render(request, "recruitment/photo_form.html", context)


@office_page("staff.propose")
def staff_correct(request: HttpRequest, pk: int, field: str) -> HttpResponse:
    """Ask for a correction of name or number; somebody else decides."""
    staff: Staff = reachable(ROWS, request, "staff.propose", pk=pk)
    if field not in Correction.Field.values:
        raise Http404
    form = staff_forms.CorrectionForm(request.POST or None, field=field)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = corrections.propose(
                staff, field, given["value"], actor=request.user, reason=given["reason"]
            )
        except Refused as refused:
            form.add_error("value", str(refused))
        else:
            if made is None:
                messages.info(request, _("The record already says so."))
            else:
                messages.success(request, _("Asked for. A second person will decide."))
            return redirect("staff_page", staff.pk)
    context = {
        "heading": _("Correct: %(field)s") % {"field": BY_KEY[field].label},
        "says": [
            f"{staff.person.name} · {BY_KEY[field].shown(staff) or '–'}",
            _("The value changes once a second person has agreed; the old one stays on record."),
        ],
        "form": form,
        "do": _("Ask for the correction"),
        "dont": _("Leave it as it is"),
        "back": reverse("staff_page", args=[staff.pk]),
    }
    return render(request, "confirm.html", context)


@never_cache
@office_page("staff.reveal")
def staff_reveal(request: HttpRequest, pk: int, field: str) -> HttpResponse:
    """Show one masked value to somebody who says why; the page is kept nowhere."""
    rows: StaffQuerySet = ROWS
    staff: Staff = reachable(rows, request, "staff.reveal", pk=pk)
    if field not in services.REVEALABLE:
        raise Http404
    form = staff_forms.RevealForm(request.POST or None)
    context = {
        "staff": staff,
        "label": BY_KEY[field].label,
        "heading": _("Show: %(field)s") % {"field": BY_KEY[field].label},
        "says": [f"{staff.person.name} · {BY_KEY[field].shown(staff)}"],
        "form": form,
        "do": _("Show and record"),
        "dont": _("Do not show"),
        "back": reverse("staff_page", args=[staff.pk]),
    }
    if request.method == "POST" and form.is_valid():
        context["value"] = services.reveal(
            staff, field, actor=request.user, reason=form.cleaned_data["reason"]
        )
        response = render(request, "recruitment/revealed.html", context)
        response["Cache-Control"] = "no-store"
        return response
    return render(request, "confirm.html", context)
