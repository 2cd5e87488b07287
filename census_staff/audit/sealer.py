"""The chain over the record: who alters, removes or reorders an entry is found."""

import hashlib
import json
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from . import head
from .models import Entry, Seal

LOCK = 4_711
FIELDS = (
    "id", "at", "actor", "subject", "subject_id", "event", "old", "new", "reason", "details",
    "batch_id", "office_id", "census_id", "txid",
)  # fmt: skip


def seal(*, limit: int = 20_000) -> int:
    """Chain the entries that no running transaction can still precede; return how many.

    Entries are taken in (transaction, key) order below the oldest running transaction, so the
    order is the same however often, and by however many, this is run.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        horizon = cursor.fetchone()[0]
        last = Seal.objects.select_related("entry").order_by("-number").first()
        number, chain = (last.number, bytes(last.hash)) if last else (0, bytes(32))
        due = (
            Entry.objects.filter(_behind(last, horizon), txid__lt=horizon, seal=None)
            .order_by("txid", "pk")
            .values(*FIELDS)[:limit]
        )
        seals = []
        for row in due:
            number += 1
            chain = link(chain, number, row)
            seals.append(Seal(number=number, entry_id=row["id"], hash=chain))
        Seal.objects.bulk_create(seals, batch_size=5000)
        if seals:
            transaction.on_commit(partial(head.remember, number, chain), robust=True)
        return len(seals)


def _behind(last: Seal | None, horizon: int) -> Q:
    """Return where to look: behind the last that was sealed, for nothing comes before it later.

    In a database that was restored elsewhere transactions are counted anew; there all is asked.
    """
    if last is None or last.entry.txid >= horizon:
        return Q()
    txid, key = last.entry.txid, last.entry_id
    return Q(txid__gte=txid) & (Q(txid__gt=txid) | Q(pk__gt=key))


def link(before: bytes, number: int, row: dict[str, Any]) -> bytes:
    """Return the hash of an entry's place: over the hash before it, its number and its words."""
    words = {**row, "at": row["at"].isoformat()}
    text = json.dumps([number, words], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(before + text.encode()).digest()


def broken_at() -> tuple[int, str] | None:
    """Return the first place where the chain does not hold and why, or None if it holds."""
    kept, chain, walked = head.remembered(), bytes(32), 0
    seals: QuerySet[Any] = Seal.objects.order_by("number").values(
        "number", "hash", *(f"entry__{name}" for name in FIELDS)
    )
    for expected, place in enumerate(seals.iterator(chunk_size=5000), start=1):
        if place["number"] != expected:
            return expected, "removed"
        row = {name: place[f"entry__{name}"] for name in FIELDS}
        chain = link(chain, expected, row)
        if chain != bytes(place["hash"]):
            return expected, "altered"
        if kept and kept[0] == expected and kept[1] != chain:
            # Somebody who could write seals has forged the whole chain behind it.
            return expected, "altered"
        walked = expected
    # A seal whose entry is gone is not among these rows; a cut end is known by the head we kept.
    last = Seal.objects.order_by("-number").values_list("number", flat=True).first() or 0
    if max(last, kept[0] if kept else 0) > walked:
        return walked + 1, "removed"
    return None
