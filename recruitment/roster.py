"""A roster on its way in: taken, read in a child process, judged, and shown before it is written."""

import json
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date
from typing import IO, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from census_staff.censuses.models import Census
from census_staff.lib import cycles
from census_staff.lib.errors import Refused
from census_staff.lib.sheets import (
    Mark,
    Workbook,
    annotate,
    letter,
    read_workbook,
    require_workbook,
)
from census_staff.lib.sheets.sentences import SENTENCES
from census_staff.places.models import Office

from . import files, uploads
from .models import RosterFile, RosterRow
from .roster_columns import HEADERS, HeaderMap, RowReader, map_headers
from .roster_judging import Judge
from .roster_known import InFile
from .roster_rows import Copy, line_of, pack, storable
from .roster_words import sentence
from .words import Role

Reading = RosterFile.Reading
MOST_BYTES = 20 * 2**20
# Read while the user waits; larger ones are read by the worker.
AT_ONCE_BYTES = 60_000
# Marked with its errors while the user waits.
MARKED_AT_ONCE = 500_000
CHUNK = 2_000
FAILED = {"failed": True}


def take_in(
    pieces: Iterable[bytes], *, name: str, census: Census, office: Office, actor: Any
) -> RosterFile:
    """Return the stored upload, waiting to be read; what is no workbook is refused at once."""
    return uploads.keep(
        pieces,
        require=require_workbook,
        most=MOST_BYTES,
        too_large=Refused("workbook_too_large", SENTENCES["workbook_too_large"], field="file"),
        name=name,
        census=census,
        office=office,
        made_by_id=actor.pk,
    )


def read_waiting() -> int:
    """Read every roster that waits; return how many were read. The poller's work."""
    waiting = RosterFile.objects.filter(reading=Reading.WAITING, kind=RosterFile.Kind.ROSTER)
    keys = list(waiting.order_by("pk").values_list("pk", flat=True))
    for key in keys:
        read(key)
    wanted = RosterFile.objects.filter(counts__marked__wanted=True).exclude(stored="")
    for key in wanted.order_by("pk").values_list("pk", flat=True):
        mark(key)
    return len(keys)


def read(file_id: int) -> None:
    """Read and judge a waiting roster; called twice it is read once."""
    if not uploads.begin(file_id):
        return
    with transaction.atomic():
        file = uploads.claim(file_id)
        if file is None:
            return
        try:
            with transaction.atomic():
                counts = _read(file)
        except Refused as refused:
            uploads.give_up(file, refused)
            return
        file.counts, file.reading = json.loads(storable(counts)), Reading.READ
        file.save(update_fields=["counts", "reading"])


def _read(file: RosterFile) -> dict[str, Any]:
    with files.opened(file.stored, suffix=".xlsx") as path:
        book = read_workbook(path, headers=HEADERS)
    with book, cycles.none_looked_for():
        where = map_headers(book.headers)
        counts = _judge(file, book, where)
    if not counts["rows"]:
        raise Refused("roster_empty", _("The roster holds no people. Please fill in its rows."))
    return counts | {
        "sheet": book.sheet,
        "header_row": book.header_row,
        "unknown": [text[:60] for text in where.unknown][:50],
        "columns": {key: letter(at) for key, at in where.columns.items()},
        "other_sheets": [text[:60] for text in book.other_sheets][:20],
        "hidden_sheets": [text[:60] for text in book.hidden_sheets][:20],
    }


def _judge(file: RosterFile, book: Workbook, where: HeaderMap) -> dict[str, Any]:
    """Read the rows once and judge them: supervisors first, because the others name them."""
    today = timezone.localdate()
    judge = Judge(file.census, file.made_by, today=today)
    in_file, copy = InFile(), Copy(file.pk)
    with tempfile.TemporaryFile() as leaders, tempfile.TemporaryFile() as others:
        rows = _spool(book, where, today, in_file, leaders, others)
        for spool in (leaders, others):
            for chunk in _unspool(spool):
                for line, _repairs, _errors in chunk:
                    in_file.name_supervisor(line)
                verdicts = judge.judge([line_of(line) for line, _r, _e in chunk], in_file)
                for verdict, (_line, _repairs, errors) in zip(verdicts, chunk, strict=True):
                    if not all(one.get("is_warning") for one in errors):
                        verdict.outcome = RosterRow.Outcome.ERROR
                        verdict.corrections = []
                    elif verdict.is_sound and verdict.line.role == Role.SUPERVISOR:
                        in_file.note_sound(verdict.line)
                copy.write(
                    (verdict, line, repairs, errors)
                    for verdict, (line, repairs, errors) in zip(verdicts, chunk, strict=True)
                )
    return copy.counts | {"rows": rows}


