"""The Celery application: the worker and the beat start from here."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "census_staff.settings")

app = Celery("census_staff")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
