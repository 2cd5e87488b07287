"""The product's Celery application, its clocks faster and its chunks small while the storm lasts.

What is done, under which locks and in which transaction is the product's own. Kills need a
transaction to land in, and thousands of them need batches that do not end between two.
"""

import os
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from celery.signals import worker_process_init  # noqa: E402
from django.conf import settings  # noqa: E402

from census_staff.batches import tasks  # noqa: E402
from census_staff.batches.kinds import Result  # noqa: E402
from census_staff.batches.models import Batch, BatchItem  # noqa: E402
from census_staff.celery import app  # noqa: E402
from credentials.batches import NumberKind, PrintKind  # noqa: E402
from recruitment.compliance.kind import DisableKind  # noqa: E402
from recruitment.roster_commit import RosterKind  # noqa: E402

# Items of a chunk while things are killed. In calm the product's own number holds.
SMALL: dict[Any, int] = {DisableKind: 5, RosterKind: 5, NumberKind: 4, PrintKind: 4}
LONGEST_PAUSE = 0.04
CALM = Path(settings.STATE_DIR, "calm")

tasks.SILENCE = timedelta(seconds=0.4)
app.conf.beat_schedule = {
    name: {"task": name, "schedule": seconds, "options": {"expires": 5}}
    for name, seconds in {
        "census_staff.batches.tasks.poll": 0.3,
        "census_staff.audit.tasks.seal": 1.0,
        "exams.tasks.poll": 1.0,
    }.items()
}


def small(kind: Any) -> None:
    """Let chunks of this kind be small and last a moment longer, until it is calm."""
    own, work = kind.chunk, kind.work

    def paused(self: Any, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
        before, after = (random.uniform(0, LONGEST_PAUSE) for _ in range(2))
        pause(before)
        results: list[Result] = work(self, batch, items, at)
        pause(after)
        return results

    kind.chunk = property(lambda self: own if CALM.exists() else SMALL[kind])
    kind.work = paused


def pause(seconds: float) -> None:
    """Wait inside the transaction, unless it is calm."""
    if not CALM.exists():
        time.sleep(seconds)


for one in SMALL:
    small(one)


@worker_process_init.connect
def say_who_we_are(**_more: Any) -> None:
    """Tell the database which process stands behind a connection, so that it can be aimed at."""
    options = settings.DATABASES["default"]["OPTIONS"]
    options["application_name"] = f"hand {os.getpid()}"


Patch = Callable[..., Any]
__all__ = ["Patch", "app"]