def _spool(
    book: Workbook,
    where: HeaderMap,
    today: date,
    in_file: InFile,
    leaders: IO[bytes],
    others: IO[bytes],
) -> int:
    """Write the read rows beside, so that thousands of them are never held at once."""
    rows = 0
    held: tuple[list[Any], list[Any]] = [], []
    for read in filter(None, map(RowReader(where, today).values, book)):
        rows += 1
        packed = pack(*read)
        is_leader = in_file.note(packed[0])
        chunk, out = (held[0], leaders) if is_leader else (held[1], others)
        chunk.append(packed)
        if len(chunk) == CHUNK:
            _put(out, chunk)
    _put(leaders, held[0])
    _put(others, held[1])
    return rows


def _put(spool: IO[bytes], chunk: list[Any]) -> None:
    if chunk:
        spool.write(json.dumps(chunk).encode() + b"\n")
        chunk.clear()


def _unspool(spool: IO[bytes]) -> Iterator[list[Any]]:
    spool.seek(0)
    return map(json.loads, spool)


def marked_workbook(file: RosterFile) -> bytes:
    """Return the user's own workbook with the bad cells coloured and the reasons beside them."""
    with files.opened(file.stored, suffix=".xlsx") as path:
        return annotate(
            path,
            _marks(file),
            sheet=file.counts["sheet"],
            header_row=file.counts["header_row"],
            headers=HEADERS,
        )


def _marks(file: RosterFile) -> Iterator[Mark]:
    """Yield what is to be said beside the cells, row by row, in Chinese as the workbook is."""
    columns = file.counts.get("columns", {})
    rows = RosterRow.objects.filter(file=file).exclude(errors=[]).order_by("number")
    for number, errors in rows.values_list("number", "errors").iterator(chunk_size=500):
        with override("zh-hans"):
            said = [(one, sentence(one)) for one in errors]
        for one, text in said:
            where = columns.get(one["field"], "")
            yield Mark(number, where, text, not one.get("is_warning"))


def want_marked(file: RosterFile) -> None:
    """Ask the worker for the marked workbook of a large file."""
    with transaction.atomic():
        row = RosterFile.objects.select_for_update(no_key=True).get(pk=file.pk)
        files.remove(row.counts.get("marked", {}).get("stored", ""))
        _note_marked(row, {"wanted": True})
        file.counts = row.counts


def mark(file_id: int) -> None:
    """Make the marked workbook that was asked for and keep it, encrypted, as long as the file."""
    with transaction.atomic():
        file = _marking(file_id)
        if file is None:
            return
        tries = file.counts["marked"].get("tries", 0) + 1
        _note_marked(file, {"wanted": True, "tries": tries} if tries <= uploads.TRIES else FAILED)
    with transaction.atomic():
        file = _marking(file_id)
        if file is None:
            return
        try:
            made = marked_workbook(file)
        except Refused:
            _note_marked(file, FAILED)
            return
        _note_marked(file, {"stored": files.store([made]).name})


def _marking(file_id: int) -> RosterFile | None:
    rows = RosterFile.objects.select_for_update(skip_locked=True, no_key=True)
    return rows.filter(pk=file_id, counts__marked__wanted=True).exclude(stored="").first()


def _note_marked(file: RosterFile, said: dict[str, Any]) -> None:
    file.counts = file.counts | {"marked": said}
    file.save(update_fields=["counts"])


def discard(file: RosterFile) -> None:
    """Delete an upload that was not written: only its name and counts remain."""
    if file.batch_id is not None:
        raise Refused("written_already", _("This roster was already written."))
    files.forget(file)
