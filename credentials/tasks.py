from celery import shared_task
from django.utils import timezone

from . import printing, verification


@shared_task
def sweep_files() -> None:
    """Delete printed files whose date has come, and look-ups that no longer count."""
    at = timezone.now()
    printing.sweep(at)
    verification.sweep_lookups(at)
