"""The last look before the first account is touched: stop rather than do harm."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.batches.models import Batch
from census_staff.lib.errors import Refused

from .listing import list_hash
from .questions import accounts, by_office, counties, fold, hit, listed

# How far a county's share may move between the freeze and the execution, in points.
MOST_POINTS = 2.0


def look_once_more(batch: Batch, at: datetime) -> None:
    """Refuse to begin: another list, a county over its cap, or a county that moved."""
    if batch.census.execute_at > at:
        raise Refused("too_early", _("The census sets a later time for this run."))
    if list_hash(batch) != batch.frozen_sha256:
        raise Refused("list_changed", _("The list is no longer the one that was approved."))
    rows = figures(batch, at)
    over = [row for row in rows if row["percent"] > batch.census.run_cap_percent]
    if over:
        raise Refused(
            "over_cap",
            _("A county exceeds its cap. Nobody was disabled."),
            details={"counties": over, "cap": batch.census.run_cap_percent},
        )
    moved = [row for row in rows if abs(row["now"] - row["was"]) > MOST_POINTS]
    if moved:
        raise Refused(
            "moved",
            _("A county moved more than 2 points since the list was frozen. Nobody was disabled."),
            details={"counties": moved, "points": MOST_POINTS},
        )


def figures(batch: Batch, at: datetime) -> list[dict[str, Any]]:
    """Return for each county what the run would do now, and its share at the freeze and now.

    Whoever is on the list and has mended it since counts in the share as before: that is what the
    notices are for, and no reason to stop. Whoever came after the freeze is only reported. What
    is left to move a share is evidence lost, accounts shut or moved by hand, a rule gone wrong.
    """
    on, above = timezone.localdate(at), counties(batch.office.path)
    then = batch.params.get("freeze", {})
    rows = accounts(batch)
    settled = rows.filter(activated_at__lte=batch.frozen_at)

    def count(these: Any) -> dict[int, int]:
        return fold(by_office(these), above)

    opened, opened_then = count(rows), count(settled)
    due_now, listed_open = count(hit(settled, batch, on)), count(listed(rows, batch))
    listed_due = count(hit(listed(rows, batch), batch, on))
    found = []
    for pk in sorted(set(opened) | {int(key) for key in then.get("open", {})}):
        was_open = then.get("open", {}).get(str(pk), 0)
        was_listed = then.get("listed", {}).get(str(pk), 0)
        mended = listed_open.get(pk, 0) - listed_due.get(pk, 0)
        found.append(
            {
                "county": pk,
                "open": opened.get(pk, 0),
                "due": listed_due.get(pk, 0),
                "percent": _percent(listed_due.get(pk, 0), opened.get(pk, 0)),
                "was": _percent(was_listed, was_open),
                "now": _percent(due_now.get(pk, 0) + mended, opened_then.get(pk, 0)),
            }
        )
    return found


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0
