"""Fill an empty database with so many staff at the speed of COPY; its constraints hold at the end.

Foreign keys and plain indexes are taken off, and put on again over the finished rows: PostgreSQL
then checks every row against each of them. Triggers sleep meanwhile: the past has no audit rows.
"""

import io
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg2

from tests.bench.report import say

CHUNK = 5_000
DEFINITIONS = """
SELECT c.conrelid::regclass::text, quote_ident(c.conname), pg_get_constraintdef(c.oid)
  FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid = ANY(%s::regclass[])
"""
INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
 WHERE i.indrelid = ANY(%s::regclass[]) AND NOT EXISTS (
   SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""


def main(size: int) -> None:
    """Enter everything."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "census_staff.settings"
    import django

    django.setup()
    from tests.bench.places import make_ground
    from tests.bench.rows import COLUMNS, Writer

    ground = make_ground(size)
    writer = Writer(ground)
    owner = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    with bare(owner, list(COLUMNS)):
        with ThreadPoolExecutor(1) as pool:
            waiting: Any = None
            for first in range(0, size, CHUNK):
                lines: dict[str, list[str]] = {table: [] for table in COLUMNS}
                for place in range(first, min(first + CHUNK, size)):
                    writer.person(place, lines)
                if waiting is not None:
                    waiting.result()
                waiting = pool.submit(_copy, owner, lines, COLUMNS)
                if first % 100_000 == 0 and first:
                    say(f"  {first:,} of {size:,} staff")
            waiting.result()
        _photos(owner)
    _settle(owner, list(COLUMNS))
    owner.close()


def _copy(owner: Any, lines: dict[str, list[str]], columns: dict[str, str]) -> None:
    with owner.cursor() as cursor:
        for table, rows in lines.items():
            if rows:
                names = columns[table].replace(" ", ", ")
                cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", io.StringIO("".join(rows)))
    owner.commit()


def _photos(owner: Any) -> None:
    """Give the first people the photos that all cards show."""
    from census_staff.lib.portraits import draw_portrait
    from tests.bench.rows import PHOTOS

    with owner.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(photo_id), 0) FROM credentials_card")
        wanted = min(PHOTOS, cursor.fetchone()[0] or 1)
        cursor.execute("SELECT min(id), max(id) FROM people_person")
        _first, last = cursor.fetchone()
        for number in range(1, max(wanted, PHOTOS) + 1):
            cursor.execute(
                "INSERT INTO people_photo (id, person_id, jpeg, sha256, added_at)"
                " VALUES (%s, %s, %s, %s, now())",
                [number, min(number, last), draw_portrait(str(number)), "0" * 64],
            )
    owner.commit()


@contextmanager
def bare(owner: Any, tables: list[str]) -> Iterator[None]:
    """Take triggers, foreign keys and plain indexes off for the block; check them all at its end."""
    with owner.cursor() as cursor:
        cursor.execute(DEFINITIONS, [tables])
        foreign = cursor.fetchall()
        cursor.execute(INDEXES, [tables])
        indexes = cursor.fetchall()
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for table, name, _text in foreign:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _text in indexes:
            cursor.execute(f"DROP INDEX {name}")
    owner.commit()
    yield
    start = time.monotonic()
    with owner.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for _name, text in indexes:
            cursor.execute(text)
        for table, name, text in foreign:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {text}")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    owner.commit()
    say(
        f"  {len(indexes)} indexes and {len(foreign)} foreign keys: {time.monotonic() - start:.0f} s"
    )


def _settle(owner: Any, tables: list[str]) -> None:
    """Set the sequences behind the rows, and let the planner know them."""
    with owner.cursor() as cursor:
        for table in (*tables, "people_photo"):
            cursor.execute("SELECT pg_get_serial_sequence(%s, a.attname) FROM pg_attribute a"
                           " WHERE a.attrelid = %s::regclass AND a.attname = 'id'", [table, table])  # fmt: skip
            found = cursor.fetchone()
            if found and found[0]:
                cursor.execute(f"SELECT setval('{found[0]}', (SELECT max(id) + 1 FROM {table}))")
        cursor.execute(
            "INSERT INTO credentials_numbersequence (census_id, county_code, role, last)"
            " SELECT census_id, substr(number, 3, 6), role, max(substr(number, 10, 6)::int)"
            " FROM credentials_cardnumber GROUP BY 1, 2, 3"
        )
    owner.commit()
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    main(int(sys.argv[1]))
