"""Courses: those that ship with the product, and those that an office writes itself."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from census_staff.audit.acting import acting
from census_staff.censuses.models import Census
from census_staff.lib.errors import Refused
from census_staff.places.models import Office

from . import content_files
from .lifecycle import COURSE
from .materials import keep_pdf
from .models import Course, Requirement, Unit
from .states import CourseState, SetKind, UnitKind

# Whoever failed the exam repeats the forms and the software, which are most of its points.
REPEATED = ("software",)


@dataclass(frozen=True, slots=True)
class Question:
    """The one question at the end of a unit, as an office writes it."""

    stem: str
    options: list[str]
    answer: int
    explanation: str

    def as_json(self) -> dict[str, Any]:
        """Return the question as a unit keeps it."""
        return {
            "stem": self.stem,
            "options": self.options,
            "answer": self.answer,
            "explanation": self.explanation,
        }


def load_courses(census: Census, *, office: Office, actor: Any) -> int:
    """Return how many shipped courses were new to the census; the others are left as they are.

    All of them are required of their roles, and some are the set that is repeated.
    """
    made = 0
    for shipped in content_files.read_courses():
        with acting(actor, reason="load_courses"):
            course = Course.objects.filter(census=census, code=shipped.slug).last()
            if course is None:
                course, made = _load(shipped, census, office, actor), made + 1
            kinds = [SetKind.REQUIRED]
            kinds += [SetKind.RETRAINING] if shipped.slug in REPEATED else []
            for role in shipped.roles:
                for kind in kinds:
                    Requirement.objects.get_or_create(
                        census=census, role=role, course=course, kind=kind
                    )
    return made


def write_course(*, census: Census, office: Office, title: str, summary: str, actor: Any) -> Course:
    """Return a new draft of the office's own."""
    with acting(actor, reason="write_course"):
        own = Course.objects.filter(census=census, office=office).count()
        return Course.objects.create(
            census=census,
            office=office,
            code=f"o{office.code}-{own + 1}",
            title=title,
            summary=summary,
            made_by_id=actor.pk,
        )


def add_page(
    course: Course, *, title: str, text: str, minutes: int, question: Question, actor: Any
) -> Unit:
    """Return a new page at the end of a draft; blank lines part its paragraphs."""
    paragraphs = [part.strip() for part in text.replace("\r\n", "\n").split("\n\n")]
    blocks = [_block(part) for part in paragraphs if part]
    if not blocks:
        raise Refused("page_empty", _("The page has no text."), field="text")
    content = {"minutes": minutes, "blocks": blocks, "check": question.as_json()}
    return _add(course, UnitKind.PAGE, title, content, "", actor)


def add_document(
    course: Course, *, title: str, data: bytes, minutes: int, question: Question, actor: Any
) -> Unit:
    """Return a new document at the end of a draft; the file is kept privately."""
    name, pages = keep_pdf(data)
    content = {"minutes": minutes, "pages": pages, "check": question.as_json()}
    return _add(course, UnitKind.PDF, title, content, name, actor)


def remove_unit(unit: Unit, *, actor: Any) -> None:
    """Take a unit out of a draft."""
    _require_draft(unit.course)
    with acting(actor, reason="remove_unit"):
        unit.delete()


def ask_of(course: Course, *, roles: list[str], actor: Any) -> None:
    """Make a course required of exactly these roles; whoever is trained already stays trained."""
    with acting(actor, reason="require_course"):
        rows = Requirement.objects.filter(course=course, kind=SetKind.REQUIRED)
        rows.exclude(role__in=roles).delete()
        for role in roles:
            Requirement.objects.get_or_create(
                census_id=course.census_id, role=role, course=course, kind=SetKind.REQUIRED
            )


def _load(shipped: content_files.Course, census: Census, office: Office, actor: Any) -> Course:
    course = Course.objects.create(
        census=census,
        office=office,
        code=shipped.slug,
        title=shipped.title,
        summary=shipped.summary,
        tags=[shipped.version],
        made_by_id=actor.pk,
    )
    Unit.objects.bulk_create(
        Unit(
            course=course,
            position=position,
            kind=unit.kind,
            title=unit.title,
            content=_content(shipped, unit),
            file=f"{shipped.slug}/{unit.path.name}" if unit.path else "",
        )
        for position, unit in enumerate(shipped.units, start=1)
    )
    COURSE.advance_one(course, "publish", actor=actor)
    return course


def _content(shipped: content_files.Course, unit: content_files.Unit) -> dict[str, Any]:
    check = unit.check
    parts: dict[str, Any] = {
        "slug": unit.slug,
        "minutes": unit.minutes,
        "check": Question(
            check.stem, list(check.options), check.answer, check.explanation
        ).as_json(),
        "blocks": [block.as_json() for block in unit.blocks],
        "pages": unit.pages,
        "seconds": unit.seconds,
        "poster": f"{shipped.slug}/{unit.poster.name}" if unit.poster else "",
        "captions": [
            {
                "language": track.language,
                "label": track.label,
                "file": f"{shipped.slug}/{track.path.name}",
            }
            for track in unit.captions
        ],
    }
    return {name: part for name, part in parts.items() if part}


def _block(paragraph: str) -> dict[str, Any]:
    lines = [line.strip() for line in paragraph.splitlines()]
    if all(line.startswith("- ") for line in lines):
        return {"kind": "list", "items": [line[2:] for line in lines]}
    if len(lines) == 1 and lines[0].startswith("## "):
        return {"kind": "heading", "text": lines[0][3:]}
    return {"kind": "paragraph", "text": "".join(lines)}


def _add(
    course: Course, kind: str, title: str, content: dict[str, Any], file: str, actor: Any
) -> Unit:
    with acting(actor, reason="add_unit"):
        # Two officers adding at once take different places.
        course = Course.objects.select_for_update(no_key=True).get(pk=course.pk)
        _require_draft(course)
        last = course.units.aggregate(last=Max("position"))["last"] or 0
        return Unit.objects.create(
            course=course, position=last + 1, kind=kind, title=title, content=content, file=file
        )


def _require_draft(course: Course) -> None:
    if course.state != CourseState.DRAFT:
        raise Refused(
            "course_published",
            _("The course is published. Write a new course instead of changing this one."),
        )
