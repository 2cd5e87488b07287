"""The roster and a person's page."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from census_staff.accounts.web import actions_of, office_page, present_census, reachable
from census_staff.lib import idcard, phones, wording
from census_staff.lib.database import TooLong, within
from census_staff.lib.gates import GATES
from census_staff.lib.paging import Page, page_of
from census_staff.people.models import Person, Photo
from census_staff.places.models import Office
from census_staff.places.services import office_by_office, wide_top

from .. import filters, person_page, staff_export, timeline
from ..activation import may_have_slip
from ..desks import paths_of
from ..models import Appeal, Staff
from ..panels import panels_for
from ..record_fields import area_names
from ..standards import STANDARDS
from ..states import Access, Service
from ..summary import LOOK, total_of
from ..words import Role

# Office by office: so an index finds the next page of any part of the tree.
ORDER = ("office__path", "person__name_key", "pk")


@office_page("staff.view")
def staff_list(request: HttpRequest) -> HttpResponse:
    """Show the roster: what is asked for, within reach, in the order of names."""
    census, at, asked = present_census(request), timezone.now(), request.GET.dict()
    top = wide_top(paths_of(request.user, "staff.view", census.pk), asked.get("office", ""))  # type: ignore[arg-type]
    rows = filters.roster(request.user, census_id=census.pk)
    found = filters.asked_for(rows, asked, everywhere=top is not None)
    total = total_of(request.user, census, found, asked, at, top)
    steps = office_by_office(top.path) if top and total.is_many else None
    if steps:
        found = filters.asked_for(rows, asked, everywhere=False)
    is_long = False
    try:
        with within(LOOK):
            page = page_of(
                found,
                ORDER,
                before=asked.get("before", ""),
                after=asked.get("after", ""),
                total=total.count,
                details=_with_more(Staff.objects.all()),
                steps=steps,
            )
    except TooLong:
        page, is_long = Page([], "", ""), True
    context = {
        "pager": page,
        "total": total,
        "at": total.at or at,
        "is_long": is_long,
        "lines": [_line(staff) for staff in page.rows],
        "asked": request.GET,
        "is_number": _is_number(request.GET.get("q", "")),
        **_choices(request),
    }
    return render(request, "recruitment/staff_list.html", context)


def _with_more(rows: QuerySet[Staff]) -> QuerySet[Staff]:
    numbers = Staff.objects.filter(pk=OuterRef("pk")).values("cards__number")
    return (
        rows.select_related("person", "office", "supervisor__person")  # type: ignore[attr-defined]
        .with_unmet()
        .annotate(card_number=Subquery(numbers.order_by(F("cards__pk").desc(nulls_last=True))[:1]))
    )


def _line(staff: Any) -> dict[str, Any]:
    service_tone, service_icon = person_page.TONES[Service(staff.service)]
    access_tone, access_icon = person_page.TONES[Access(staff.access)]
    unmet = [STANDARDS[code].label for code in staff.unmet]
    return {
        "staff": staff,
        "role": Role(staff.role).label,
        "service": (staff.get_service_display(), service_tone, service_icon),
        "access": (staff.get_access_display(), access_tone, access_icon),
        "unmet": unmet,
    }


def _choices(request: HttpRequest) -> dict[str, Any]:
    """Return what the filters offer: the offices within reach (to the townships), and the words."""
    census = present_census(request)
    paths = paths_of(request.user, "staff.view", census.pk)  # type: ignore[arg-type]
    offices: list[Office] = []
    for path in paths:
        if not any(office.path.startswith(path) for office in offices):
            offices += Office.objects.filter(path__startswith=path).order_by("path")[:400]
    kept = [
        (name, value)
        for name, value in request.GET.items()
        if name not in ("before", "after") and value
    ]
    return {
        "offices": offices,
        "roles": Role.choices,
        "services": Service.choices,
        "accesses": Access.choices,
        "gates": GATES,
        "more_standards": [
            (code, one.label) for code, one in STANDARDS.items() if code not in filters.GATES
        ],
        "is_filtered": bool(kept),
    }


def _is_number(text: str) -> bool:
    """Return whether the text is a whole telephone or ID number, which no address may carry."""
    plain = idcard.normalise(text)
    is_phone = phones.MOBILE.fullmatch(phones.normalise(text)) is not None
    return is_phone or (len(plain) in (11, 18) and plain[:-1].isdecimal())


@require_POST
@office_page("staff.view")
def staff_find(request: HttpRequest) -> HttpResponse:
    """Lead to who has this name, pinyin, card number, whole telephone or whole ID number.

    A POST, so that no number stands in an address or a log.
    """
    text = request.POST.get("q", "").strip()
    rows = filters.roster(request.user, census_id=present_census(request).pk)
    if not _is_number(text):
        return redirect(f"{reverse('staff_list')}?{_encoded(q=text)}")
    plain = idcard.normalise(text)
    people = (
        Person.objects.with_phone(phones.normalise(text))
        if len(plain) != 18
        else Person.objects.with_id_number(plain)
    )
    keys = list(rows.filter(person__in=people).order_by("-pk").values_list("pk", flat=True)[:50])
    if not keys:
        messages.warning(request, _("Nobody within your reach has this number."))
        return redirect("staff_list")
    if len(keys) == 1:
        return redirect("staff_page", keys[0])
    return redirect(f"{reverse('staff_list')}?{_encoded(people=','.join(map(str, keys)))}")


def _encoded(**values: str) -> str:
    return urlencode(values)


@require_POST
@office_page("staff.export")
def staff_export_file(request: HttpRequest) -> HttpResponse:
    """Give the list as a workbook: masked, kept in the audit, never with formulas."""
    census = present_census(request)
    rows = filters.roster(request.user, census_id=census.pk, action="staff.export")
    rows = filters.asked_for(rows, request.POST)
    content = staff_export.workbook(rows, actor=request.user, census=census)
    response = HttpResponse(
        content, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response["Content-Disposition"] = 'attachment; filename="staff.xlsx"'
    response["Cache-Control"] = "no-store"
    return response


@office_page("staff.view")
def staff_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a person: three axes, seven gates, what is unmet, what may be done, what happened."""
    rows = Staff.objects.select_related(
        "person", "census", "office__parent", "supervisor__person", "reviewed_by", "entered_by"
    )
    staff: Staff = reachable(rows, request, "staff.view", pk=pk)
    panels = panels_for(staff, user=request.user)
    facts = person_page.Facts(staff)
    own = request.GET.get("own") == "1"
    events = timeline.events_of(staff, [e for panel in panels for e in panel.get("events", ())])
    may = actions_of(request)
    context = {
        "staff": staff,
        "role": Role(staff.role).label,
        "photo": _photo_url(staff),
        "facts": _header(staff, may),
        "axes": person_page.axes(facts, panels),
        "gates": person_page.gates(facts, panels),
        "standards": person_page.standards(facts),
        "lacking": len(facts.lacking),
        "offers": person_page.offers(
            staff,
            user=request.user,
            panels=panels,
            may=may,
            is_trained=facts.completion is not None,
        ),
        "appeals": Appeal.objects.filter(staff=staff).order_by("-pk")
        if "access.switch" in may
        else (),
        "attempts": facts.attempts,
        "events": [event for event in events if event.is_own] if own else events,
        "own": own,
        "panels": [panel for panel in panels if panel.get("template")],
        "exemptions": timeline.exemptions_of(staff),
        "order": facts.orders.get("disable") if staff.access == Access.DISABLED else None,
        "may_export": "staff.export" in may,
        "slip": "staff.activate" in may and may_have_slip(staff),
    }
    return render(request, "recruitment/staff_page.html", context)


