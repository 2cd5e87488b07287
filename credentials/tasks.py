from celery import shared_task
from django.utils import timezone

from . import printing, telling, verification


@shared_task
def sweep_files() -> None:
    """Delete printed files whose date has come, and look-ups that no longer count."""
    at = timezone.now()
    printing.sweep(at)
    verification.sweep_lookups(at)


@shared_task
def poll() -> None:
    """Ask for their cards those who left since the last look."""
    telling.tell_recalls()
