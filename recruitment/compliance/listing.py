"""The list of a run: written in one statement, sealed by a hash when it is frozen."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import Error, connection

from census_staff.batches.models import Batch, BatchItem
from exams.facts import passed_offline_only

from ..standards import HERE
from .questions import Owed, accounts, day_of, standards_of

# By place and name, so that a page of the list reads like the roster.
INSERT = """
INSERT INTO batches_batchitem (batch_id, position, target_id, office_id, state, reason, facts, before)
SELECT %s, row_number() OVER (ORDER BY q.office_path, q.name_key, q.id), q.id, q.office_id,
       CASE WHEN cardinality(q.owed) = 0 THEN 'spared' ELSE 'pending' END,
       CASE WHEN cardinality(q.owed) = 0 THEN 'exempt' ELSE '' END,
       jsonb_build_object(
         'unmet', to_jsonb(CASE WHEN cardinality(q.owed) = 0 THEN q.unmet ELSE q.owed END),
         'offline', q.offline)
       || CASE WHEN cardinality(q.owed) = 0 THEN '{{"was_exempt": true}}'::jsonb ELSE '{{}}'::jsonb END,
       '{{}}'::jsonb
  FROM ({rows}) AS q
"""


# First half of the key of the advisory locks of lists; the second is the run.
LOCK = 4_713


def one_writer(batch_id: int) -> None:
    """Wait until nobody else writes this run's list, to the end of the transaction.

    Beside the run, not the run itself: its page, its clock and whoever gives it up go on.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, batch_id % 2**31])


@contextmanager
def alone(batch_id: int) -> Iterator[bool]:
    """Say whether nobody else writes this run's list now; until the end of the block nobody does.

    Of the session, because a try is counted in one transaction and made in the next.
    """
    key = [LOCK, batch_id % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        is_mine = cursor.fetchone()[0]
    try:
        yield is_mine
    finally:
        if is_mine:
            # A connection that broke has let go of it already.
            with suppress(Error), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def write_list(batch: Batch) -> int:
    """Write anew whom the rule hits now (the exempted as spared); return how many it would disable."""
    codes = standards_of(batch)
    BatchItem.objects.filter(batch=batch.pk).delete()
    rows = (
        accounts(batch)
        .missing(*codes)
        .with_unmet(*codes)
        .annotate(owed=Owed(codes, day_of(batch)), offline=passed_offline_only(**HERE))
        .order_by()
        .values("pk", "office_id", "office__path", "person__name_key", "unmet", "owed", "offline")
    )
    aliases = {"pk": "id", "office__path": "office_path", "person__name_key": "name_key"}
    sql, parameters = rows.query.sql_with_params()
    names = ", ".join(aliases.get(name, name) for name in _selected(rows))
    inner = f"SELECT * FROM ({sql}) AS found ({names})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(INSERT.format(rows=inner), [batch.pk, *parameters])
    return batch.items.filter(state="pending").count()


def _selected(rows: object) -> list[str]:
    """Return the names of the columns in the order in which they are selected."""
    query = rows.query  # type: ignore[attr-defined]
    return list(query.values_select) + list(query.annotation_select)


def list_hash(batch: Batch) -> str:
    """Return the hash of the rule and of everybody it would disable."""
    seal = hashlib.sha256()
    seal.update(f"{batch.census_id}|{batch.office_id}|{','.join(standards_of(batch))}\n".encode())
    targets = batch.items.filter(state="pending").order_by("target_id")
    for target in targets.values_list("target_id", flat=True).iterator(chunk_size=10_000):
        seal.update(b"%d\n" % target)
    return seal.hexdigest()
