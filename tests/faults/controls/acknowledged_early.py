"""Broken: the message is acknowledged before the work is done, and nobody looks for what is left."""

from tests.faults.harness.app import app

from census_staff.batches.tasks import wake  # isort: skip

app.conf.task_acks_late = app.conf.task_reject_on_worker_lost = False
wake.acks_late = wake.reject_on_worker_lost = False
__all__ = ["app"]
