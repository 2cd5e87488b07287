"""The Celery application in which one row and one file eat all memory, wherever they are met.

The row and the file are named in the environment; whoever is given them grows until they are killed.
"""

import os
import time
from datetime import datetime, timedelta
from typing import Any

import django

django.setup()

from census_staff.batches import tries  # noqa: E402
from census_staff.batches.kinds import Result  # noqa: E402
from census_staff.batches.models import Batch, BatchItem  # noqa: E402
from recruitment import roster  # noqa: E402
from recruitment.models import RosterFile  # noqa: E402
from recruitment.roster_commit import RosterKind  # noqa: E402
from tests.faults.quick_clock import app  # noqa: E402

ROW, FILE = int(os.environ["HUNGRY_ROW"]), os.environ["HUNGRY_FILE"]
MEAL = 400 * 2**20
# In an installation more, and a minute: Celery takes seconds to see that a hand is dead.
tries.TRIES, tries.STUBBORN = 2, timedelta(0)
work, read = RosterKind.work, roster._read


def eat() -> None:
    """Grow, and be found by whoever kills what is large."""
    eaten = bytearray(b"x" * MEAL)
    time.sleep(60)
    del eaten


def hungry_work(
    kind: RosterKind, batch: Batch, items: list[BatchItem], at: datetime
) -> list[Result]:
    if any(item.target_id == ROW for item in items):
        eat()
    return work(kind, batch, items, at)


def hungry_read(file: RosterFile) -> dict[str, Any]:
    if file.name == FILE:
        eat()
    return read(file)


RosterKind.work = hungry_work  # type: ignore[method-assign]
roster._read = hungry_read

__all__ = ["app"]
