"""A roster of 50,000 rows and 25 columns, beside django-import-export in bulk mode on the same file."""

import io
import itertools
import os
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from census_staff.lib.sandbox import BOOT
from tests.bench import ground, machine
from tests.bench.machine import taken
from tests.bench.report import Report, say

ROWS = {True: 60, False: 50_000}
PER_LEADER = 7


def run(size: int, quick: bool) -> Report:
    """Return how many rows a second each way reads, checks, previews and writes."""
    from census_staff.censuses.models import Census
    from census_staff.lib.names import pinyin_key
    from census_staff.places.models import Office
    from tests.standing import make_user

    rows = ROWS[quick]
    report = Report(
        "roster", f"{rows:,} rows × 25 columns: read, check, preview, commit, audit", size, quick
    )
    census = Census.objects.get()
    # A city's roster: its 200 townships, read by somebody who recruits for them.
    top = Office.objects.filter(level=4).order_by("path")[0]
    actor = make_user("county_recruiter", top)
    towns = list(Office.objects.below(top.path).filter(level=9).values_list("code", flat=True))
    file = _workbook(rows, towns)
    say(f"  roster: a file of {len(file) / 1e6:.1f} MB")
    # Its dictionaries are read once in a worker's life; the peer comes second and finds them read.
    pinyin_key("张三")
    with children() as child, taken() as whole, spent() as cpu:
        told = _product(file, census, top, actor)
    report.side(
        "product: preview and commit", rows / whole.seconds, "rows/s", seconds=whole.seconds, peak_mb=whole.peak,
        note=f"reading and preview {told['preview']:.1f} s, commit {told['commit']:.1f} s, child {child.peak:.0f} MB; CPU {cpu}",
    )  # fmt: skip
    report.holds("every row was written, with its audit row", told["whole"])
    _remake(size)
    actor = make_user("county_recruiter", top)
    with taken() as peer, spent() as theirs:
        wrote = _import_export(file, census, actor)
    report.side(
        "peer: django-import-export, bulk mode", rows / peer.seconds, "rows/s", seconds=peer.seconds,
        peak_mb=peer.peak, note=f"dry run for the preview, then the import, no words of its own; CPU {theirs}",
    )  # fmt: skip
    report.holds("the peer wrote every row", wrote == rows)
    limit = _limit(rows)
    report.side("limit: COPY of people and records alone", limit, "rows/s")
    report.at_least("product / django-import-export", peer.seconds / whole.seconds, 5)
    report.figures["the same by CPU of worker, child and database"] = (
        f"{theirs.total / cpu.total:.2f}"
    )
    report.at_most("memory of the worker, MB", whole.peak, 256)
    report.at_most("memory of the parsing child, MB", child.peak, 256)
    return report


class Children:
    """The most memory that any parsing child has held while we looked."""

    peak = 0.0

    def look(self) -> None:
        """Look once."""
        for pid in machine.family(os.getpid()):
            with suppress(OSError):
                if str(BOOT).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                    self.peak = max(self.peak, machine.peak_mb(pid))


@contextmanager
def children() -> Iterator[Children]:
    """Watch the processes below ours: what the kernel tells of the ended ones counts older ones too."""
    found, over = Children(), threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            found.look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield found
    finally:
        over.set()
        watcher.join()


class Spent:
    """CPU seconds of a piece of work: whatever else runs on the machine changes them little."""

    worker = child = database = 0.0

    @property
    def total(self) -> float:
        """Return all of it."""
        return self.worker + self.child + self.database

    def __str__(self) -> str:
        return f"{self.total:.1f} s (database {self.database:.1f}, child {self.child:.1f})"


