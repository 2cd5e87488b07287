"""The one runner of everything in bulk: a chunk and the marks on its items commit together, so a
run that dies is resumed by running it again, and a run fired twice runs once."""

import json
import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from census_staff.audit.acting import declare
from census_staff.lib import cycles
from census_staff.lib.errors import Refused

from . import tries
from .kinds import Kind, Result, kind_of
from .lifecycle import BATCH
from .models import Batch, BatchItem
from .pace import Pace
from .states import BatchState, ItemState

log = logging.getLogger(__name__)

WAITING = {BatchState.RUNNING: ItemState.PENDING, BatchState.UNDOING: ItemState.DONE}


def run(batch_id: int) -> Batch:
    """Carry the batch as far as it goes now and return it. Safe to call at any time, twice too."""
    batch = Batch.objects.get(pk=batch_id)
    if batch.state == BatchState.APPROVED:
        batch = _begin(batch_id)
    pace = Pace()
    while batch.state in WAITING:
        with pace.chunk():
            batch, moved = _next_chunk(batch_id)
        if not moved:
            break
        pace.rest(kind_of(batch), moved)
    return batch


def _next_chunk(batch_id: int) -> tuple[Batch, int]:
    """Do a chunk, smaller after tries in vain; stop what keeps failing and what finds no room."""
    with tries.one_runner(batch_id):
        before = tries.count(batch_id)
        try:
            if before >= 0:
                return _chunk(batch_id, before)
        except Exception as error:
            if not tries.stop_without_room(batch_id, error):
                raise
            log.error("Batch %s found no room on the disk and was stopped.", batch_id)
        return Batch.objects.get(pk=batch_id), 0


def _locked(batch_id: int) -> Batch:
    return Batch.objects.select_for_update(no_key=True).get(pk=batch_id)


def _begin(batch_id: int) -> Batch:
    with transaction.atomic():
        batch, at = _locked(batch_id), timezone.now()
        if batch.state != BatchState.APPROVED or (batch.due_at and batch.due_at > at):
            return batch
        kind = kind_of(batch)
        actor = kind.actor(batch)
        try:
            with transaction.atomic():
                kind.begin(batch, at)
        except Refused as refused:
            Batch.objects.filter(pk=batch.pk).update(
                stop_code=refused.code, report={"stopped": refused.details}
            )
            BATCH.advance_one(batch, "halt", actor=actor, reason=refused.code, batch=batch.pk)
            return batch
        BATCH.advance_one(batch, "begin", actor=actor, batch=batch.pk)
        return batch


def _chunk(batch_id: int, before: int) -> tuple[Batch, int]:
    """Do one chunk; return the batch and how many items were settled or put back for later."""
    with transaction.atomic(), cycles.none_looked_for():
        batch, at = _locked(batch_id), timezone.now()
        if batch.state not in WAITING:
            return batch, 0
        kind = kind_of(batch)
        items = _next(batch, tries.size(kind.chunk, before))
        declare(kind.actor(batch), reason=batch.kind, batch=batch.pk)
        undoing = batch.state == BatchState.UNDOING
        results = (kind.undo if undoing else kind.work)(batch, items, at) if items else []
        _mark(results, at)
        batch.report = tries.fewer(batch.report, before)
        Batch.objects.filter(pk=batch.pk).update(heartbeat_at=at, report=batch.report)
        if not _left(batch).exists():
            _finish(batch, kind, at)
        # Nothing moved: what is left was put back before; the poller comes back for it.
        fresh = {item.pk for item in items if item.done_at is None}
        return batch, sum(r.state != ItemState.PENDING or r.item in fresh for r in results)


def _left(batch: Batch) -> QuerySet[BatchItem]:
    return BatchItem.objects.filter(batch_id=batch.pk, state=WAITING[BatchState(batch.state)])


def _next(batch: Batch, size: int) -> list[BatchItem]:
    """Return the next items in order; those that were put back wait behind all others."""
    left = _left(batch)
    if batch.state == BatchState.UNDOING:
        return list(left.order_by("position")[:size])
    left = left.defer("facts", "before")  # nothing was before the work
    items = list(left.filter(done_at=None).order_by("position")[:size])
    return items or list(left.order_by("done_at", "position")[:size])


def _mark(results: Iterable[Result], at: datetime) -> None:
    """Write all marks in one statement."""
    rows = [
        {"id": r.item, "state": r.state, "reason": r.reason, "before": r.before or None}
        for r in results
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE batches_batchitem AS i SET state = v.state, reason = v.reason,"
            " before = coalesce(v.before, i.before), done_at = CAST(%s AS timestamptz)"
            " FROM json_to_recordset(%s::json) AS v (id bigint, state varchar, reason varchar,"
            " before jsonb) WHERE i.id = v.id",
            [at, json.dumps(rows)],
        )


def _finish(batch: Batch, kind: Kind, at: datetime) -> None:
    actor = kind.actor(batch)
    if batch.state == BatchState.UNDOING:
        report = {**batch.report, "undone": totals(batch)}
        Batch.objects.filter(pk=batch.pk).update(report=report)
        BATCH.advance_one(batch, "finish_undo", actor=actor, batch=batch.pk)
        return
    report = {**kind.finish(batch, at), "totals": totals(batch)}
    Batch.objects.filter(pk=batch.pk).update(report=report)
    BATCH.advance_one(batch, "finish", actor=actor, batch=batch.pk)


def totals(batch: Batch) -> dict[str, int]:
    """Return the number of items in each state: totals are counts of items, never counters."""
    rows = batch.items.values_list("state").annotate(n=Count("pk")).order_by("state")
    return dict(rows)
