"""Why a workbook was refused, in full sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

SENTENCES: dict[str, _StrPromise] = {
    "workbook_empty": _("The file is empty. Please choose the filled-in workbook."),
    "workbook_not_a_workbook": _(
        "This file is not an Excel workbook. Please upload the template saved as .xlsx."
    ),
    "workbook_is_text": _(
        "This is a text table (CSV), in which ID numbers easily lose digits. Please copy the "
        "rows into the template and save it as .xlsx."
    ),
    "workbook_is_xls": _(
        "This is a workbook of the old .xls kind. Please open it, choose Save As and the kind "
        ".xlsx, and upload that file."
    ),
    "workbook_encrypted": _(
        "The workbook is protected by a password. Please remove the password and upload it again."
    ),
    "workbook_wrong_kind": _(
        "This file is no .xlsx workbook, though it is packed like one. Please save it as .xlsx "
        "and upload it again."
    ),
    "workbook_has_macros": _(
        "The workbook holds macros, which we never open. Please save it as .xlsx without macros."
    ),
    "workbook_damaged": _(
        "The workbook is damaged or was not uploaded to its end. Please open it, save it again "
        "and upload the new file."
    ),
    "workbook_suspicious": _(
        "The workbook is built in an unusual way and was not opened. Please copy the rows into a "
        "fresh template and upload that."
    ),
    "workbook_too_large": _(
        "The workbook is too large. Please split it by township and upload the parts."
    ),
    "workbook_too_complex": _(
        "The workbook took too much memory or time, often because of content far below or far to "
        "the right of the table. Please copy the rows into a fresh template and upload that."
    ),
    "workbook_too_many_rows": _(
        "The workbook has too many rows for one upload. Please split it by township."
    ),
    "workbook_too_wide": _(
        "The sheet has too many columns. Please copy the rows into a fresh template."
    ),
    "workbook_no_sheet": _(
        "The workbook has no visible sheet. Please show the sheet with the roster and save."
    ),
    "header_missing": _(
        "No row with the column names was found. Please keep the header row of the template."
    ),
}
