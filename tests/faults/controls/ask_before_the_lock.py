"""Broken: the run reads the evidence, and locks the people only afterwards."""

from datetime import datetime
from typing import Any

from tests.faults.controls import scene
from tests.faults.harness.app import app

from django.db import transaction  # isort: skip

from census_staff.batches.models import Batch
from recruitment.compliance import kind

right = kind.locked_and_asked


class LetGo(Exception):
    """Ends a savepoint, and with it the locks taken in it."""


def asked_and_locked(keys: list[int], batch: Batch, at: datetime) -> dict[int, dict[str, Any]]:
    """Ask, let time pass, and lock then."""
    found: dict[int, dict[str, Any]] = {}
    try:
        with transaction.atomic():
            found = right(keys, batch, at)
            raise LetGo
    except LetGo:
        scene.say("asked")
    scene.wait_for("passed")
    right(keys, batch, at)
    return found


kind.locked_and_asked = asked_and_locked
__all__ = ["app"]
