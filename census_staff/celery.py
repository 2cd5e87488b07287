"""The Celery application: the worker and the beat start from here."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init, worker_process_init
from celery.utils.imports import symbol_by_name

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "census_staff.settings")

# How much less of a busy processor the workers get than the website.
PATIENCE = 5

app = Celery("census_staff")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def look_first(**_more: Any) -> None:
    """End the worker or the beat, before it does anything, where the installation is unsafe."""
    # By name, because this module is read before the applications are known.
    symbol_by_name("census_staff.readiness.start:refuse_unready")()


worker_init.connect(look_first)
beat_init.connect(look_first)


def give_way(**_more: Any) -> None:
    """Let the processes that work in bulk give way to those that people wait for."""
    os.nice(PATIENCE)


worker_process_init.connect(give_way)
