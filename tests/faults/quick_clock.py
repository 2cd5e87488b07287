"""The Celery application with a clock that looks every second, so that a test need not wait long."""

from django.conf import settings

from tests.faults.small_chunks import app

EVERY = 1.0
app.conf.beat_schedule = {
    name: {**entry, "schedule": EVERY}
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items()
    if settings.POLLS[name] <= 60
}

__all__ = ["app"]
