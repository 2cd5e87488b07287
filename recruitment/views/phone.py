"""The phone: what to do next, what was said to me, what is known of me, and what to do when shut out."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from census_staff.accounts.gate import remedy
from census_staff.correspondence.models import Notice
from census_staff.correspondence.words import said
from census_staff.lib.errors import Refused
from census_staff.lib.paging import page_of
from census_staff.people import services as people
from census_staff.people.models import Correction
from census_staff.places.models import Region
from recruitment import appeals, checklist, corrections
from recruitment import remedy as mending
from recruitment.models import AccessOrder, Pledge, Staff
from recruitment.phone_forms import AppealForm, CorrectionForm, PhotoForm
from recruitment.record_fields import area_names
from recruitment.states import Access


def own_staff(request: HttpRequest) -> Staff:
    """Return the person's own record in the census of the address."""
    rows = Staff.objects.select_related("census", "office__parent", "person", "supervisor__person")
    found: Staff = rows.get(pk=request.record.staff_id)  # type: ignore[attr-defined]
    return found


@remedy
@require_GET
@never_cache
def phone_home(request: HttpRequest, census_code: str) -> HttpResponse:
    """Show the checklist and the one next step; the disabled are led to what mends it."""
    record = request.record  # type: ignore[attr-defined]
    if record.access == Access.DISABLED:
        return redirect("phone_remedy", census_code)
    if not record.is_open:
        raise Refused("not_activated", _("Your office has not activated your access yet."))
    now = checklist.know(record, at=timezone.now())
    gates = checklist.items(now)
    context = {
        "now": now,
        "staff": now.staff,
        "next": checklist.next_step(now),
        "items": gates,
        "seven": checklist.done_count(gates),
        "greeting": _greeting(now.at),
        "reminder": AccessOrder.objects.filter(
            staff=now.staff, kind=AccessOrder.Kind.REMIND, ended_at=None
        ).first(),
        "area": _area(now.staff),
        "must_sit": "sat_online" in now.unmet,
        "warned": Notice.objects.filter(
            person=record.person_id, census=record.census_id, kind="run_warning"
        )
        .exclude(sent_at=None)
        .count(),
        "county": mending.county_of(now.staff.office),
        "census_code": census_code,
    }
    return render(request, "recruitment/phone/home.html", context)


@remedy
@require_GET
@never_cache
def phone_remedy(request: HttpRequest, census_code: str) -> HttpResponse:
    """Say why access is shut, and what opens it again."""
    record = request.record  # type: ignore[attr-defined]
    if record.access != Access.DISABLED:
        return redirect("phone_home", census_code)
    now = checklist.know(record, at=timezone.now())
    order = mending.order_of(now.staff)
    todo = mending.steps(now, order)
    context = {
        "now": now,
        "staff": now.staff,
        "order": order,
        "heading": mending.heading(order),
        "facts": mending.facts(now, order),
        "steps": todo,
        "main": next((step for step in todo if step["state"] == "now" and step.get("url")), None),
        "appeal": mending.open_appeal(now.staff),
        "county": mending.county_of(now.staff.office),
        "census_code": census_code,
    }
    return render(request, "recruitment/phone/remedy.html", context)


@remedy
@never_cache
def phone_appeal(request: HttpRequest, census_code: str) -> HttpResponse:
    """Take what a disabled person has to say."""
    staff = own_staff(request)
    if staff.access != Access.DISABLED:
        return redirect("phone_home", census_code)
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            appeals.file_appeal(staff, form.cleaned_data["text"], actor=request.user)
        except Refused as refused:
            form.add_error("text" if refused.field else None, str(refused))
        else:
            messages.success(
                request, _("Your office has been told. A person will answer you here.")
            )
            return redirect("phone_remedy", census_code)
    context = {"form": form, "staff": staff, "census_code": census_code}
    return render(request, "recruitment/phone/appeal.html", context)


@require_GET
@never_cache
def phone_me(request: HttpRequest, census_code: str) -> HttpResponse:
    """Show what is known of the person, the numbers masked."""
    return _me(request, own_staff(request))


