"""What a phone is told about a unit: never the answer of its question before it was given."""

from typing import Any

from django.utils import timezone

from .models import Unit, UnitProgress
from .playback import seconds, union
from .standing import CourseStanding, Standing
from .states import UnitKind


def studied(unit: Unit, progress: UnitProgress | None) -> int:
    """Return how many hundredths of the unit's material were studied."""
    if progress is None:
        return 0
    if progress.reached_end_at:
        return 100
    if unit.kind == UnitKind.FILM:
        played = union((start, end) for start, end in progress.evidence.get("played", []))
        return min(99, int(100 * seconds(played) / unit.content["seconds"]))
    if unit.kind == UnitKind.PDF:
        return 100 * len(progress.evidence.get("pages", [])) // int(unit.content["pages"])
    return 0


def progress_told(unit: Unit, progress: UnitProgress | None) -> dict[str, Any]:
    """Return how far a unit is, for the page and for programs."""
    evidence = progress.evidence if progress else {}
    return {
        "unit": unit.pk,
        "studied_percent": studied(unit, progress),
        "pages": evidence.get("pages", []),
        "played": evidence.get("played", []),
        "reached_end": bool(progress and progress.reached_end_at),
        "answered": bool(progress and progress.answered_at),
        "complete": bool(progress and progress.completed_at),
        "saved_at": f"{timezone.localtime(progress.updated_at):%H:%M}" if progress else "",
    }


def unit_told(unit: Unit, progress: UnitProgress | None) -> dict[str, Any]:
    """Return a unit with its material, and its question without the answer."""
    content = unit.content
    check = content["check"]
    return {
        "id": unit.pk,
        "kind": unit.kind,
        "title": unit.title,
        "minutes": content.get("minutes", 0),
        "blocks": content.get("blocks", []),
        "page_count": content.get("pages", 0),
        "seconds": content.get("seconds", 0),
        "question": {"stem": check["stem"], "options": check["options"]},
        "progress": progress_told(unit, progress),
    }


def course_told(standing: CourseStanding) -> dict[str, Any]:
    """Return a course and the state of each of its units."""
    course = standing.course
    return {
        "id": course.pk,
        "code": course.code,
        "version": course.version,
        "title": course.title,
        "summary": course.summary,
        "kind": standing.kind,
        "minutes": standing.minutes,
        "done": standing.done,
        "total": standing.total,
        "units": [
            {
                "id": one.unit.pk,
                "kind": one.unit.kind,
                "title": one.unit.title,
                "complete": one.is_done,
            }
            for one in standing.units
        ],
    }


def standing_told(standing: Standing) -> dict[str, Any]:
    """Return the whole training of a person."""
    return {
        "trained": standing.is_trained,
        "retrained": standing.retrained,
        "courses": [course_told(course) for course in standing.courses],
    }
