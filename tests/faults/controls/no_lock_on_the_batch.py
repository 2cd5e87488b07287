"""Broken: a chunk begins without locking the batch, so two workers take the same items."""

import os
from collections.abc import Sequence
from contextlib import nullcontext

from tests.faults.controls import scene
from tests.faults.harness.app import app

from census_staff.batches import runner, tries  # isort: skip
from census_staff.batches.models import Batch, BatchItem

next_items = runner._next


def together(batch: Batch, size: int) -> Sequence[BatchItem]:
    """Take the next items, and begin when another has taken them as well."""
    items = next_items(batch, size)
    scene.say(f"taken-{os.getpid()}")
    scene.wait_for("taken-", 2)
    return items


def unlocked(batch_id: int) -> Batch:
    """Return the batch; only its beginning is guarded."""
    batch = Batch.objects.get(pk=batch_id)
    return locked(batch_id) if batch.state == "approved" else batch


tries.one_runner = lambda batch_id: nullcontext()  # type: ignore[assignment,misc]
locked, runner._locked = runner._locked, unlocked
runner._next = together  # type: ignore[assignment]
__all__ = ["app"]
