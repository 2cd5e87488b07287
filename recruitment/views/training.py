"""Who has completed the training, county by county, and voiding what should not count."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from census_staff.accounts.web import actions_of, office_page, reachable
from census_staff.lib.errors import Refused
from census_staff.lib.paging import page_of
from census_staff.places.models import Office, OfficeLevel
from recruitment.models import Staff
from recruitment.phone_forms import VoidForm
from recruitment.standards import STANDARDS
from training.models import Completion, Course, UnitProgress
from training.services import void_completion


@office_page("course.view")
@require_GET
def course_people(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how many people of each county completed a course, and behind a county the people."""
    course = Course.objects.readable(_user(request)).filter(pk=pk).prefetch_related("units").first()
    if course is None:
        raise Http404
    rows = _studying(request, course)
    county = _county(request.GET.get("county", ""))
    context: dict[str, Any] = {"course": course, "county": county}
    if county is None:
        context["table"] = _by_county(rows, course.units.count())
        return render(request, "recruitment/course_people.html", context)
    rows = rows.filter(office__path__startswith=county.path)
    if request.GET.get("only") == "missing":
        rows = rows.exclude(done=course.units.count())
    page = page_of(
        rows.select_related("person", "office"),
        ["person__name_key", "pk"],
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
    )
    may_void = "evidence.void" in actions_of(request)
    more = {"page": page, "pager": page, "total": course.units.count(), "may_void": may_void}
    return render(request, "recruitment/course_people_list.html", {**context, **more})


@office_page("evidence.void")
@require_http_methods(["GET", "POST"])
def training_void(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why, then say that the person's completed training no longer counts."""
    rows = Staff.objects.select_related("person")
    staff = reachable(rows, request, "evidence.void", pk=pk)
    completion = Completion.objects.filter(
        person=staff.person_id, census=staff.census_id, role=staff.role, void=None
    ).first()
    if completion is None:
        raise Http404
    form = VoidForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            void_completion(completion, actor=request.user, reason=form.cleaned_data["reason"])
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("The training no longer counts. It must be studied anew."))
            return redirect("course_list")
    context = {
        "heading": _("Void the training of %(name)s?") % {"name": staff.person.name},
        "says": [
            _("The person counts as untrained at once and must study the whole set anew."),
            _("Their card, if they hold one, is not touched by this."),
        ],
        "form": form,
        "do": _("Void the training"),
        "dont": _("Leave it as it is"),
        "back": reverse("course_list"),
        "is_danger": True,
    }
    return render(request, "confirm.html", context)


def _studying(request: HttpRequest, course: Course) -> Any:
    """Return the appointed people whom the course is given to, with the units they completed."""
    done = (
        UnitProgress.objects.filter(
            person=OuterRef("person"),
            census=course.census_id,
            unit__course=course,
            completed_at__isnull=False,
        )
        .order_by()
        .values("person")
        .annotate(n=Count("unit", distinct=True))
        .values("n")
    )
    return (
        Staff.objects.allowed(_user(request), "course.view")
        .filter(census=course.census_id, office__path__startswith=course.office.path)
        .appointed()
        .annotate(done=Coalesce(Subquery(done), Value(0)), trained=STANDARDS["trained"].met())
    )


def _by_county(rows: Any, total: int) -> list[dict[str, Any]]:
    """Return one line a county: who serves, who has completed the course, who is trained."""
    offices = (
        rows.order_by()
        .values("office__path")
        .annotate(
            people=Count("pk"),
            completed=Count("pk", filter=Q(done=total)),
            are_trained=Count("pk", filter=Q(trained=True)),
        )
    )
    counties = list(Office.objects.filter(level=OfficeLevel.COUNTY).order_by("code"))
    table: dict[int, dict[str, Any]] = {}
    for row in offices:
        county = next((one for one in counties if row["office__path"].startswith(one.path)), None)
        if county is None:
            continue
        line = table.setdefault(
            county.pk, {"county": county, "people": 0, "completed": 0, "are_trained": 0}
        )
        for name in ("people", "completed", "are_trained"):
            line[name] += row[name]
    return sorted(table.values(), key=lambda line: line["county"].code)


def _county(code: str) -> Office | None:
    return Office.objects.filter(code=code, level=OfficeLevel.COUNTY).first() if code else None


def _user(request: HttpRequest) -> Any:
    """Return who asks; the gate lets only people with an account come this far."""
    return request.user
