"""Broken: the run disables whom the frozen list names, without asking the evidence again."""

from datetime import datetime

from tests.faults.harness.app import app

from census_staff.batches.kinds import Result  # isort: skip
from census_staff.batches.models import Batch, BatchItem
from census_staff.batches.states import ItemState
from recruitment.access_orders import order_disable
from recruitment.compliance.kind import RUN, DisableKind
from recruitment.compliance.speaking import tell_disabled
from recruitment.models import Staff


def work(kind: DisableKind, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
    """Disable these people because the preview said so."""
    keys = [item.target_id for item in items]
    moved = order_disable(
        keys, actor=RUN, reason="run", standards=("sat_online",), at=at, batch_id=batch.pk
    )
    columns = ("pk", "person_id", "office_id", "census_id")
    tell_disabled(batch, Staff.objects.filter(pk__in=moved).values(*columns), at)
    return [
        Result(item.pk, ItemState.DONE if item.target_id in moved else ItemState.SPARED)
        for item in items
    ]


DisableKind.work = work  # type: ignore[method-assign]
__all__ = ["app"]
