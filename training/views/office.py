"""Courses in the office: what is published, what is in them, and courses of the office's own."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from census_staff.accounts.web import actions_of, office_page, present_census, reachable
from census_staff.lib.errors import Refused
from census_staff.places.models import Office
from training import courses, materials
from training.forms import CourseForm, UnitForm
from training.lifecycle import COURSE
from training.models import Course, Unit
from training.states import CourseState, SetKind, UnitKind

TONES = {CourseState.DRAFT: "warn", CourseState.PUBLISHED: "ok", CourseState.WITHDRAWN: "off"}
ROLES = ("supervisor", "enumerator")


@office_page("course.view")
@require_GET
def course_list(request: HttpRequest) -> HttpResponse:
    """Show the courses of the present census."""
    census = present_census(request)
    rows = Course.objects.readable(_user(request)).filter(census=census)
    found = list(
        rows.select_related("office").prefetch_related("units", "requirements").order_by("pk")
    )
    table = [{"course": course, **_facts(course)} for course in found]
    return render(request, "training/course_list.html", {"table": table})


@office_page("course.view")
@require_GET
def course_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a course with its units, and the steps that are offered."""
    course = _readable(request, pk)
    context = {
        "course": course,
        "units": course.units.all(),
        "offers": _offers(request, course),
        "may_change": _may_change(request, course),
        **_facts(course),
    }
    return render(request, "training/course_detail.html", context)


@office_page("course.view")
@require_GET
def course_unit(request: HttpRequest, pk: int, unit_pk: int) -> HttpResponse:
    """Show a unit as people see it, with the answer of its question."""
    course = _readable(request, pk)
    unit = course.units.filter(pk=unit_pk).first()
    if unit is None:
        raise Http404
    check = unit.content["check"]
    pages = range(1, int(unit.content.get("pages", 0)) + 1)
    context = {"course": course, "unit": unit, "check": check, "pages": pages}
    options = [(n == check["answer"], option) for n, option in enumerate(check["options"])]
    return render(request, "training/course_unit.html", {**context, "options": options})


@office_page("course.view")
@require_GET
def course_unit_image(request: HttpRequest, pk: int, unit_pk: int, number: int) -> HttpResponse:
    """Answer with one page of a document as a picture."""
    unit = _readable(request, pk).units.filter(pk=unit_pk, kind=UnitKind.PDF).first()
    if unit is None or not 1 <= number <= int(unit.content["pages"]):
        raise Http404
    return HttpResponse(materials.page_picture(unit.file, number), content_type="image/jpeg")


@office_page("course.manage")
@require_http_methods(["GET", "POST"])
def course_new(request: HttpRequest) -> HttpResponse:
    """Begin a course of the office's own."""
    form = CourseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        course = courses.write_course(
            census=present_census(request),
            office=_own_office(request),
            title=form.cleaned_data["title"],
            summary=form.cleaned_data["summary"],
            actor=request.user,
        )
        return redirect("course_detail", pk=course.pk)
    return render(request, "training/course_new.html", {"form": form})


