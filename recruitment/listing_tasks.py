"""The worker's part of runs before they begin: the list that somebody asked for."""

from celery import shared_task

from .compliance import asking


@shared_task(name="recruitment.tasks.write_list")
def write_list(batch_id: int) -> None:
    """Write or freeze the list of this run now, instead of at the next look of the clock."""
    asking.carry_out(batch_id)