@contextmanager
def spent() -> Iterator[Spent]:
    """Measure the block: this process, the children that ended, and our server process."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = Path(f"/proc/{cursor.fetchone()[0]}/stat")

    def now() -> tuple[float, float, float]:
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        fields = server.read_text().rsplit(")", 1)[1].split()
        ticks = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return time.process_time(), ended.ru_utime + ended.ru_stime, ticks

    found, before = Spent(), now()
    try:
        yield found
    finally:
        after = now()
        found.worker, found.child, found.database = (
            end - start for start, end in zip(before, after, strict=True)
        )


def _lines(rows: int, towns: list[str]) -> Iterator[Any]:
    """Yield supervisors and their teams, none of whom anybody knows."""
    from census_staff.lib.idcard import make_checked
    from recruitment.roster_columns import RosterLine
    from tests.bench.rows import _names

    names = itertools.cycle(_names())
    leader = ""
    for place in range(rows):
        leads = place % PER_LEADER == 0
        phone = f"137{place:08}"
        leader = phone if leads else leader
        town = towns[place // (PER_LEADER * 10) % len(towns)]
        yield RosterLine(
            row=place, census="四农普", office_code=town, role="supervisor" if leads else "enumerator",
            name=next(names), id_number=make_checked(f"{110101 + place // 364_635}1900{1 + place // 999 % 12:02}{1 + place // (999 * 12) % 28:02}{1 + place % 999:03}"),
            schooling="college", phone=phone, hiring="seconded", source="village", employer="桃花村委会 委员",
            areas=(f"{town}200",), supervisor_phone="" if leads else leader,
        )  # fmt: skip


def _workbook(rows: int, towns: list[str]) -> bytes:
    """Return the workbook in the shape of the template, filled to 25 columns."""
    import xlsxwriter

    from recruitment.roster_columns import COLUMNS
    from recruitment.roster_columns.template import _written

    out = io.BytesIO()
    extra = ("序号", "备注", "微信号", "座机")[: max(0, 25 - len(COLUMNS))]
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("两员名册")
        for at, title in enumerate([*(column.title for column in COLUMNS), *extra]):
            sheet.write_string(0, at, title)
        for row, line in enumerate(_lines(rows, towns), 1):
            for at, column in enumerate(COLUMNS):
                if text := _written(column.key, line):
                    sheet.write_string(row, at, text)
            for at, _title in enumerate(extra, len(COLUMNS)):
                sheet.write_string(row, at, f"另记 {row}")
    return out.getvalue()


def _product(file: bytes, census: Any, office: Any, actor: Any) -> dict[str, Any]:
    from census_staff.audit.models import Entry
    from census_staff.batches.runner import run as carry
    from recruitment import roster
    from recruitment.roster_commit import confirm

    start = time.perf_counter()
    upload = roster.take_in([file], name="名册.xlsx", census=census, office=office, actor=actor)
    roster.read(upload.pk)
    upload.refresh_from_db()
    assert upload.reading == "read", upload.refusal
    preview = time.perf_counter() - start
    say(f"  roster: preview {preview:.1f} s")
    batch = carry(confirm(upload, actor=actor).pk)
    commit = time.perf_counter() - start - preview
    births = Entry.objects.filter(batch_id=batch.pk, event="service", old="").count()
    rows = upload.counts["rows"]
    made = batch.report["created"]
    if not made == births == rows:
        say(f"  roster: {rows} rows, {made} made, {births} births, {batch.report}")
    return {"preview": preview, "commit": commit, "whole": made == births == rows}


def _remake(size: int) -> None:
    """Give the peer the same untouched database."""
    import os
    from urllib.parse import urlsplit

    from django.db import connections

    name = urlsplit(os.environ["DATABASE_URL"]).path.lstrip("/")
    connections.close_all()
    ground.fill(size, name)
    # The peer sets sequences anew after each import.
    with connections["owner"].cursor() as cursor:
        cursor.execute("GRANT UPDATE ON ALL SEQUENCES IN SCHEMA public TO census_app")
    connections["owner"].close()


def _import_export(file: bytes, census: Any, actor: Any) -> int:
    """Preview and import the file with the peer's quickest settings; return how many records it made."""
    from census_staff.audit.acting import acting
    from tests.bench.peer_roster import load_dataset, resources

    data = load_dataset(file)
    with acting(actor, reason="peer"):
        people, staff = resources(census, actor)
        for resource in (people, staff):
            resource.import_data(data, dry_run=True, raise_errors=True)
            done = resource.import_data(data, dry_run=False, raise_errors=True)
            say(f"  roster: peer: {resource.__class__.__name__} done")
    return int(done.totals["new"])


def _limit(rows: int) -> float:
    """Return how many rows a second COPY writes into both tables, indexes and triggers on."""
    from django.db import connection, transaction

    people = "".join(
        f"{900_000_000 + n}\tresident\t\\\\x00\t\\\\x{n:064x}\t张三\tzhang san\t{_now()}\n"
        for n in range(rows)
    )
    staff = "".join(
        f"{900_000_000 + n}\t{900_000_000 + n}\t1\t1\tenumerator\tunder_review\tnot_activated\t1\t1\t{_now()}\tf\tf\t\t0\tcollege\t\t\t\t{{}}\t{{}}\n"
        for n in range(rows)
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('census.actor', 'system:bench', true)")
        start = time.perf_counter()
        cursor.cursor.copy_expert(
            "COPY people_person (id, id_kind, id_number, id_digest, name, name_key, added_at) FROM STDIN",
            io.StringIO(people),
        )
        cursor.cursor.copy_expert(
            "COPY recruitment_staff (id, person_id, census_id, office_id, role, service, access, recruited_by_id,"
            " entered_by_id, entered_at, wants_reserve, supplementary, left_reason, moves, schooling, hiring, source,"
            " employer, experience, areas) FROM STDIN",
            io.StringIO(staff),
        )
        took = time.perf_counter() - start
        transaction.set_rollback(True)
    return rows / took


def _now() -> str:
    return "2026-11-22 00:00:00+00"
