"""Who is acting, told to the database for the length of a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

SETTINGS = ("census.actor", "census.reason", "census.batch")


def signature(actor: Any) -> str:
    """Return how `actor` signs: `user:12`, or `system:run` for the clock."""
    return f"user:{actor.pk}" if actor.pk else str(actor)


def declare(actor: Any, *, reason: str = "", batch: int | None = None) -> None:
    """Sign everything that follows in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('census.actor', %s, true), set_config('census.reason', %s, true),"
            " set_config('census.batch', %s, true)",
            [signature(actor), reason[:60], "" if batch is None else str(batch)],
        )


def _present() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT "
            + ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in SETTINGS)
        )
        return list(cursor.fetchone())


@contextmanager
def acting(actor: Any, *, reason: str = "", batch: int | None = None) -> Iterator[None]:
    """Open a transaction whose changes are signed by `actor`, with a reason code and a batch.

    Inside another one the outer signature comes back at the end.
    """
    with transaction.atomic():
        before = _present()
        declare(actor, reason=reason, batch=batch)
        yield
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('census.actor', %s, true), set_config('census.reason', %s, true),"
                " set_config('census.batch', %s, true)",
                before,
            )
