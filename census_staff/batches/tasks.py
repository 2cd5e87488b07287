import logging
from datetime import timedelta

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from .models import Batch
from .runner import run

log = logging.getLogger(__name__)

# A runner that has not been heard of for so long is dead; another one goes on.
SILENCE = timedelta(seconds=20)


@shared_task
def poll() -> None:
    """Carry on every batch that is due and that nobody is carrying on."""
    at = timezone.now()
    quiet = Q(heartbeat_at=None) | Q(heartbeat_at__lt=at - SILENCE)
    for pk in Batch.objects.due(at).filter(quiet).order_by("pk").values_list("pk", flat=True):
        try:
            run(pk)
        except Exception:
            # One that fails must not keep the others waiting; its tries are counted.
            log.exception("Batch %s could not be carried on.", pk)


@shared_task
def wake(batch_id: int) -> None:
    """Carry one batch on now, instead of at the next look of the clock."""
    run(batch_id)
