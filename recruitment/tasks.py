"""What the clock looks for in recruitment."""

from importlib import import_module
from importlib.util import find_spec

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from census_staff.censuses.models import Census

from .activation import sweep_slips
from .compliance.asking import write_wished
from .compliance.reopening import reopen_all
from .compliance.speaking import send_wave, waiting_runs, wave_due
from .compliance.steps import sync_times
from .listing_tasks import write_list
from .roster_tasks import read_uploads
from .summary import refresh

__all__ = ["count_boards", "poll", "read_uploads", "sweep_files", "write_list"]


@shared_task
def poll() -> None:
    """Keep runs on their census's time, send the warnings that are due, let the mended back in;
    last, for it may take long, write the lists that no message told of."""
    sync_times()
    for run in waiting_runs():
        at = timezone.now()
        wave = wave_due(run, at)
        if wave is not None:
            with transaction.atomic():
                send_wave(run, wave, at)
    reopen_all()
    write_wished()


@shared_task
def count_boards() -> None:
    """Bring the summary of the boards above the city up to date."""
    for census in Census.objects.order_by("stage", "pk"):
        refresh(census)


@shared_task
def sweep_files() -> None:
    """Delete uploaded rosters and printed slips whose date has come."""
    sweep_slips(timezone.localdate())
    if find_spec("recruitment.files"):
        import_module("recruitment.files").sweep()
