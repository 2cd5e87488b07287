from importlib import import_module

from django.apps import AppConfig


class Config(AppConfig):
    name = "census_staff.batches"
    label = "batches"

    def ready(self) -> None:
        """Load the Celery application, by name: whoever rings (web, commands) must know the broker."""
        import_module("census_staff.celery")