@require_POST
@never_cache
def phone_me_shown(request: HttpRequest, census_code: str) -> HttpResponse:
    """Show the person their own numbers in clear, once; nothing in the address tells of it."""
    return _me(request, own_staff(request), is_shown=True)


@require_POST
def phone_photo_add(request: HttpRequest, census_code: str) -> HttpResponse:
    """Take the person's own portrait."""
    staff, form = own_staff(request), PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        return _me(request, staff, photo_form=form)
    try:
        people.add_photo(staff.person, form.cleaned_data["photo"].read(), actor=request.user)
    except Refused as refused:
        form.add_error("photo", str(refused))
        return _me(request, staff, photo_form=form)
    messages.success(request, _("Your photo is kept. It goes on your card."))
    return redirect("phone_me", census_code)


@require_GET
@never_cache
def phone_photo(request: HttpRequest, census_code: str) -> HttpResponse:
    """Answer with the person's own newest portrait."""
    photo = own_staff(request).person.photos.order_by("-pk").first()
    if photo is None:
        raise Http404
    return HttpResponse(bytes(photo.jpeg), content_type="image/jpeg")


@require_POST
def phone_correct(request: HttpRequest, census_code: str) -> HttpResponse:
    """Take the wish to correct the person's own name or number; the county decides."""
    staff, form = own_staff(request), CorrectionForm(request.POST)
    if not form.is_valid():
        return _me(request, staff, correction_form=form)
    wish = form.cleaned_data
    try:
        made = corrections.propose(
            staff, wish["field"], wish["value"], actor=request.user, reason=wish["reason"]
        )
    except Refused as refused:
        form.add_error("value", str(refused))
        return _me(request, staff, correction_form=form)
    if made is None:
        messages.info(request, _("That is what we already have on file."))
    else:
        messages.success(request, _("Your county has been asked to correct it."))
    return redirect("phone_me", census_code)


@remedy
@require_GET
@never_cache
def phone_notices(request: HttpRequest, census_code: str) -> HttpResponse:
    """Show what the office said to the person in this census."""
    record = request.record  # type: ignore[attr-defined]
    rows = Notice.objects.filter(person=record.person_id, census=record.census_id)
    page = page_of(
        rows.exclude(sent_at=None).select_related("census"),
        ["-pk"],
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
        size=20,
    )
    notices = [(notice, said(notice)) for notice in page.rows]
    context = {"notices": notices, "pager": page, "census_code": census_code}
    return render(request, "recruitment/phone/notices.html", context)


@remedy
@require_POST
def phone_notice_read(request: HttpRequest, census_code: str, pk: int) -> HttpResponse:
    """Note that the person has read a notice."""
    record = request.record  # type: ignore[attr-defined]
    own = Notice.objects.filter(person=record.person_id, census=record.census_id)
    notice = get_object_or_404(own.exclude(sent_at=None), pk=pk)
    own.filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())
    return redirect("phone_notices", census_code)


def _me(request: HttpRequest, staff: Staff, **more: Any) -> HttpResponse:
    asked = Correction.objects.filter(person=staff.person_id, decided_at=None)
    context = {
        "staff": staff,
        "areas": area_names(staff),
        "has_photo": staff.person.photos.exists(),
        "asked": [_field(name) for name in asked.values_list("field", flat=True)],
        "pledge": Pledge.objects.filter(
            person=staff.person_id, census=staff.census_id, void=None, text__superseded_at=None
        ).first(),
        "photo_form": PhotoForm(),
        "correction_form": CorrectionForm(),
        "census_code": staff.census.code,
    }
    return render(request, "recruitment/phone/me.html", {**context, **more})


def _field(name: str) -> str:
    return {"name": _("Name"), "phone": _("Mobile number")}.get(name, _("Second telephone"))


def _area(staff: Staff) -> str:
    """Return the name of the first area the person works in."""
    rows = Region.objects.filter(edition=staff.census.region_edition, code__in=staff.areas[:1])
    return str(rows.values_list("name", flat=True).first() or "")


def _greeting(at: Any) -> str:
    hour = timezone.localtime(at).hour
    if hour < 12:
        return pgettext("greeting", "Good morning")
    return (
        pgettext("greeting", "Good afternoon")
        if hour < 18
        else pgettext("greeting", "Good evening")
    )
