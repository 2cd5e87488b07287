"""The census that is over, on the dates on which it happened.

The trail keeps the moment of loading, as it must; the rows that offices look at tell their own days.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from census_staff.batches.models import Batch, BatchItem
from census_staff.censuses.models import Census
from credentials.models import Card, CardNumber, PrintFile, Withdrawal
from recruitment.models import AccessOrder, Staff


def put_back(census: Census) -> None:
    """Give the rows of a census that is over the days of its own year."""
    executed = census.execute_at
    made = executed - timedelta(days=3)
    end = datetime.combine(
        census.fieldwork_until, datetime.min.time(), timezone.get_current_timezone()
    )
    cards = Card.objects.filter(census=census)
    CardNumber.objects.filter(census=census).update(given_at=made)
    cards.update(made_at=made)
    cards.filter(printed_at__isnull=False).update(printed_at=made + timedelta(hours=1))
    cards.filter(handed_at__isnull=False).update(handed_at=executed + timedelta(days=6))
    spread: Any = (F("pk") % 200) * timedelta(hours=1)
    cards.filter(ended_at__isnull=False).update(ended_at=end + spread)
    Withdrawal.objects.filter(card__census=census, received_at__isnull=False).update(
        received_at=end + spread, made_at=end + spread
    )
    entered = made - timedelta(days=20)
    Staff.objects.filter(census=census).update(
        entered_at=entered, submitted_at=entered, reviewed_at=entered + timedelta(days=1)
    )
    Staff.objects.filter(census=census, activated_at__isnull=False).update(
        activated_at=entered + timedelta(days=2)
    )
    orders = AccessOrder.objects.filter(staff__census=census)
    orders.filter(batch_id__isnull=False).update(made_at=executed + timedelta(minutes=2))
    orders.filter(batch_id__isnull=True).update(made_at=end + timedelta(days=9))
    for kind, at in (("number", made), ("print", made + timedelta(minutes=50))):
        set_back(Batch.objects.filter(census=census, kind=kind), at, at, at)
    PrintFile.objects.filter(batch__census=census).update(made_at=made + timedelta(hours=1))
    runs = Batch.objects.filter(census=census, kind="disable")
    set_back(runs, executed - timedelta(days=8), executed - timedelta(days=2), executed)


def set_back(rows: QuerySet[Batch], made: datetime, agreed: datetime, began: datetime) -> None:
    """Let these batches have been made, agreed to and carried out at these times."""
    done = began + timedelta(minutes=2)
    rows.update(made_at=made, started_at=began, finished_at=done, heartbeat_at=done)
    rows.filter(frozen_at__isnull=False).update(frozen_at=made + timedelta(hours=3))
    rows.filter(approved_at__isnull=False).update(approved_at=agreed)
    BatchItem.objects.filter(batch__in=rows, done_at__isnull=False).update(done_at=done)
