"""Chunks that fail, or that end the worker that carries them: counted, made smaller, given up.

A try is counted before it is made, and the count falls with the chunk's commit; so what a killed
worker leaves behind is seen by the next one.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import Error, connection, transaction
from django.utils import timezone

from census_staff.lib.room import is_out_of_room

from .kinds import kind_of
from .lifecycle import BATCH
from .models import Batch
from .states import BatchState

# So often in vain, and for so long: workers that die of something else die at different places.
TRIES = 5
STUBBORN = timedelta(minutes=1)
# The first tries are whole; each further one takes a tenth and the last a single item, so that
# what fails is found alone.
WHOLE, SHARE = 2, 10
KEEPS_FAILING, NO_ROOM = "keeps_failing", "no_room"
# Stops after which the work may simply go on.
RESUMABLE = ("by_hand", KEEPS_FAILING, NO_ROOM)
# First half of the key of the advisory locks of runners; the second is the batch.
LOCK = 4_712


@contextmanager
def one_runner(batch_id: int) -> Iterator[None]:
    """Wait until no other runner has a chunk of this batch under way, then run the block.

    Of the session, because a try is counted in one transaction and made in the next; it goes with
    the connection of whoever is killed.
    """
    key = [LOCK, batch_id % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", key)
    try:
        yield
    finally:
        # A connection that broke has let go of it already.
        with suppress(Error), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def count(batch_id: int) -> int:
    """Count one more try of the next chunk and return those before; -1 where none is to be made."""
    with transaction.atomic():
        batch = Batch.objects.select_for_update(no_key=True).get(pk=batch_id)
        tries, at = batch.report.get("tries", 0), timezone.now()
        if batch.state not in (BatchState.RUNNING, BatchState.UNDOING):
            return -1
        if batch.state == BatchState.RUNNING and tries >= TRIES and _is_stubborn(batch, at):
            _halt(batch, KEEPS_FAILING)
            return -1
        Batch.objects.filter(pk=batch.pk).update(report={**batch.report, "tries": tries + 1})
        return int(tries)


def size(chunk: int, tries: int) -> int:
    """Return how many items the next chunk takes after so many tries in vain."""
    return 1 if tries >= TRIES - 1 else max(1, chunk // int(SHARE ** max(0, tries - WHOLE + 1)))


def fewer(report: dict[str, Any], before: int) -> dict[str, Any]:
    """Return the report after a chunk that went well: the next may be one size larger."""
    rest = {key: value for key, value in report.items() if key != "tries"}
    return rest | ({"tries": before - 1} if before > 1 else {})


def stop_without_room(batch_id: int, error: Exception) -> bool:
    """Stop the batch where the disk is full, so that its page says so; False for other faults."""
    if not is_out_of_room(error):
        return False
    with transaction.atomic():
        batch = Batch.objects.select_for_update(no_key=True).get(pk=batch_id)
        # What is being undone has no other state to wait in: the clock comes back for it.
        if batch.state == BatchState.RUNNING:
            _halt(batch, NO_ROOM)
    return True


def _is_stubborn(batch: Batch, at: datetime) -> bool:
    since = batch.heartbeat_at or batch.started_at
    return since is None or at - since >= STUBBORN


def _halt(batch: Batch, code: str) -> None:
    Batch.objects.filter(pk=batch.pk).update(stop_code=code, report=fewer(batch.report, 0))
    BATCH.advance_one(batch, "halt", actor=kind_of(batch).actor(batch), reason=code, batch=batch.pk)
