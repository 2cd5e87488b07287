"""What web, worker and beat do first: look, and refuse to start where something is unsafe."""

import logging
import sys
import time

from django.core.checks import ERROR, CheckMessage
from django.db import OperationalError, connections

from .database import check_database
from .keys import check_keys, check_second_step

log = logging.getLogger(__name__)
# A database that is just being restarted is waited for.
PATIENCE = 30.0


def refuse_unready() -> None:
    """Return where all is well; end the process with a sentence for each thing that is not."""
    found = [*check_keys(), *check_second_step()]
    try:
        found += [] if _grave(found) else _once_it_answers()
    finally:
        # Children that the process forks must not share this connection.
        connections.close_all()
    for each in found:
        if each.level < ERROR:
            log.warning("%s %s", each.msg, each.hint or "")
    if grave := _grave(found):
        lines = [f"  {each.msg} {each.hint or ''}".rstrip() for each in grave]
        sys.exit("\n".join(["Census Staff does not start:", *lines]))


def _grave(found: list[CheckMessage]) -> list[CheckMessage]:
    return [each for each in found if each.level >= ERROR]


def _once_it_answers() -> list[CheckMessage]:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return check_database(databases=["default"])
        except OperationalError as error:
            if time.monotonic() > until:
                kind = type(error.__cause__ or error).__name__
                sys.exit(f"Census Staff does not start:\n  The database does not answer ({kind}).")
            connections.close_all()
            time.sleep(0.5)
