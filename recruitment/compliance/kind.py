"""The run itself, as a kind of batch: lock first, ask again, then disable in sets."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.utils import timezone

from census_staff.accounts.scope import System
from census_staff.batches.kinds import Result
from census_staff.batches.models import Batch, BatchItem
from census_staff.batches.states import ItemState
from census_staff.batches.words import reason_word
from census_staff.people.models import Person
from exams.facts import sitting

from ..access_orders import order_disable
from ..models import Staff
from ..run_words import SPARED, STOPPED, UNMET
from ..states import OPEN, Access, Service
from .checks import look_once_more
from .lateness import came_late
from .questions import Owed, office_user, standards_of
from .report import final_report
from .speaking import tell_disabled
from .undoing import put_back

RUN = System("run")


class DisableKind:
    """Disable whoever is on the frozen list and still does not meet the standards."""

    # Small, because somebody may wait for a chunk; a fifth to a third of the time is the doors'.
    chunk = 400
    rests = (0.25, 0.5)
    view_action = "run.view"
    start_action = "run.prepare"
    approve_action = "run.approve"
    can_undo = True
    # The second person types the number of people there.
    own_page = True

    def word(self, code: str) -> str:
        """Return why somebody was disabled or spared, or why the run stands still."""
        known = UNMET.get(code) or SPARED.get(code) or STOPPED.get(code)
        return str(known or reason_word(code))

    def actor(self, batch: Batch) -> Any:
        """Return the clock: two people agreed, the batch names them."""
        return RUN

    def begin(self, batch: Batch, at: datetime) -> None:
        """Refuse if the list, a cap or a county's share is not what was agreed."""
        look_once_more(batch, at)

    def work(self, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
        """Disable those who still owe a standard; spare or put back the others, with the reason."""
        found = locked_and_asked([item.target_id for item in items], batch, at)
        due: dict[tuple[str, ...], list[int]] = defaultdict(list)
        spared: dict[int, str] = {}
        for pk, row in found.items():
            if why := _why_spared(row):
                spared[pk] = why
            else:
                due[tuple(row["owed"])].append(pk)
        late = came_late([pk for pk, why in spared.items() if why == "met"], batch)
        moved: set[int] = set()
        for codes, keys in due.items():
            moved.update(
                order_disable(
                    keys, actor=RUN, reason="run", standards=codes, at=at, batch_id=batch.pk
                )
            )
        tell_disabled(batch, [found[pk] for pk in moved], at)
        return [_result(item, found, moved, spared, late) for item in items]

    def finish(self, batch: Batch, at: datetime) -> dict[str, Any]:
        """Return the figures by county, who was late, and who came or fell after the freeze."""
        return final_report(batch, at)

    def undo(self, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
        """Open again what this run shut and nobody has touched since."""
        return put_back(batch, items, at, actor=RUN)


def locked_and_asked(keys: list[int], batch: Batch, at: datetime) -> dict[int, dict[str, Any]]:
    """Lock these people, then their records, in key order; ask in a new statement and return it."""
    rows = Staff.objects.filter(pk__in=keys)
    people = list(rows.order_by().values_list("person_id", flat=True))
    Person.objects.filter(pk__in=people).lock()
    # The records too: what is written as the before-image must still be so when we write.
    list(rows.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))
    codes, on = standards_of(batch), timezone.localdate(at)
    asked = rows.with_unmet(*codes).annotate(
        owed=Owed(codes, on),
        is_sitting=sitting(person="person", census="census"),
        is_office_user=office_user(),
    )
    columns = ("pk", "person_id", "office_id", "census_id", "service", "access", "moves")
    answers = asked.order_by().values(*columns, "unmet", "owed", "is_sitting", "is_office_user")
    return {row["pk"]: row for row in answers}


def _why_spared(row: dict[str, Any]) -> str:
    """Return the code why this person is not disabled now, or nothing."""
    if row["service"] in (Service.LEFT, Service.REFUSED):
        return "left"
    if row["access"] not in OPEN:
        return "shut_already" if row["access"] == Access.DISABLED else "not_open"
    if row["is_office_user"]:
        return "office_user"
    if not row["owed"]:
        return "exempt" if row["unmet"] else "met"
    return "sitting" if row["is_sitting"] else ""


def _result(
    item: BatchItem,
    found: dict[int, dict[str, Any]],
    moved: set[int],
    spared: dict[int, str],
    late: set[int],
) -> Result:
    pk = item.target_id
    if pk in moved:
        row = found[pk]
        return Result(
            item.pk,
            ItemState.DONE,
            row["owed"][0],
            {"access": row["access"], "moves": row["moves"]},
        )
    why = spared.get(pk, "gone")
    if why == "sitting":
        # Stays pending and goes to the end of the queue until the attempt closes.
        return Result(item.pk, ItemState.PENDING, why)
    return Result(item.pk, ItemState.SPARED, "met_late" if pk in late else why)
