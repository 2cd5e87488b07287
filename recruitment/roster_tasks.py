"""The worker's part of uploads: read what waits, mark what was asked for."""

from celery import shared_task

from . import photo_import, roster


@shared_task(name="recruitment.tasks.read_uploads")
def read_uploads() -> None:
    """Read waiting rosters and zips, and make the marked workbooks that were asked for."""
    roster.read_waiting()
    photo_import.read_waiting()
