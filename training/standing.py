"""Where somebody stands in their training: the courses they are given, unit by unit."""

from dataclasses import dataclass, field

from .models import Completion, Course, Requirement, Retraining, Unit, UnitProgress
from .states import SetKind


@dataclass(frozen=True, slots=True)
class Learner:
    """A person who studies for a role of a census, and the path of the office they belong to."""

    person_id: int
    census_id: int
    role: str
    office_path: str


@dataclass(frozen=True, slots=True)
class UnitStanding:
    """One unit and how far the learner is in it."""

    unit: Unit
    progress: UnitProgress | None

    @property
    def is_done(self) -> bool:
        """Return whether the unit is complete."""
        return self.progress is not None and self.progress.completed_at is not None

    @property
    def is_begun(self) -> bool:
        """Return whether something of it was studied."""
        return self.progress is not None


@dataclass(frozen=True, slots=True)
class CourseStanding:
    """One course with its units; `kind` is why it is given, or empty for those free to take."""

    course: Course
    kind: str
    units: list[UnitStanding]

    @property
    def done(self) -> int:
        """Return how many units are complete."""
        return sum(unit.is_done for unit in self.units)

    @property
    def total(self) -> int:
        """Return how many units there are."""
        return len(self.units)

    @property
    def is_done(self) -> bool:
        """Return whether every unit is complete."""
        return self.done == self.total

    @property
    def minutes(self) -> int:
        """Return how long the whole course takes."""
        return sum(one.unit.content.get("minutes", 0) for one in self.units)

    def next_unit(self) -> Unit | None:
        """Return the first unit that is not complete."""
        return next((one.unit for one in self.units if not one.is_done), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """The whole of it: trained or not, which round of study this is, and every course."""

    is_trained: bool
    round: int
    retrained: int
    courses: list[CourseStanding] = field(default_factory=list)

    @property
    def active(self) -> list[CourseStanding]:
        """Return the set that counts now: the required one, or once trained the one repeated."""
        kind = SetKind.RETRAINING if self.is_trained else SetKind.REQUIRED
        return [course for course in self.courses if course.kind == kind]

    @property
    def is_complete(self) -> bool:
        """Return whether every unit of the active set is complete."""
        return bool(self.active) and all(course.is_done for course in self.active)


def rounds_of(learner: Learner) -> tuple[bool, int, int]:
    """Return whether the learner is trained, the round of study, and the retrainings completed.

    Every completed set begins a new round, so that the next one is studied from nothing.
    """
    key = {"person": learner.person_id, "census": learner.census_id, "role": learner.role}
    voids = list(Completion.objects.filter(**key).values_list("void", flat=True))
    retrained = Retraining.objects.filter(**key).count()
    return None in voids, len(voids) + retrained, retrained


def courses_for(learner: Learner) -> list[Course]:
    """Return the published courses of the learner's census and offices, required ones first."""
    rows = Course.objects.published().given_at(learner.office_path)
    found = rows.filter(census=learner.census_id).prefetch_related("units").order_by("pk")
    return list(found)


def standing_of(learner: Learner) -> Standing:
    """Return where the learner stands, in a handful of queries however many courses there are."""
    is_trained, round_, retrained = rounds_of(learner)
    kinds = _kinds(learner)
    active = SetKind.RETRAINING if is_trained else SetKind.REQUIRED
    rows = UnitProgress.objects.filter(person=learner.person_id, census=learner.census_id)
    now: dict[int, UnitProgress] = {}
    ever: dict[int, UnitProgress] = {}
    for row in rows.order_by("round"):
        if row.round == round_:
            now[row.unit_id] = row
        known_so_far = ever.get(row.unit_id)
        if row.completed_at or known_so_far is None or not known_so_far.completed_at:
            ever[row.unit_id] = row
    courses: list[CourseStanding] = []
    for course in courses_for(learner):
        given = kinds.get(course.pk, set())
        kind = active if active in given else next(iter(sorted(given)), "")
        known = now if kind == active else ever
        units = [UnitStanding(unit, known.get(unit.pk)) for unit in course.units.all()]
        courses.append(CourseStanding(course, kind, units))
    courses.sort(key=lambda one: (one.kind != active, not one.kind))
    return Standing(is_trained, round_, retrained, courses)


def unit_for(learner: Learner, pk: int) -> Unit | None:
    """Return the unit if the learner is given its course."""
    rows = Unit.objects.select_related("course").filter(pk=pk, course__census=learner.census_id)
    return rows.filter(course__in=Course.objects.published().given_at(learner.office_path)).first()


def progress_of(learner: Learner, unit: Unit) -> UnitProgress | None:
    """Return how far the learner is in the unit: now if its course is asked for, else at best."""
    is_trained, round_, _retrained = rounds_of(learner)
    rows = UnitProgress.objects.filter(person=learner.person_id, census=learner.census_id)
    rows = rows.filter(unit=unit).order_by("round")
    active = SetKind.RETRAINING if is_trained else SetKind.REQUIRED
    if active in _kinds(learner).get(unit.course_id, set()):
        return rows.filter(round=round_).first()
    return rows.exclude(completed_at=None).last() or rows.last()


def _kinds(learner: Learner) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    rows = Requirement.objects.filter(census=learner.census_id, role=learner.role)
    for course, kind in rows.values_list("course", "kind"):
        found.setdefault(course, set()).add(kind)
    return found
