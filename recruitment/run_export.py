"""What leaves the house about a run: the workbook of its list and report, and the call list."""

import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO

import xlsxwriter
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from census_staff.audit.services import record
from census_staff.batches.models import Batch, BatchItem
from census_staff.lib.errors import Refused
from census_staff.lib.wording import deadline, exact_moment, masked_phone, moment

from .call_list_pdf import Call, write_call_list
from .compliance.questions import Owed, day_of, standards_of
from .compliance.report import count_lots, matrix
from .compliance.speaking import unread
from .models import Staff
from .run_pages import lines
from .run_words import UNMET
from .words import Role

# One request writes no more; a larger list goes out county by county.
MOST_ROWS = 60_000
MOST_CALLS = 3_000


def write_workbook(batch: Batch, items: "QuerySet[BatchItem]", *, actor: Any) -> BinaryIO:
    """Return the open workbook of the matrix and the list (text only), and record the export."""
    count = items.count()
    if count > MOST_ROWS:
        raise Refused("too_many_rows", _("The list is too long for one file. Choose a county."))
    out = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        _write_matrix(book, batch, items)
        _write_list(book, batch, items)
    record(
        "export",
        actor=actor,
        subject="batches_batch",
        subject_id=batch.pk,
        reason="run_list",
        office_id=batch.office_id,
        census_id=batch.census_id,
        details={"rows": count},
    )
    out.seek(0)
    return out


def _write_matrix(book: Any, batch: Batch, items: "QuerySet[BatchItem]") -> None:
    sheet = book.add_worksheet(_("Counties and reasons"))
    bold = book.add_format({"bold": True})
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 12, 14)
    codes = standards_of(batch)
    rows, whole = matrix(batch, count_lots(batch, items))
    sheet.write_string(0, 0, batch.title or _("Scheduled disabling"), bold)
    sheet.write_string(1, 0, _("List %(n)d") % {"n": batch.pk})
    for at, (name, value) in enumerate(_times(batch)):
        sheet.write_string(1, 1 + 2 * at, name)
        sheet.write_string(1, 2 + 2 * at, value)
    heads = [_("County"), *(str(UNMET[code]) for code in codes), _("On the list"), _("Exempt")]
    heads += [pgettext("count", "Disabled"), pgettext("run", "Spared"), _("Pending"), _("Undone")]
    for column, head in enumerate(heads):
        sheet.write_string(3, column, head, bold)
    for line, row in enumerate([*rows, whole], 4):
        sheet.write_string(line, 0, row.name or _("All counties"))
        numbers = [*(row.reasons[code] for code in codes), row.listed, row.exempt]
        numbers += [row.done, row.spared, row.pending, row.undone]
        for column, number in enumerate(numbers, 1):
            sheet.write_number(line, column, number)
    foot = 4 + len(rows) + 3
    signs = (_("Prepared by (signature):"), _("Approved by (signature):"), _("Date:"))
    for column, sign in enumerate(signs):
        sheet.write_string(foot, column * 3, sign)


def _times(batch: Batch) -> list[tuple[str, str]]:
    known = [
        (_("Frozen"), batch.frozen_at),
        (_("Executes at"), batch.due_at),
        (_("Finished"), batch.finished_at),
    ]
    return [(name, exact_moment(at)) for name, at in known if at]


def _write_list(book: Any, batch: Batch, items: "QuerySet[BatchItem]") -> None:
    sheet = book.add_worksheet(_("Names"))
    bold = book.add_format({"bold": True})
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, 6, 22)
    heads = (
        _("No."),
        pgettext("person", "Name"),
        pgettext("run", "Role"),
        pgettext("column", "Office"),
        _("Reason"),
        _("State"),
        _("Remark"),
    )
    for column, head in enumerate((*heads, _("Time"))):
        sheet.write_string(0, column, head, bold)
    for at, line in enumerate(_in_chunks(batch, items), 1):
        staff = line.staff
        cells = (
            str(line.item.position),
            staff.person.name if staff else "–",
            str(Role(staff.role).label) if staff else "–",
            f"{line.above} {line.place}".strip(),
            "、".join(str(reason) for reason in line.reasons),
            str(line.item.get_state_display()),
            str(line.outcome),
            moment(line.item.done_at) if line.item.done_at else "",
        )
        for column, cell in enumerate(cells):
            sheet.write_string(at, column, cell)


def _in_chunks(batch: Batch, items: "QuerySet[BatchItem]") -> Iterator[Any]:
    after = 0
    while some := list(items.filter(position__gt=after).order_by("position")[:1000]):
        yield from lines(batch, some)
        after = some[-1].position


def write_calls(batch: Batch, out: BinaryIO, *, actor: Any, county_path: str = "") -> int:
    """Write the call list of those within reach who opened no warning; record it; return how many."""
    codes = standards_of(batch)
    rows = unread(batch).filter(pk__in=Staff.objects.allowed(actor, "run.view").values("pk"))
    rows = rows.filter(office__path__startswith=county_path).annotate(
        owed=Owed(codes, day_of(batch))
    )
    rows = rows.select_related("person", "office__parent").order_by(
        "office__path", "person__name_key", "pk"
    )
    count: int = rows.count()
    if count > MOST_CALLS:
        raise Refused("too_many_rows", _("The list is too long for one file. Choose a county."))
    write_call_list(
        out,
        (_call(staff) for staff in rows),
        title=_("Call list before the disabling"),
        subtitle=_("%(census)s · executes at %(at)s · %(n)d people")
        % {
            "census": batch.census.name,
            "at": deadline(batch.due_at) if batch.due_at else "–",
            "n": count,
        },
        made_at=timezone.localtime(),
    )
    record(
        "export",
        actor=actor,
        subject="batches_batch",
        subject_id=batch.pk,
        reason="call_list",
        office_id=batch.office_id,
        census_id=batch.census_id,
        details={"rows": count},
    )
    return count


def _call(staff: Any) -> Call:
    return Call(
        full_name=staff.person.name,
        office=staff.office.short_name,
        masked_phone=masked_phone(staff.person.phone or ""),
        reason="、".join(str(UNMET[code]) for code in staff.owed),
        has_read=False,
    )