def _photo_url(staff: Staff) -> str:
    has_one = Photo.objects.filter(person=staff.person_id).exists()
    return reverse("staff_portrait", args=[staff.pk]) if has_one else ""


def _header(staff: Staff, may: frozenset[str]) -> list[dict[str, Any]]:
    """Return the facts beside the portrait: masked, each with the way to see or mend it."""
    person, above = staff.person, staff.supervisor
    areas = [f"{name}（{code}）" if name else code for code, name in area_names(staff).items()]
    chain = [staff.office, *([staff.office.parent] if staff.office.parent else [])]
    found: list[dict[str, Any]] = [
        {"term": _("ID number"), "value": wording.masked_id(person.id_number)},
        {"term": _("Mobile number"), "value": wording.masked_phone(person.phone or "")},
        {"term": _("Census office"), "value": " / ".join(one.name for one in reversed(chain))},
        {"term": _("Areas"), "value": "、".join(areas[:3]) + ("…" if len(areas) > 3 else "")},
        {"term": _("Employer and position"), "value": staff.employer},
        {
            "term": _("Own supervisor"),
            "value": f"{above.person.name} {wording.masked_phone(above.person.phone or '')}"
            if above
            else "",
        },
        {"term": _("Entered by"), "value": f"{staff.entered_by.display_name or staff.entered_by}"},
        {"term": _("Reviewed by"), "value": _reviewer(staff)},
    ]
    if "staff.reveal" in may:
        found[0] |= {
            "link": reverse("staff_reveal", args=[staff.pk, "id_number"]),
            "link_text": _("Show (recorded)"),
        }
        found[1] |= {
            "link": reverse("staff_reveal", args=[staff.pk, "phone"]),
            "link_text": _("Show (recorded)"),
        }
    elif "staff.propose" in may:
        found[1] |= {
            "link": reverse("staff_correct", args=[staff.pk, "phone"]),
            "link_text": _("Correct"),
        }
    return found


def _reviewer(staff: Staff) -> str:
    if staff.reviewed_by is None:
        return ""
    where = staff.reviewed_office.short_name if staff.reviewed_office else ""
    return f"{where} {staff.reviewed_by.display_name or staff.reviewed_by}".strip()


@office_page("staff.view")
def staff_portrait(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the newest portrait of a person within reach."""
    staff: Staff = reachable(Staff.objects.all(), request, "staff.view", pk=pk)
    photo = Photo.objects.filter(person=staff.person_id).order_by("-pk").first()
    if photo is None:
        raise Http404
    return HttpResponse(bytes(photo.jpeg), content_type="image/jpeg")
