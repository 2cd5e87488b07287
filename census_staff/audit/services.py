"""Entries that no trigger sees: reveals, exports, sign-ins, refusals."""

from collections.abc import Iterable
from typing import Any

from .acting import signature
from .models import Entry


def record(
    event: str,
    *,
    actor: Any,
    subject: str = "",
    subject_id: int | None = None,
    reason: str = "",
    office_id: int | None = None,
    census_id: int | None = None,
    details: dict[str, Any] | None = None,
) -> Entry:
    """Return the entry of a deed. Codes, keys and counts only: never personal data."""
    return Entry.objects.create(
        actor=signature(actor) if actor is not None else "nobody",
        event=event,
        subject=subject,
        subject_id=subject_id,
        reason=reason[:60],
        office_id=office_id,
        census_id=census_id,
        details=details or {},
    )


def record_many(
    event: str,
    *,
    actor: Any,
    subject: str,
    rows: Iterable[tuple[int, int | None]],
    census_id: int | None = None,
) -> None:
    """Write one deed about many subjects, each given with its office, in one statement."""
    signed = signature(actor) if actor is not None else "nobody"
    Entry.objects.bulk_create(
        (
            Entry(
                actor=signed,
                event=event,
                subject=subject,
                subject_id=key,
                office_id=office,
                census_id=census_id,
            )
            for key, office in rows
        ),
        batch_size=1000,
    )
