"""Writing a roster: a batch of its good rows, each judged once more when its turn comes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.audit.acting import acting
from census_staff.batches.kinds import Result
from census_staff.batches.lifecycle import BATCH
from census_staff.batches.models import Batch, BatchItem
from census_staff.batches.states import ItemState
from census_staff.lib.errors import Refused
from census_staff.people.models import Person

from . import roster_writing as writing
from .desks import paths_of
from .models import RosterFile, RosterRow
from .roster_judging import Judge, Verdict
from .roster_known import key_of
from .roster_rows import line_of
from .roster_words import row_word
from .words import Role

Outcome = RosterRow.Outcome
# Rosters of one census are written one chunk at a time, so that a phone number has one owner.
ONE_AT_A_TIME = 2_601


def confirm(file: RosterFile, *, actor: Any, only_whole: bool = False) -> Batch:
    """Return the batch that writes the good rows; with `only_whole`, refuse if there are others."""
    with acting(actor, reason="roster"):
        file = RosterFile.objects.select_for_update(no_key=True).get(pk=file.pk)
        _require_ready(file, only_whole)
        batch = Batch.objects.create(
            kind="roster",
            title=file.name,
            census_id=file.census_id,
            office_id=file.office_id,
            params={"file": file.pk},
            made_by_id=actor.pk,
        )
        with connection.cursor() as cursor:
            # Keys follow the order of judging: supervisors stand before their teams.
            cursor.execute(
                "INSERT INTO batches_batchitem (batch_id, position, target_id, office_id, state,"
                " reason, facts, before) SELECT %s, row_number() OVER (ORDER BY id), id, %s,"
                " 'pending', '', '{}', '{}' FROM recruitment_rosterrow WHERE file_id = %s"
                " AND outcome IN ('create', 'update') ORDER BY id",
                [batch.pk, file.office_id, file.pk],
            )
        BATCH.advance_one(batch, "confirm", actor=actor, reason="roster", batch=batch.pk)
        file.batch = batch
        file.save(update_fields=["batch"])
        return batch


def _require_ready(file: RosterFile, only_whole: bool) -> None:
    if file.batch_id is not None:
        raise Refused("written_already", _("This roster was already written."))
    if file.reading != RosterFile.Reading.READ or not file.stored:
        raise Refused("not_readable", _("This roster is not ready to be written."))
    counts = file.counts
    if only_whole and counts["error"]:
        raise Refused(
            "rows_wrong",
            _("Nothing was written, because some rows have errors. Please mend them first."),
        )
    if not counts["create"] + counts["update"]:
        raise Refused("nothing_to_write", _("No row of this roster would change anything."))


@dataclass
class _Row:
    """A row whose turn has come."""

    item: int
    key: int
    said: dict[str, Any]


class RosterKind:
    """The rows of a roster, written in chunks."""

    chunk = 2_000
    view_action = "batch.view"
    start_action = "roster.import"
    approve_action = ""
    # A record entered by mistake is refused by the review: no life cycle has a way back to nothing.
    can_undo = False
    own_page = False

    def word(self, code: str) -> str:
        """Return what became of a row, in words."""
        return row_word(code)

    def actor(self, batch: Batch) -> Any:
        """Return who imports."""
        return batch.made_by

    def begin(self, batch: Batch, at: datetime) -> None:
        """Refuse if who imports may no longer do so."""
        if not paths_of(batch.made_by, "roster.import", batch.census_id):
            raise Refused("not_in_role", _("Your role does not include this."))

    def work(self, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
        """Write these rows as they are judged now, under lock; say what became of each."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ONE_AT_A_TIME, batch.census_id])
        rows, lost = _rows(items)
        judge = Judge(batch.census, batch.made_by, today=timezone.localdate(at))
        results = [Result(item, ItemState.REFUSED, "expired") for item in lost]
        # Supervisors first: the others of the chunk name them.
        for is_leader in (True, False):
            part = [row for row in rows if _is_leader(row) is is_leader]
            results += _write(part, judge, batch, at)
        return results

    def finish(self, batch: Batch, at: datetime) -> dict[str, Any]:
        """Return how many rows were entered, changed, found unchanged or refused, and why."""
        rows = batch.items.values_list("reason").annotate(n=Count("pk")).order_by("reason")
        reasons = dict(rows)
        told = {name: reasons.pop(name, 0) for name in ("created", "updated", "unchanged")}
        return told | {"reasons": dict(reasons)}

    def undo(self, batch: Batch, items: list[BatchItem], at: datetime) -> list[Result]:
        """Refuse: a roster is not rewound."""
        raise Refused("no_undo", _("A roster is not undone in bulk. The review refuses rows."))


