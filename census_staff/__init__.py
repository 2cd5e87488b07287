# The web process sends messages too: it must know the broker before its first view.
from .celery import app as celery_app

__all__ = ["celery_app"]
