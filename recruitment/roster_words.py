"""What is said about the rows of a roster: by code, so that every reader gets their language."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, override, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from census_staff.batches.words import reason_word

from .roster_columns import BY_KEY, CellError

# What we understood although it was written otherwise.
REPAIRS: dict[str, str | Promise] = {
    "name_composed": _("Characters put together into their usual form"),
    "name_invisible": _("Unseen characters removed"),
    "name_form": _("Characters changed to their usual form"),
    "name_spaces": _("Spaces removed"),
    "name_dot": _("Separator made “·”"),
    "phone_normalised": _("Digits made half width, without spaces"),
    "id_normalised": _("Digits made half width, without spaces"),
    "code_normalised": _("Code shortened to its usual length"),
    "areas_normalised": _("Codes separated by semicolons"),
    "supervisor_normalised": _("Only the number kept"),
    "spaces_tidied": _("Spaces tidied"),
    "word_understood": _("Taken as the word of the list"),
    "experience_understood": _("Known censuses by their short names"),
    "date_normalised": _("Written as a date"),
    # A person known already by another name or number: nothing is overwritten.
    "correction": _("Differs from the record; goes to review as a correction"),
}

# What is wrong with a row that can be read: asked of the file, the office and the database.
SENTENCES: dict[str, str | Promise] = {
    "census_wrong": _("This row names another census. Please upload it there."),
    "office_out_of_scope": _("This office code is not within your reach. Please correct it."),
    "twice_in_file": _("Row %(row)s has the same ID number. Please keep only one of the two rows."),
    "phone_twice_in_file": _(
        "Row %(row)s has the same mobile number. Everybody needs their own; please correct it."
    ),
    "phone_taken": _(
        "This mobile number is already used by another person in this census. Please check it, or "
        "ask the city for help."
    ),
    "serves_elsewhere": _(
        "This person already serves in this census. Please apply for a transfer."
    ),
    "other_office": _(
        "This person already serves at %(office)s. A roster moves nobody: please transfer them on "
        "their own page."
    ),
    "refused_before": _(
        "The review refused this person in this census. Please talk to the reviewer first."
    ),
    "role_fixed": _(
        "This person is appointed in the other kind of staff, which a roster does not change."
    ),
    "supervisor_unknown": _(
        "This supervisor is neither in this file nor in the system. Please enter them first or "
        "choose another one."
    ),
    "supervisor_not_one": _(
        "Row %(row)s with this number is no supervisor. Please enter a supervisor's number."
    ),
    "supervisor_row_bad": _(
        "The supervisor stands in row %(row)s, which has an error itself. Please mend that row."
    ),
    "correction_open": _(
        "Another correction of this field is waiting for review. Please wait for the decision."
    ),
    # Photos of a zip.
    "photo_unmatched": _("Nobody within your reach has the ID number in this file name."),
    "photo_too_small": _("The photo is too small to print: it needs at least 240 by 336 pixels."),
    "photo_unreadable": _(
        "The photo cannot be read. Please choose an undamaged JPEG or PNG photo."
    ),
    "photo_wrong_kind": _("This file is no JPEG or PNG photo and was left out."),
    "photo_too_large": _("The photo file is too large and was left out."),
    "photo_too_large_pixels": _(
        "The photo has more than 25 million pixels. Please take it with a lower resolution."
    ),
    # Warnings: the row goes in.
    "correction_refused": _("The review refused this change before; the record stays as it is."),
    "kept_after_review": _("The review has seen this field; a roster no longer changes it."),
    "schooling_low": _("Below the schooling this census asks for; the review decides."),
    "age_hint": _("The age lies outside what this census expects; the review decides."),
    "area_unknown": _("No area with this code is known. Please check it."),
}


# What became of a row once it was written; and what a sentence above says of other rows.
WRITTEN: dict[str, str | Promise] = {
    "created": pgettext_lazy("row", "Entered anew"),
    "updated": pgettext_lazy("row", "Record changed"),
    "unchanged": pgettext_lazy("row", "Nothing to change"),
    "expired": _("The uploaded rows were deleted before they were written."),
    "twice_in_file": _("Another row has the same ID number."),
    "phone_twice_in_file": _("Another row has the same mobile number."),
    "other_office": _("This person already serves at another office."),
    "supervisor_not_one": _("The row with the supervisor's number is no supervisor."),
    "supervisor_row_bad": _("The supervisor's own row has an error."),
}


def row_word(code: str) -> str:
    """Return what became of a written row."""
    return str(WRITTEN.get(code) or SENTENCES.get(code) or reason_word(code))


def remark(field: str, code: str, *, is_warning: bool = False, **said: Any) -> dict[str, Any]:
    """Return a judgement as plain values for storing."""
    made: dict[str, Any] = {"field": field, "code": code}
    return made | ({"args": said} if said else {}) | ({"is_warning": True} if is_warning else {})


def cell_remark(error: CellError) -> dict[str, Any]:
    """Return what is wrong with one cell as plain values, in both languages."""
    made = remark(error.field, error.code, is_warning=error.is_warning)
    with override("zh-hans"):
        made["zh"] = str(error.sentence)
    with override("en"):
        made["en"] = str(error.sentence)
    return made | {"value": error.value_masked}


def sentence(stored: Mapping[str, Any]) -> str:
    """Return what a stored remark says, in the reader's language."""
    known = SENTENCES.get(stored["code"])
    if known is not None:
        return str(known) % stored["args"] if stored.get("args") else str(known)
    return str(stored.get("en" if get_language() == "en" else "zh", stored["code"]))


def repair_note(code: str) -> str:
    """Return how a cell was repaired."""
    return str(REPAIRS.get(code, REPAIRS["word_understood"]))


def title(field: str) -> str:
    """Return the column's name as the template writes it."""
    return BY_KEY[field].title if field in BY_KEY else field
