"""Two clocks, two workers, every message twice: what is due is done once."""

import uuid
from collections import Counter

import pytest

from census_staff.audit.models import Entry
from census_staff.audit.sealer import broken_at, seal
from census_staff.batches.models import Batch
from census_staff.batches.tasks import poll, wake
from census_staff.correspondence.models import Notice
from recruitment.models import AccessOrder, Staff
from tests.faults.duties import due_run, hands, is_done, quick_clock
from tests.processes import wait_until
from tests.standing import World

PEOPLE = 240


@pytest.mark.django_db(transaction=True)
def test_two_clocks_and_a_message_delivered_twice_make_one_run_and_one_report() -> None:
    batch = due_run(World(), PEOPLE)
    name = str(uuid.uuid4())

    with hands("first") as first, hands("second") as second:
        # The very same message twice, so that the second comes while the first is under way,
        # and once more after the end; the clocks send theirs in between.
        for _again in range(2):
            wake.apply_async([batch.pk], task_id=name)
        with quick_clock("beat"), quick_clock("other-beat"):
            wait_until(lambda: is_done(batch), log=first.log)
            wake.apply_async([batch.pk], task_id=name)
            poll.delay()
            again = f"wake[{name}] succeeded".encode()
            logs = [first.log, second.log]
            wait_until(lambda: sum(log.read_bytes().count(again) for log in logs) == 3)
        for log in logs:
            assert f"wake[{name}] received".encode() in log.read_bytes(), "One did all."

    batch.refresh_from_db()
    assert Batch.objects.count() == 1
    assert batch.report["totals"] == {"done": PEOPLE} and "tries" not in batch.report
    assert batch.items.filter(state="done").count() == PEOPLE
    assert AccessOrder.objects.count() == AccessOrder.objects.values("staff").distinct().count()
    assert AccessOrder.objects.count() == Staff.objects.filter(access="disabled").count() == PEOPLE
    disabled = Entry.objects.filter(event="access", new="disabled")
    assert disabled.count() == disabled.values("subject_id").distinct().count() == PEOPLE
    moves = Entry.objects.filter(subject="batches_batch", subject_id=batch.pk, event="state")
    assert Counter(moves.values_list("new", flat=True))["running"] == 1
    assert Counter(moves.values_list("new", flat=True))["done"] == 1
    assert Notice.objects.filter(kind="run_disabled").count() == PEOPLE
    told = Counter(Notice.objects.filter(kind="run_done").values_list("user", flat=True))
    assert set(told.values()) <= {1}
    # Two clocks had the record sealed as well; its chain is one.
    seal()
    assert broken_at() is None
