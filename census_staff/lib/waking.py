"""Telling the worker that something waits: a courtesy, because the clock finds it in any case."""

import logging
from threading import Thread
from typing import Any

from django.db import transaction

log = logging.getLogger(__name__)

# Once more at once, because a connection that lay idle may be dead; then it is left to the clock.
POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
# How long anybody waits for a broker that neither takes the message nor refuses it, in seconds.
PATIENCE = 0.5


def wake_after_commit(task: Any, *arguments: Any) -> None:
    """Send the task to the worker once the present transaction is committed.

    Without a broker, or with one that hangs, nothing is lost and nobody is told: what is to be done
    is a row, and whoever asked for it has their answer.
    """

    def ring() -> None:
        ringing = Thread(target=_send, args=(task, arguments), daemon=True)
        ringing.start()
        ringing.join(PATIENCE)

    transaction.on_commit(ring, robust=True)


def _send(task: Any, arguments: tuple[Any, ...]) -> None:
    try:
        task.apply_async(arguments, retry=True, retry_policy=POLICY)
    except Exception as problem:  # The broker's client has many; none of them is the asker's.
        log.warning("%s was not sent; the clock finds its work: %r", task.name, problem)
