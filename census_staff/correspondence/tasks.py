from celery import shared_task

from .services import deliver


@shared_task
def poll() -> None:
    """Deliver the notices whose time has come."""
    while deliver() == 5000:
        pass