@office_page("course.manage")
@require_http_methods(["GET", "POST"])
def course_add_unit(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a page or a document to a draft."""
    course = reachable(Course.objects.all(), request, "course.manage", pk=pk)
    form = UnitForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            _add(course, form, request.user)
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("The unit has been added."))
            return redirect("course_detail", pk=pk)
    return render(request, "training/course_add_unit.html", {"form": form, "course": course})


@office_page("course.manage")
@require_POST
def course_remove_unit(request: HttpRequest, pk: int, unit_pk: int) -> HttpResponse:
    """Take a unit out of a draft."""
    course = reachable(Course.objects.all(), request, "course.manage", pk=pk)
    unit = Unit.objects.filter(course=course, pk=unit_pk).first()
    if unit is None:
        raise Http404
    courses.remove_unit(unit, actor=request.user)
    messages.success(request, _("The unit has been taken out."))
    return redirect("course_detail", pk=pk)


@office_page("course.manage")
@require_POST
def course_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Say for which roles a course is required."""
    course = reachable(Course.objects.all(), request, "course.manage", pk=pk)
    roles = [role for role in ROLES if role in request.POST.getlist("role")]
    courses.ask_of(course, roles=roles, actor=request.user)
    messages.success(request, _("The required set has been changed. Who is trained stays trained."))
    return redirect("course_detail", pk=pk)


@office_page("course.manage")
@require_http_methods(["GET", "POST"])
def course_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Ask once more, then publish or withdraw."""
    course = reachable(Course.objects.all(), request, "course.manage", pk=pk)
    if step not in COURSE.steps:
        raise Http404
    if request.method == "POST":
        COURSE.advance_one(course, step, actor=request.user, reason=request.POST.get("reason", ""))
        done = {
            "publish": _("The course is published. People find it on their phones."),
            "withdraw": _("The course is withdrawn. What people completed still counts."),
        }
        messages.success(request, done[step])
        return redirect("course_detail", pk=pk)
    return render(request, "confirm.html", _question(course, step))


def _question(course: Course, step: str) -> dict[str, Any]:
    publish = step == "publish"
    says = (
        [_("People of this office and below find it on their phones at once."),
         _("After that its units cannot be changed any more.")]
        if publish
        else [_("People cannot study it any more, and it is asked of nobody."),
              _("What people completed still counts.")]
    )  # fmt: skip
    return {
        "heading": (_("Publish “%(title)s”?") if publish else _("Withdraw “%(title)s”?"))
        % {"title": course.title},
        "says": says,
        "do": pgettext("course", "Publish") if publish else pgettext("course", "Withdraw"),
        "dont": _("Leave it as it is"),
        "back": reverse("course_detail", args=[course.pk]),
        "is_danger": not publish,
    }


def _add(course: Course, form: UnitForm, actor: Any) -> None:
    said = form.cleaned_data
    more = {"title": said["title"], "minutes": said["minutes"], "question": form.question()}
    if said["file"]:
        if said["file"].size > materials.MOST_BYTES:
            raise Refused("pdf_too_large", _("The document is larger than 20 MB."), field="file")
        courses.add_document(course, data=said["file"].read(), actor=actor, **more)
    else:
        courses.add_page(course, text=said["text"], actor=actor, **more)


def _offers(request: HttpRequest, course: Course) -> list[dict[str, Any]]:
    return [
        {
            "name": step.name,
            "label": step.label,
            "url": reverse("course_step", args=[course.pk, step.name]),
            "refusal": refusal,
            "tone": "danger" if step.danger else "main",
        }
        for step, refusal in COURSE.offered(course, actor=request.user)
    ]


def _facts(course: Course) -> dict[str, Any]:
    units = list(course.units.all())
    asked = sorted({r.role for r in course.requirements.all() if r.kind == SetKind.REQUIRED})
    repeated = any(r.kind == SetKind.RETRAINING for r in course.requirements.all())
    return {
        "unit_count": len(units),
        "minutes": sum(unit.content.get("minutes", 0) for unit in units),
        "asked": asked,
        "repeated": repeated,
        "tone": TONES[CourseState(course.state)],
    }


def _may_change(request: HttpRequest, course: Course) -> bool:
    if "course.manage" not in actions_of(request):
        return False
    return Course.objects.allowed(_user(request), "course.manage").filter(pk=course.pk).exists()


def _own_office(request: HttpRequest) -> Office:
    """Return the highest office at which the user manages courses."""
    paths = [path for path, _census in _user(request).reach("course.manage")]
    return Office.objects.filter(path__in=paths).order_by("level", "pk")[0]


def _readable(request: HttpRequest, pk: int) -> Course:
    rows = Course.objects.readable(_user(request)).select_related("office")
    found: Course | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _user(request: HttpRequest) -> Any:
    """Return who asks; the gate lets only people with an account come this far."""
    return request.user
