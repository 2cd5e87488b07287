"""Making an exam: its blueprint, window and numbers, its publishing and its end."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.audit.acting import acting
from census_staff.censuses.models import Census
from census_staff.lib.errors import Refused
from census_staff.places.models import Office
from exams import bank, papers, questions
from exams.lifecycle import EXAM
from exams.models import Exam
from exams.states import ExamState

FIELDS = ("title", "blueprint", "minutes", "pass_mark", "attempts", "opens_at", "closes_at")


def defaults(census: Census, *, now: datetime) -> dict[str, Any]:
    """Return what a new exam of this census starts from."""
    return {
        "blueprint": papers.DEFAULT_BLUEPRINT.as_json(),
        "minutes": census.exam_minutes,
        "pass_mark": census.pass_mark,
        "attempts": census.exam_attempts,
        "opens_at": now,
        # Whoever was disabled for not sitting can still sit, so the window outlasts the deadline.
        "closes_at": census.execute_at + timedelta(days=30),
    }


def create_exam(
    *, actor: Any, census: Census, office: Office, role: str, title: str, **values: Any
) -> Exam:
    """Return a new draft; what is not given comes from the census."""
    reach = actor.reach("exam.manage")
    if not any(office.path.startswith(path) and only in (None, census.pk) for path, only in reach):
        raise Refused("not_allowed", _("Your role does not include this step."))
    content = defaults(census, now=timezone.now()) | values
    _check(content, census)
    with acting(actor, reason="create"):
        return Exam.objects.create(
            census=census,
            office=office,
            role=bank.Role(role),
            title=title,
            made_by_id=actor.pk,
            **{name: content[name] for name in FIELDS if name != "title"},
        )


def change_exam(exam: Exam, *, actor: Any, **values: Any) -> Exam:
    """Return the draft with some fields changed; a published exam stays as it is."""
    with acting(actor, reason="change"):
        row: Exam | None = (
            Exam.objects.allowed(actor, "exam.manage")
            .filter(pk=exam.pk)
            .select_for_update(of=("self",))
            .first()
        )
        if row is None:
            raise Refused("not_allowed", _("Your role does not include this step."))
        if row.state != ExamState.DRAFT:
            raise Refused("exam_published", _("A published exam can no longer be changed."))
        content = {name: values.get(name, getattr(row, name)) for name in FIELDS}
        _check(content, row.census)
        for name, value in content.items():
            setattr(row, name, value)
        row.save(update_fields=FIELDS)
        return row


def publish_exam(exam: Exam, *, actor: Any) -> Exam:
    """Return the exam, open to its people from `opens_at`; refuse what must not be sat."""
    if problem := first_problem(exam):
        raise problem
    EXAM.advance_one(exam, "publish", actor=actor)
    return exam


def close_exam(exam: Exam, *, actor: Any) -> Exam:
    """Return the exam, shut: nobody starts it any more, whoever is sitting may finish."""
    EXAM.advance_one(exam, "close", actor=actor)
    return exam


def first_problem(exam: Exam) -> Refused | None:
    """Return why the exam must not be published as it stands, or None."""
    try:
        blueprint = papers.Blueprint.from_json(exam.blueprint)
        papers.validate(
            blueprint, questions.in_use(), census_kind=exam.census.kind, roles=[exam.role]
        )
    except Refused as refused:
        return refused
    if exam.closes_at <= timezone.now():
        return Refused(
            "window_over",
            _("The window has already closed. Choose a later end."),
            field="closes_at",
        )
    rivals = Exam.objects.filter(
        census=exam.census, role=exam.role, office=exam.office, state=ExamState.PUBLISHED
    )
    if rivals.exclude(pk=exam.pk).exists():
        return Refused(
            "exam_published_already",
            _("Another exam of this office for this role is published. Close it first."),
        )
    return None


def _check(content: Mapping[str, Any], census: Census) -> None:
    papers.Blueprint.from_json(content["blueprint"])
    if content["closes_at"] <= content["opens_at"]:
        raise Refused(
            "window_backwards", _("The window must end after it begins."), field="closes_at"
        )
    if not census.pass_mark <= content["pass_mark"] <= papers.TOTAL_POINTS:
        raise Refused(
            "pass_mark",
            _("The pass mark lies between that of the census and 100."),
            field="pass_mark",
        )
    for name, most in (("minutes", 600), ("attempts", 20)):
        if not 1 <= content[name] <= most:
            raise Refused(name, _("Give a number within reason."), field=name)
