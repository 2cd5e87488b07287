"""The roster as a workbook to take away: masked, as text, and on record."""

import io
from collections.abc import Iterator
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from census_staff.audit.services import record
from census_staff.censuses.models import Census
from census_staff.lib import wording

from .querysets import StaffQuerySet
from .standards import STANDARDS
from .words import Role, Schooling

CAP = 100_000


def workbook(rows: StaffQuerySet, *, actor: Any, census: Census) -> bytes:
    """Return the rows as xlsx; that somebody took them away, and how many, is kept."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    count = 0
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(_("Staff roster")[:31])
        bold = book.add_format({"bold": True, "bottom": 1})
        text = book.add_format({"num_format": "@"})
        headings = _headings()
        for at, heading in enumerate(headings):
            sheet.write_string(0, at, heading, bold)
        sheet.set_column(0, len(headings) - 1, 16, text)
        sheet.freeze_panes(1, 1)
        for count, line in enumerate(_lines(rows), start=1):
            for at, value in enumerate(line):
                sheet.write_string(count, at, value, text)
    record(
        "staff.exported",
        actor=actor,
        subject="recruitment_staff",
        census_id=census.pk,
        details={"rows": count},
    )
    return out.getvalue()


def _headings() -> list[str]:
    return [
        _("Full name"),
        _("Kind of staff"),
        _("County"),
        _("Census office"),
        _("ID number"),
        _("Mobile number"),
        _("Schooling"),
        _("Employer and position"),
        _("Area codes"),
        _("Service state"),
        _("Access state"),
        _("Not met yet"),
    ]


def _lines(rows: StaffQuerySet) -> Iterator[list[str]]:
    found = (
        rows.with_unmet()
        .select_related("person", "office__parent")
        .order_by("office__path", "person__name_key", "pk")[:CAP]
    )
    for staff in found.iterator(chunk_size=2000):
        above = staff.office.parent
        yield [
            staff.person.name,
            str(Role(staff.role).label),
            above.short_name if above else "",
            staff.office.short_name,
            wording.masked_id(staff.person.id_number),
            wording.masked_phone(staff.person.phone or ""),
            str(Schooling(staff.schooling).label) if staff.schooling else "",
            staff.employer,
            ";".join(staff.areas),
            staff.get_service_display(),
            staff.get_access_display(),
            "、".join(str(STANDARDS[code].label) for code in staff.unmet),
        ]
