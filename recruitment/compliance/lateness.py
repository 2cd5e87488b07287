"""Evidence that came after the deadline spares its person and is reported as late."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q

from census_staff.batches.models import Batch
from exams.models import Attempt
from exams.states import AttemptState, Mode
from training.models import Completion

from ..models import Pledge, Staff
from .questions import standards_of


def _mine() -> Q:
    return Q(person=OuterRef("person"), census=OuterRef("census"), role=OuterRef("role"), void=None)


def _sat(by: datetime) -> Exists:
    rows = Attempt.objects.filter(_mine(), mode=Mode.ONLINE, state=AttemptState.SUBMITTED)
    return Exists(rows.filter(answered__gt=0, submitted_at__lte=by))


def _passed(by: datetime) -> Exists:
    return Exists(Attempt.objects.filter(_mine(), passed=True, submitted_at__lte=by))


def _trained(by: datetime) -> Exists:
    return Exists(Completion.objects.filter(_mine(), completed_at__lte=by))


def _pledged(by: datetime) -> Exists:
    return Exists(Pledge.objects.filter(_mine(), signed_at__lte=by))


# The same evidence as recruitment/standards.py, as it stood at a moment.
STOOD: dict[str, Callable[[datetime], Exists]] = {
    "sat_online": _sat,
    "passed": _passed,
    "trained": _trained,
    "pledged": _pledged,
}


def came_late(keys: Iterable[int], batch: Batch) -> set[int]:
    """Return those among `keys` (who meet the standards now) who did not at the deadline."""
    keys = list(keys)
    if not keys:
        return set()
    in_time = Q(pk=F("pk"))
    for code in standards_of(batch):
        in_time &= Q(STOOD[code](batch.census.deadline_at))
    rows = Staff.objects.filter(pk__in=keys).exclude(in_time)
    return set(rows.order_by().values_list("pk", flat=True))
