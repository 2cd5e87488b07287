"""The Celery application with chunks so small that a kill lands between and inside them."""

import time
from datetime import datetime

import django

django.setup()

from census_staff.batches.kinds import Result  # noqa: E402
from census_staff.batches.models import Batch, BatchItem  # noqa: E402
from census_staff.celery import app  # noqa: E402
from recruitment.compliance.kind import DisableKind  # noqa: E402

DisableKind.chunk = 20
work = DisableKind.work


def slow_work(
    kind: DisableKind, batch: Batch, items: list[BatchItem], at: datetime
) -> list[Result]:
    """Work as in life, then leave the transaction open for a while: most kills find one open."""
    results = work(kind, batch, items, at)
    time.sleep(0.04)
    return results


DisableKind.work = slow_work  # type: ignore[method-assign]

__all__ = ["app"]
