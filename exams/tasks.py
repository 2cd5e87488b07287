from celery import shared_task

from .services.grade import close_overdue


@shared_task
def poll() -> None:
    """Hand in the attempts whose time and grace are over."""
    close_overdue()
