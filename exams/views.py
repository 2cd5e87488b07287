"""The office's pages on exams: the board, the blueprint, the people, what was sat."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from census_staff.accounts.web import actions_of, need, office_page, present_census, reachable
from census_staff.lib.errors import Refused
from census_staff.lib.paging import page_of
from census_staff.places.models import Office

from . import blueprint_table, boards, questions, telling
from .forms import ROLES, ExamForm, NewExamForm, VoidForm
from .models import Attempt, Exam
from .papers import DEFAULT_BLUEPRINT, Blueprint
from .services import make
from .services.void import void_attempt
from .states import AttemptState, ExamState

SHOWN = {
    "due": gettext_lazy("Must sit"),
    "sat": gettext_lazy("Sat online"),
    "unsat": gettext_lazy("Not sat yet"),
    "passed": gettext_lazy("Passed"),
    "unpassed": gettext_lazy("Not passed"),
}
TONES = {ExamState.DRAFT: "off", ExamState.PUBLISHED: "ok", ExamState.CLOSED: "warn"}


@office_page("exam.view")
@require_GET
def exam_list(request: HttpRequest) -> HttpResponse:
    """Show the board of the census and its exams."""
    census = present_census(request)
    rows = Exam.objects.in_sight(request.user, "exam.view").filter(census=census)  # type: ignore[arg-type]
    context = {
        "exams": rows.select_related("office").order_by("office__path", "role", "-pk"),
        "board": boards.board(request.user, census_id=census.pk),
        "roles": dict(ROLES),
        "tones": TONES,
        "may_make": "exam.manage" in actions_of(request),
        "now": timezone.now(),
    }
    return render(request, "exams/list.html", context)


@office_page("exam.manage")
def exam_new(request: HttpRequest) -> HttpResponse:
    """Show an empty draft with what the census asks for, and keep it."""
    census = present_census(request)
    paths = [path for path, only in request.user.reach("exam.manage") if only in (None, census.pk)]  # type: ignore[union-attr]
    offices = Office.objects.filter(path__in=paths).order_by("path")
    start = make.defaults(census, now=timezone.now())
    first = offices.first()
    form = NewExamForm(
        request.POST or None,
        census=census,
        offices=offices,
        initial=_cells(start) | {"office": first, "title": _("Exam before fieldwork")},
    )
    if request.method == "POST" and form.is_valid():
        values = form.content()
        where, role = form.cleaned_data["office"], form.cleaned_data["role"]
        exam = make.create_exam(
            actor=request.user, census=census, office=where, role=role, **values
        )
        messages.success(request, _("The draft is kept."))
        return redirect("exam_page", exam.pk)
    role = form.data.get("role") if form.is_bound else ROLES[0][0]
    table = _table(_typed(form) or DEFAULT_BLUEPRINT, role or ROLES[0][0], census.kind, form)
    return render(request, "exams/exam.html", {"form": form, "is_new": True, **table})


@office_page("exam.view")
def exam_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an exam; a draft can be changed here by whoever may."""
    rows = Exam.objects.in_sight(request.user, "exam.view").filter(pk=pk)  # type: ignore[arg-type]
    exam = rows.select_related("census", "office", "made_by").first()
    if exam is None:
        raise Http404
    may_manage = _manages(request, exam)
    form = None
    if may_manage and exam.state == ExamState.DRAFT:
        start = {name: getattr(exam, name) for name in make.FIELDS}
        form = ExamForm(request.POST or None, census=exam.census, initial=_cells(start))
    if request.method == "POST":
        need(request, "exam.manage")
        if form is None:
            raise Refused("exam_published", _("A published exam can no longer be changed."))
        if form.is_valid():
            make.change_exam(exam, actor=request.user, **form.content())
            messages.success(request, _("The draft is kept."))
            return redirect("exam_page", exam.pk)
    blueprint = _typed(form) or Blueprint.from_json(exam.blueprint)
    context = {
        "exam": exam,
        "form": form,
        "may_manage": may_manage,
        "tone": TONES[ExamState(exam.state)],
        "role": dict(ROLES)[exam.role],
        "problem": make.first_problem(exam) if exam.state == ExamState.DRAFT else None,
        **_table(blueprint, exam.role, exam.census.kind, form),
    }
    return render(request, "exams/exam.html", context)


@office_page("exam.manage")
@require_POST
def exam_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a draft, or say on its page why that cannot be."""
    exam = reachable(Exam.objects.select_related("census"), request, "exam.manage", pk=pk)
    try:
        make.publish_exam(exam, actor=request.user)
        messages.success(request, _("The exam is published."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("exam_page", pk)


@office_page("exam.manage")
def exam_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once more, then close a published exam."""
    exam = reachable(Exam.objects.select_related("census"), request, "exam.manage", pk=pk)
    if request.method == "POST":
        make.close_exam(exam, actor=request.user)
        messages.success(request, _("The exam is closed."))
        return redirect("exam_page", pk)
    context = {
        "heading": _("Close this exam?"),
        "says": [
            exam.title,
            _("Nobody can start it any more. Whoever is sitting now may finish."),
            _("A closed exam cannot be opened again."),
        ],
        "do": _("Close the exam"),
        "dont": _("Leave it open"),
        "back": reverse("exam_page", args=[pk]),
        "is_danger": True,
    }
    return render(request, "confirm.html", context)


