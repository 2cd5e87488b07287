"""Broken: the audit row is written after the commit of what it tells."""

import time
from datetime import datetime
from functools import partial

from tests.faults.controls import scene
from tests.faults.harness.app import app

from django.db import transaction  # isort: skip

from census_staff.audit.models import Entry
from census_staff.batches.kinds import Result
from census_staff.batches.models import Batch, BatchItem
from census_staff.batches.states import ItemState
from recruitment.compliance.kind import DisableKind

SLOW = 1.0
inside = DisableKind.work


def work(kind: DisableKind, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
    """Disable, and tell the audit when that is committed (its own trigger is switched off)."""
    results = inside(kind, batch, items, at)
    done = {result.item for result in results if result.state == ItemState.DONE}
    keys = [item.target_id for item in items if item.pk in done]
    transaction.on_commit(partial(tell, keys, batch.pk))
    return results


def tell(keys: list[int], batch: int) -> None:
    """Write the entries in a transaction of their own."""
    if not scene.moment("committed").exists():
        scene.say("committed")
        time.sleep(SLOW)
    Entry.objects.bulk_create(
        Entry(actor="system:run", subject="recruitment_staff", subject_id=key, event="access",
              old="enabled", new="disabled", reason="run", batch_id=batch)
        for key in keys
    )  # fmt: skip


DisableKind.work = work  # type: ignore[method-assign]
__all__ = ["app"]
