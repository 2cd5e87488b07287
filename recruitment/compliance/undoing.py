"""Undoing a run: exactly what it changed, where nobody came after it."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from census_staff.batches.kinds import Result
from census_staff.batches.models import Batch, BatchItem
from census_staff.batches.states import ItemState

from ..access_orders import end_orders
from ..lifecycle import ACCESS
from ..models import AccessOrder, Staff
from ..states import Access
from .speaking import COLUMNS, tell_undone

STEPS = {Access.ENABLED: "restore_enabled", Access.REMINDED: "restore_reminded"}


def put_back(batch: Batch, items: list[BatchItem], at: datetime, *, actor: Any) -> list[Result]:
    """Open again what the run shut and nobody moved since; say which items stay as they are."""
    before = {item.target_id: item.before for item in items}
    rows = Staff.objects.filter(pk__in=list(before))
    list(rows.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))
    ours = AccessOrder.objects.filter(
        staff=OuterRef("pk"), kind="disable", ended_at=None, batch_id=batch.pk
    )
    standing = rows.filter(Exists(ours), access=Access.DISABLED).order_by()
    back: dict[str, list[int]] = defaultdict(list)
    told = {}
    for row in standing.values(*COLUMNS, "moves"):
        was = before[row["pk"]]
        # One move was ours; any more is somebody's later decision.
        if row["moves"] == was.get("moves", -1) + 1 and was.get("access") in STEPS:
            back[STEPS[was["access"]]].append(row["pk"])
            told[row["pk"]] = row
    moved: set[int] = set()
    for step, keys in back.items():
        rows = Staff.objects.filter(pk__in=keys)
        moved.update(ACCESS.advance(rows, step, actor=actor, reason="undo", batch=batch.pk))
    end_orders(moved, actor=actor, at=at, kinds=[AccessOrder.Kind.DISABLE], batch_id=batch.pk)
    tell_undone(batch, [told[pk] for pk in moved], at)
    return [
        Result(item.pk, ItemState.UNDONE, item.reason)
        if item.target_id in moved
        else Result(item.pk, ItemState.KEPT, "changed_since")
        for item in items
    ]