@office_page("exam.view")
@require_GET
def exam_people(request: HttpRequest) -> HttpResponse:
    """Show the people behind a number of the board."""
    census = present_census(request)
    role = request.GET.get("role", "")
    show = request.GET.get("show", "due")
    role, show = role if role in dict(ROLES) else "", show if show in SHOWN else "due"
    rows = boards.people(request.user, census_id=census.pk, role=role, show=show)
    page = page_of(
        rows.select_related("person", "office"),
        ("person__name_key", "pk"),
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
        total=rows.count(),
    )
    sat = boards.tries(page.rows, census_id=census.pk)
    context = {
        "pager": page,
        "lines": [{"staff": one, "sat": sat.get(one.person_id)} for one in page.rows],
        "role": role,
        "show": show,
        "shown": SHOWN,
        "roles": dict(ROLES),
    }
    return render(request, "exams/people.html", context)


@office_page("exam.view")
@require_GET
def exam_attempts(request: HttpRequest, person: int) -> HttpResponse:
    """Show what a person within reach has sat in this census."""
    census = present_census(request)
    here = boards.people(request.user, census_id=census.pk).filter(person=person)
    staff = here.select_related("person", "office").first()
    reach = Attempt.objects.allowed(request.user, "exam.view")
    # Who is on the roll here brings along what they sat elsewhere.
    wanted = Q() if staff else Q(pk__in=reach.values("pk"))
    rows = Attempt.objects.filter(wanted, person=person, census=census).select_related(
        "exam", "void", "void__made_by", "person", "office"
    )
    found = list(rows.order_by("-number"))
    if staff is None and not found:
        raise Http404
    now = timezone.now()
    voidable = set(
        Attempt.objects.allowed(request.user, "evidence.void")
        .filter(person=person, state=AttemptState.SUBMITTED, void=None)
        .values_list("pk", flat=True)
    )
    lines = [
        {
            "attempt": one,
            "may_void": one.pk in voidable,
            "told": telling.result(one, now=now) if one.state == AttemptState.SUBMITTED else None,
        }
        for one in found
    ]
    context = {
        "person": staff.person if staff else found[0].person,
        "staff": staff,
        "roles": dict(ROLES),
        "lines": lines,
    }
    return render(request, "exams/attempts.html", context)


@office_page("evidence.void")
def attempt_void(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason, then void an attempt."""
    rows = Attempt.objects.select_related("person", "exam")
    attempt = reachable(rows, request, "evidence.void", pk=pk)
    form = VoidForm(request.POST or None)
    back = reverse("exam_attempts", args=[attempt.person_id])
    if request.method == "POST" and form.is_valid():
        void_attempt(attempt, actor=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("The attempt is voided."))
        return redirect(back)
    context = {
        "heading": _("Void this attempt?"),
        "says": [
            _("%(name)s, attempt %(number)s, %(score)s points")
            % {"name": attempt.person.name, "number": attempt.number, "score": attempt.score},
            _("It will count neither as passed nor as sat, and the attempt is given back."),
        ],
        "form": form,
        "do": _("Void the attempt"),
        "dont": _("Keep it"),
        "back": back,
        "is_danger": True,
    }
    return render(request, "confirm.html", context)


def _manages(request: HttpRequest, exam: Exam) -> bool:
    rows = Exam.objects.allowed(request.user, "exam.manage")
    return bool(rows.filter(pk=exam.pk).exists())


def _typed(form: ExamForm | None) -> Blueprint | None:
    """Return the blueprint of a form that was sent back, so that nothing typed is lost."""
    if form is None or not form.is_bound:
        return None
    return Blueprint.from_json(blueprint_table.lines_from(getattr(form, "cleaned_data", {})))


def _cells(values: dict[str, Any]) -> dict[str, Any]:
    cells: dict[str, Any] = {name: value for name, value in values.items() if name != "blueprint"}
    for line in Blueprint.from_json(values["blueprint"]).lines:
        key = f"{line.category}_{line.kind or blueprint_table.ANY}"
        cells |= {f"count_{key}": line.count, f"points_{key}": line.points}
    return cells


def _table(
    blueprint: Blueprint, role: str, census_kind: str, form: ExamForm | None
) -> dict[str, Any]:
    groups = blueprint_table.groups(
        blueprint, questions.in_use(), role=role, census_kind=census_kind
    )
    shown = [
        {
            "group": group,
            "rows": [
                {
                    "row": row,
                    "count": form[f"count_{row.key}"] if form else None,
                    "points": form[f"points_{row.key}"] if form else None,
                }
                for row in group.rows
            ],
        }
        for group in groups
    ]
    return {
        "groups": shown,
        "weights": blueprint_table.weights(groups),
        "asked": blueprint.questions,
        "worth": blueprint.points,
    }
