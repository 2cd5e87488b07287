"""Studying on the phone: open to the disabled too, because training mends the reason."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from census_staff.accounts.gate import remedy
from census_staff.lib.errors import Refused
from census_staff.places.models import Office
from training import materials, services
from training.forms import ProgressForm
from training.models import Unit, UnitProgress
from training.reports import report
from training.standing import Learner, progress_of, standing_of, unit_for
from training.states import UnitKind
from training.telling import progress_told, studied

from .ranges import file_answer


def learner_of(record: Any) -> Learner:
    """Return who studies, as the person's service record says."""
    path = Office.objects.values_list("path", flat=True).get(pk=record.office_id)
    return Learner(record.person_id, record.census_id, record.role, path)


@remedy
@require_GET
def phone_courses(request: HttpRequest, census_code: str) -> HttpResponse:
    """Show the courses: the set that counts now first."""
    standing = standing_of(learner_of(request.record))  # type: ignore[attr-defined]
    free = [course for course in standing.courses if course not in standing.active]
    done, total = _sum(standing.active)
    return render(
        request,
        "training/phone_courses.html",
        {"standing": standing, "free": free, "done": done, "total": total, **_here(census_code)},
    )


@remedy
@require_GET
def phone_course(request: HttpRequest, census_code: str, pk: int) -> HttpResponse:
    """Show one course and its units."""
    standing = standing_of(learner_of(request.record))  # type: ignore[attr-defined]
    course = next((one for one in standing.courses if one.course.pk == pk), None)
    if course is None:
        raise Http404
    context = {"standing": standing, "course": course, "following": course.next_unit()}
    return render(request, "training/phone_course.html", {**context, **_here(census_code)})


@remedy
@require_GET
def phone_unit(request: HttpRequest, census_code: str, pk: int) -> HttpResponse:
    """Show a unit: its material, and its question."""
    learner = learner_of(request.record)  # type: ignore[attr-defined]
    unit = _unit(learner, pk)
    standing = standing_of(learner)
    course = next(one for one in standing.courses if one.course.pk == unit.course_id)
    progress = progress_of(learner, unit)
    units = [one.unit.pk for one in course.units]
    place = units.index(unit.pk)
    context = {
        "unit": unit,
        "course": course,
        "progress": progress,
        "studied": studied(unit, progress),
        "told": progress_told(unit, progress),
        "place": place + 1,
        "following": units[place + 1] if place + 1 < len(units) else None,
        "is_retraining": standing.is_trained and course.kind == "retraining",
        **_leaf(request, unit, progress),
        **_film(unit, progress),
        **_here(census_code),
    }
    return render(request, f"training/phone_unit_{unit.kind}.html", context)


@remedy
@require_POST
def phone_unit_progress(request: HttpRequest, census_code: str, pk: int) -> HttpResponse:
    """Take one report of studying, from our script as JSON or from a plain form."""
    learner = learner_of(request.record)  # type: ignore[attr-defined]
    unit = _unit(learner, pk)
    is_json = request.content_type == "application/json"
    form = ProgressForm(_json(request) if is_json else request.POST)
    if not form.is_valid():
        raise Refused("invalid", _("This report of studying cannot be read."))
    told, answered = report(learner, unit, form.cleaned_data, actor=request.user)
    if is_json:
        return JsonResponse(told)
    if answered is not None:
        _say(request, answered, is_complete=told["complete"])
        shown = progress_of(learner, unit)
        if told["complete"] and not (shown and shown.completed_at):
            # The last unit of the set: its own page already belongs to the next round.
            return redirect("phone_courses", census_code=census_code)
    response = redirect("phone_unit", census_code=census_code, pk=pk)
    if form.cleaned_data["next"]:
        response["Location"] += f"?page={form.cleaned_data['next']}"
    return response


@remedy
@require_POST
def phone_settle(request: HttpRequest, census_code: str) -> HttpResponse:
    """Write down a set that became complete without a last unit, as when a course was withdrawn."""
    services.settle(learner_of(request.record), actor=request.user)  # type: ignore[attr-defined]
    return redirect("phone_courses", census_code=census_code)


@remedy
@require_GET
@cache_control(private=True, max_age=3600)
def phone_unit_file(request: HttpRequest, census_code: str, pk: int, part: str) -> HttpResponseBase:
    """Answer with the film, its poster or a track of captions, in pieces if so asked."""
    unit = _unit(learner_of(request.record), pk)  # type: ignore[attr-defined]
    files = {"film": unit.file, "poster": unit.content.get("poster", "")}
    for number, track in enumerate(unit.content.get("captions", [])):
        files[f"captions-{number}"] = track["file"]
    name = files.get(part) if unit.kind == UnitKind.FILM else None
    if not name:
        raise Http404
    return file_answer(request, materials.path_of(name))


@remedy
@require_GET
@cache_control(private=True, max_age=3600)
def phone_unit_image(request: HttpRequest, census_code: str, pk: int, number: int) -> HttpResponse:
    """Answer with one page of a document as a picture."""
    unit = _unit(learner_of(request.record), pk)  # type: ignore[attr-defined]
    if unit.kind != UnitKind.PDF or not 1 <= number <= int(unit.content["pages"]):
        raise Http404
    return HttpResponse(materials.page_picture(unit.file, number), content_type="image/jpeg")


def _say(request: HttpRequest, answered: services.Answered, *, is_complete: bool) -> None:
    if answered.is_right:
        text = _("Right. %(why)s") % {"why": answered.explanation}
        messages.success(request, text)
    else:
        text = _("Not right yet. %(why)s Look again and answer once more.")
        messages.warning(request, text % {"why": answered.explanation})


def _leaf(request: HttpRequest, unit: Unit, progress: UnitProgress | None) -> dict[str, Any]:
    """Return the page of a document to show: the one asked for, else the first not opened yet."""
    if unit.kind != UnitKind.PDF:
        return {}
    pages = int(unit.content["pages"])
    opened = set(progress.evidence.get("pages", [])) if progress else set()
    first = next((n for n in range(1, pages + 1) if n not in opened), 1)
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isdecimal() and 1 <= int(asked[:4]) <= pages else first
    return {"number": number, "pages": pages, "opened": sorted(opened), "is_last": number == pages}


def _film(unit: Unit, progress: UnitProgress | None) -> dict[str, Any]:
    if unit.kind != UnitKind.FILM:
        return {}
    tracks = unit.content.get("captions", [])
    return {
        "played_json": json.dumps(progress_told(unit, progress)["played"]),
        "tracks": [{**track, "part": f"captions-{n}"} for n, track in enumerate(tracks)],
    }


def _unit(learner: Learner, pk: int) -> Unit:
    unit = unit_for(learner, pk)
    if unit is None:
        raise Http404
    return unit


def _json(request: HttpRequest) -> dict[str, Any]:
    try:
        said = json.loads(request.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _sum(courses: list[Any]) -> tuple[int, int]:
    return sum(course.done for course in courses), sum(course.total for course in courses)


def _here(census_code: str) -> dict[str, str]:
    return {"census_code": census_code}
