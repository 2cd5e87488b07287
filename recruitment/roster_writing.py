"""Rows become people and records: a few statements for a chunk, whatever its size."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from psycopg2.extras import execute_values

from census_staff.audit.acting import signature
from census_staff.audit.models import Entry
from census_staff.batches.models import Batch
from census_staff.lib import names
from census_staff.lib.crypto import encrypt
from census_staff.people.models import Correction, Person

from .lifecycle import SERVICE
from .models import Staff
from .roster_columns import RosterLine
from .roster_judging import UNREVIEWED, Verdict
from .roster_known import Known, key_of
from .states import Service

Values = tuple[Any, ...]


def _write(statement: str, rows: Sequence[Values], template: str = "") -> list[Values]:
    """Run one statement over all rows and return what it returns."""
    if not rows:
        return []
    with connection.cursor() as cursor:
        execute_values(
            cursor.cursor, statement, rows, template=template or None, page_size=len(rows)
        )
        return list(cursor.fetchall()) if cursor.description else []


def _write_all(statement: str, rows: Sequence[Mapping[str, Any]], *more: Any) -> list[Values]:
    """Run a statement whose first parameter is all the rows as JSON; return what it returns."""
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(rows, ensure_ascii=False), *more])
        return list(cursor.fetchall()) if cursor.description else []


def add_people(lines: Iterable[RosterLine], at: datetime) -> dict[bytes, Known]:
    """Enter the people nobody knows yet and return them by digest.

    Two counties that enter the same person at once make one: the second finds the first's.
    """
    new = {key_of("id", line.id_number): line for line in lines}
    rows = Person.objects.filter(id_digest__any_of=new).values_list("id_digest", flat=True)
    for key in rows:
        new.pop(bytes(key), None)
    # In the order of the digests, so that two offices never wait for each other crosswise.
    made = _write_all(
        "INSERT INTO people_person (id_kind, id_number, id_digest, name, name_key, phone,"
        " phone_digest, backup_phone, added_at) SELECT v.*, at FROM json_to_recordset(%s::json)"
        " AS v (id_kind varchar, id_number bytea, id_digest bytea, name varchar, name_key varchar,"
        " phone bytea, phone_digest bytea, backup_phone bytea), CAST(%s AS timestamptz) at"
        " ON CONFLICT (id_digest) DO NOTHING RETURNING id, id_digest",
        [_person(key, new[key]) for key in sorted(new)],
        at,
    )
    found: dict[bytes, Known] = {}
    for number, digest in made:
        line = new[bytes(digest)]
        found[bytes(digest)] = Known(number, line.name, line.phone, line.backup_phone)
    return found


def _person(key: bytes, line: RosterLine) -> dict[str, Any]:
    return {
        "id_kind": line.id_kind,
        "id_number": _sealed(line.id_number),
        "id_digest": _bytea(key),
        "name": line.name,
        "name_key": names.pinyin_key(line.name),
        "phone": _sealed(line.phone),
        "phone_digest": _bytea(key_of("phone", line.phone)) if line.phone else None,
        "backup_phone": _sealed(line.backup_phone),
    }


def _bytea(value: bytes) -> str:
    return "\\x" + value.hex()


def _sealed(text: str) -> str | None:
    return _bytea(encrypt(text.encode())) if text else None


def drop_unused(made: Iterable[int]) -> None:
    """Remove people entered a moment ago for whom no record came to be."""
    Person.objects.filter(pk__in=list(made), staff=None).delete()


def add_records(verdicts: Iterable[Verdict], batch: Batch, at: datetime) -> dict[int, int]:
    """Enter the records, waiting for review; return their keys by person."""
    made = _write_all(
        "INSERT INTO recruitment_staff (person_id, office_id, role, schooling, hiring, source,"
        " employer, experience, areas, supervisor_id, starts_on, ends_on, wants_reserve, census_id,"
        " recruited_by_id, entered_by_id, entered_at, submitted_at, service, access, supplementary,"
        " left_reason, moves) SELECT v.*, b.census_id, b.office_id, b.made_by_id, at, at,"
        " 'under_review', 'not_activated', false, '', 0 FROM json_to_recordset(%s::json)"
        " AS v (person bigint, office bigint, role varchar, schooling varchar, hiring varchar,"
        " source varchar, employer varchar, experience varchar[], areas varchar[],"
        " supervisor bigint, starts_on date, ends_on date, reserve boolean),"
        " batches_batch b, CAST(%s AS timestamptz) at WHERE b.id = %s"
        " ON CONFLICT DO NOTHING RETURNING person_id, id",
        [_record(verdict) for verdict in verdicts],
        at,
        batch.pk,
    )
    found: dict[int, int] = dict(made)
    return found


def _record(verdict: Verdict) -> dict[str, Any]:
    line = verdict.line
    return {
        "person": verdict.person_id,
        "office": verdict.office_id,
        "role": line.role,
        "schooling": line.schooling,
        "hiring": line.hiring,
        "source": line.source,
        "employer": line.employer,
        "experience": line.experience,
        "areas": line.areas,
        "supervisor": verdict.supervisor_id,
        "starts_on": line.starts_on and line.starts_on.isoformat(),
        "ends_on": line.ends_on and line.ends_on.isoformat(),
        "reserve": line.reserve,
    }


# Column and the type it has in a list of values; a NULL leaves the column as it is.
COLUMNS = {
    "role": "varchar",
    "schooling": "varchar",
    "hiring": "varchar",
    "source": "varchar",
    "employer": "varchar",
    "experience": "varchar[]",
    "areas": "varchar[]",
    "supervisor_id": "bigint",
    "starts_on": "date",
    "ends_on": "date",
    "wants_reserve": "boolean",
}


def change_records(verdicts: Sequence[Verdict], batch: Batch, at: datetime) -> None:
    """Write changed fields, with an entry for each record, and hand returned ones in again."""
    changed = [verdict for verdict in verdicts if verdict.changes]
    takes = ", ".join(f"{name} = coalesce(v.{name}, s.{name})" for name in COLUMNS)
    # Whoever re-enters what is not yet reviewed has entered it; a reviewer never becomes that.
    _write(
        f"UPDATE recruitment_staff s SET {takes}, entered_by_id = CASE WHEN v.is_open AND"  # noqa: S608
        " s.reviewed_by_id IS DISTINCT FROM v.maker THEN v.maker ELSE s.entered_by_id END"
        f" FROM (VALUES %s) AS v (id, is_open, maker, {', '.join(COLUMNS)}) WHERE s.id = v.id",
        [
            (
                verdict.staff_id,
                verdict.service in UNREVIEWED,
                batch.made_by_id,
                *(verdict.changes.get(name) for name in COLUMNS),
            )
            for verdict in changed
        ],
        f"(%s, %s, %s::bigint, {', '.join(f'%s::{kind}' for kind in COLUMNS.values())})",
    )
    Entry.objects.bulk_create(_entry(verdict, batch) for verdict in changed)
    handed_back = (Service.RETURNED, Service.PROPOSED)
    again = [one.staff_id for one in changed if one.staff_id and one.service in handed_back]
    if again:
        rows = Staff.objects.filter(pk__in=again)
        SERVICE.advance(rows, "submit", actor=batch.made_by, reason="roster", batch=batch.pk)


def _entry(verdict: Verdict, batch: Batch) -> Entry:
    return Entry(
        actor=signature(batch.made_by),
        subject="recruitment_staff",
        subject_id=verdict.staff_id,
        event="record_changed",
        reason="roster",
        details={"fields": sorted(verdict.changes)},
        batch_id=batch.pk,
        office_id=verdict.office_id,
        census_id=batch.census_id,
    )


def fill_people(verdicts: Iterable[Verdict]) -> None:
    """Write numbers where there were none; nothing is overwritten."""
    for verdict in verdicts:
        for name, value in verdict.fills.items():
            rows = Person.objects.filter(pk=verdict.person_id or 0, **{f"{name}__isnull": True})
            more = {"phone_digest": key_of("phone", value)} if name == "phone" else {}
            rows.update(**{name: value}, **more)


def ask_corrections(verdicts: Iterable[Verdict], batch: Batch) -> None:
    """Lay what differs from a person's record before the review."""
    Correction.objects.bulk_create(
        (
            Correction(
                person_id=verdict.person_id or 0,
                census_id=batch.census_id,
                office_id=verdict.office_id or 0,
                field=name,
                old_value=old,
                new_value=new,
                reason="roster",
                made_by_id=batch.made_by_id,
            )
            for verdict in verdicts
            for name, old, new in verdict.corrections
        ),
        ignore_conflicts=True,
    )
