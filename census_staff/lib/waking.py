"""Telling the worker that something waits: a courtesy, because the clock finds it in any case."""

from typing import Any

from django.db import transaction

# Once more at once, because a connection that lay idle may be dead; then it is left to the clock.
POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}


def wake_after_commit(task: Any, *arguments: Any) -> None:
    """Send the task to the worker once the present transaction is committed.

    Without a broker nothing is lost and nobody is told: what is to be done is a row, and whoever
    asked for it has their answer.
    """
    transaction.on_commit(
        lambda: task.apply_async(arguments, retry=True, retry_policy=POLICY), robust=True
    )