def _rows(items: Sequence[BatchItem]) -> tuple[list[_Row], list[int]]:
    """Return the rows in the order of work, and the items whose row was deleted meanwhile."""
    # One array, because thousands of parameters cost more than they find.
    keys = [item.target_id for item in items]
    found = RosterRow.objects.filter(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [keys]))
    stored: dict[int, Any] = dict(found.values_list("pk", "line"))
    rows: list[_Row] = []
    lost: list[int] = []
    for item in items:
        said = stored.get(item.target_id)
        if said is None:
            lost.append(item.pk)
        else:
            rows.append(_Row(item.pk, item.target_id, json.loads(said)["line"]))
    return rows, lost


def _is_leader(row: _Row) -> bool:
    return bool(row.said.get("role") == Role.SUPERVISOR)


def _write(rows: list[_Row], judge: Judge, batch: Batch, at: datetime) -> list[Result]:
    if not rows:
        return []
    lines = [line_of(row.said) for row in rows]
    made = writing.add_people(lines, at)
    # Lock first, ask second: what is judged below holds until the commit. Whom we entered just
    # now, nobody else sees before that.
    known = {key_of("id", line.id_number) for line in lines} - made.keys()
    if known:
        Person.objects.filter(id_digest__any_of=known).lock()
    verdicts = judge.judge(lines, made=made)
    good = [verdict for verdict in verdicts if verdict.is_sound]
    new = [verdict for verdict in good if verdict.outcome == Outcome.CREATE]
    records = writing.add_records(new, batch, at)
    for verdict in new:
        verdict.staff_id = records.get(verdict.person_id or 0)
        if verdict.staff_id is None:
            verdict.refuse("id_number", "serves_elsewhere")
    old = [verdict for verdict in good if verdict.outcome == Outcome.UPDATE]
    writing.change_records(old, batch, at)
    kept = [verdict for verdict in good if verdict.is_sound]
    writing.fill_people(kept)
    writing.ask_corrections(kept, batch)
    unused = {person.pk for person in made.values()} - {verdict.person_id for verdict in kept}
    if unused:
        writing.drop_unused(unused)
    _mark_rows(rows, verdicts, at)
    return [_result(row, verdict) for row, verdict in zip(rows, verdicts, strict=True)]


DEEDS = {Outcome.CREATE: "created", Outcome.UPDATE: "updated", Outcome.UNCHANGED: "unchanged"}


def _result(row: _Row, verdict: Verdict) -> Result:
    if verdict.is_sound:
        return Result(row.item, ItemState.DONE, DEEDS[Outcome(verdict.outcome)])
    code = next(one["code"] for one in verdict.remarks if not one.get("is_warning"))
    return Result(row.item, ItemState.REFUSED, code[:60])


def _mark_rows(rows: list[_Row], verdicts: list[Verdict], at: datetime) -> None:
    """Write beside each row what became of it; what is refused now becomes an error row."""
    values = [
        {"id": row.key, "outcome": verdict.outcome, "staff": verdict.staff_id}
        if verdict.is_sound
        else {"id": row.key, "staff": verdict.staff_id, "errors": verdict.remarks}
        for row, verdict in zip(rows, verdicts, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE recruitment_rosterrow AS r SET outcome = coalesce(v.outcome, %s),"
            " staff_id = v.staff, errors = coalesce(v.errors, r.errors),"
            " done_at = CASE WHEN v.errors IS NULL THEN CAST(%s AS timestamptz) END"
            " FROM json_to_recordset(%s::json) AS v (id bigint, outcome varchar, staff bigint,"
            " errors jsonb) WHERE r.id = v.id",
            [Outcome.ERROR, at, json.dumps(values)],
        )


__all__ = ["RosterKind", "confirm"]
