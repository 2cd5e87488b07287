"""How one cell of a roster is read: typed, pasted, chosen or left by Excel."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from census_staff.lib import idcard, names, phones
from census_staff.lib.errors import Refused
from census_staff.lib.sheets import CellValue
from recruitment import words

LOST_FROM = 10**14
EXPONENT = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]{2}", re.IGNORECASE)
SEPARATORS = re.compile(r"[;；,，、|/\\\s\u200b\ufeff]+")
# What programs make of a number that they write as text.
POINT_ZERO = re.compile(r"(?<=[0-9]{11})\.0+$")
UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")


# What Excel and WPS show where a formula failed, kept or pasted as text.
FAULTS = frozenset(("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"))


class Read(NamedTuple):
    """A value in stored form; `repaired` names what had to be understood to get there."""

    value: Any
    repaired: str = ""


def text_of(cell: CellValue) -> str:
    """Return a cell as the user saw it, without the spaces around it."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def squeezed(text: str) -> str:
    """Return text half width, without any space or unseen character."""
    return re.sub(r"\s+", "", UNSEEN.sub("", unicodedata.normalize("NFKC", text))).lstrip("'‘’")


def is_fault(cell: CellValue) -> bool:
    """Return whether the cell shows a formula that failed."""
    return isinstance(cell, str) and cell.strip().upper() in FAULTS


def has_lost_digits(cell: CellValue) -> bool:
    """Return whether Excel kept the cell as a number too long for it (15 digits are sure)."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return abs(cell) >= LOST_FROM
    if not isinstance(cell, str) or (cell.isascii() and "E" not in cell.upper()):
        return False
    return EXPONENT.fullmatch(squeezed(cell)) is not None


def id_number(cell: CellValue, kind: str, today: date | None) -> Read:
    """Return the ID number of a document of this kind."""
    if has_lost_digits(cell):
        raise Refused(
            "id_number_lost_digits",
            _(
                "Excel stored the ID number as a number and its last digits are lost. Please set "
                "the column to Text and enter it again."
            ),
        )
    raw = text_of(cell)
    if kind == words.IdKind.OTHER:
        number = squeezed(raw).upper()
        if not re.fullmatch(r"[0-9A-Z()\-]{5,30}", number):
            raise Refused(
                "id_other_invalid",
                _("The number of the document has 5 to 30 letters and digits. Please correct it."),
            )
    elif kind == words.IdKind.FOREIGNER and re.fullmatch(
        r"[A-Z]{3}[0-9]{12}", idcard.normalise(raw)
    ):
        number = idcard.normalise(raw)
    else:
        foreign = kind == words.IdKind.FOREIGNER
        number = idcard.parse(raw, today=today, foreign=foreign).number
    return Read(number, "id_normalised" if number != raw else "")


def name(cell: CellValue) -> Read:
    """Return a name in stored form."""
    found = names.clean(text_of(cell))
    return Read(found.name, found.repairs[0] if found.repairs else "")


def phone(cell: CellValue) -> Read:
    """Return a mobile number."""
    raw = text_of(cell)
    number = phones.parse(POINT_ZERO.sub("", raw))
    return Read(number, "phone_normalised" if number != raw else "")


def backup_phone(cell: CellValue) -> Read:
    """Return a mobile or landline number."""
    raw = text_of(cell)
    number = phones.parse_any(raw)
    # 0564-3631234 is how everybody writes it: nothing was repaired.
    return Read(number, "phone_normalised" if number != raw.replace("-", "") else "")


def office_code(cell: CellValue) -> Read:
    """Return the code of an office: 6 digits of a county or 9 of a township."""
    raw = text_of(cell)
    code = re.match(r"[0-9]*", squeezed(raw))[0]  # type: ignore[index]
    if len(code) == 12 and code.endswith("000"):
        code = code[:9]
    if len(code) == 9 and code.endswith("000"):
        code = code[:6]
    if len(code) not in (6, 9):
        raise Refused(
            "office_code_invalid",
            _("The office code has 6 digits (county) or 9 digits (township). Please correct it."),
        )
    return Read(code, "code_normalised" if code != raw else "")


def area_codes(cell: CellValue) -> Read:
    """Return the 12-digit codes of a cell, each once, in the order given."""
    if has_lost_digits(cell):
        raise Refused(
            "area_lost_digits",
            _(
                "Excel stored several area codes as one number and digits are lost. Please set the "
                "column to Text and enter them again."
            ),
        )
    raw = text_of(cell)
    pieces = [piece for piece in SEPARATORS.split(unicodedata.normalize("NFKC", raw)) if piece]
    codes: list[str] = []
    for piece in pieces:
        found = re.fullmatch(r"'?([0-9]{12})(?![0-9])[^0-9]*", piece)
        if found is None and not re.search(r"[0-9]", piece):
            continue  # the name of the village after its code
        if found is None or found[1].endswith("000"):
            raise Refused(
                "area_code_invalid",
                _(
                    "Area codes have 12 digits and do not end in 000; several are separated by "
                    "semicolons. Please correct them."
                ),
            )
        codes.append(found[1])
    if not codes:
        raise Refused("area_code_invalid", _("No area code was found. Please enter its 12 digits."))
    unique = list(dict.fromkeys(codes))
    tidy = ";".join(unique)
    return Read(tuple(unique), "areas_normalised" if tidy != raw.replace("；", ";") else "")


def supervisor(cell: CellValue) -> Read:
    """Return what the supervisor is named by: ("id", number) or ("phone", number)."""
    if has_lost_digits(cell):
        raise Refused(
            "supervisor_lost_digits",
            _(
                "Excel stored the supervisor's ID number as a number and its last digits are lost. "
                "Please set the column to Text and enter it again, or use the mobile number."
            ),
        )
    raw = text_of(cell)
    tidy = squeezed(raw).upper()
    ids = re.findall(r"(?<![0-9])[0-9]{17}[0-9X](?![0-9])", tidy)
    if len(ids) == 1 and idcard.is_sound(ids[0]):
        return Read(("id", ids[0]), "supervisor_normalised" if ids[0] != raw else "")
    mobiles = re.findall(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])", phones.normalise(tidy))
    if not ids and len(mobiles) == 1:
        return Read(("phone", mobiles[0]), "supervisor_normalised" if mobiles[0] != raw else "")
    raise Refused(
        "supervisor_invalid",
        _("The supervisor is named by an ID number or a mobile number. Please enter one of them."),
    )


def sentence(longest: int, code: str) -> Callable[[CellValue], Read]:
    """Return a reader of free text up to a length."""

    def read(cell: CellValue) -> Read:
        raw = text_of(cell)
        tidy = re.sub(r"\s+", " ", UNSEEN.sub("", unicodedata.normalize("NFC", raw))).strip()
        if any(unicodedata.category(one) in ("Cc", "Cs", "Co") for one in tidy):
            raise Refused(
                f"{code}_characters",
                _("The cell holds characters that cannot be read. Please type it again."),
            )
        if len(tidy) > longest:
            raise Refused(f"{code}_too_long", _("The text is too long. Please shorten it."))
        return Read(tidy, "spaces_tidied" if tidy != raw else "")

    return read


def word(table: Mapping[Any, str], code: str) -> Callable[[CellValue], Read]:
    """Return a reader of one of the words of a table, with everything accepted for it."""
    meanings = {
        _key(one): (str(value), line.split()[0])
        for value, line in reversed(list(table.items()))
        for one in (*line.split(), str(value))
    }

    def read(cell: CellValue) -> Read:
        raw = text_of(cell)
        found = meanings.get(_key(raw))
        if found is None:
            raise Refused(
                code, _("This is none of the words of the list. Please choose one from the list.")
            )
        value, first = found
        return Read(value, "" if raw in (first, first.replace("(", "（").replace(")", "）"))
                    else "word_understood")  # fmt: skip

    return read


def _key(text: str) -> str:
    return re.sub(r"[()\[\]/、\-_.。·]", "", squeezed(text)).casefold()


_EXPERIENCE = {
    _key(one): line.split()[0] for line in words.EXPERIENCE_WORDS for one in line.split()
}
_NONE = frozenset(map(_key, ("无", "没有", "否", "-", "—", "/", "暂无", "无经历")))


def experience(cell: CellValue) -> Read:
    """Return earlier censuses, the known ones by their short names."""
    raw = text_of(cell)
    pieces = [piece for piece in SEPARATORS.split(raw) if piece]
    found = [_EXPERIENCE.get(_key(piece), piece) for piece in pieces if _key(piece) not in _NONE]
    if any(len(one) > 40 for one in found) or len(found) > 20:
        raise Refused(
            "experience_too_long",
            _("Please list earlier censuses by their short names, separated by semicolons."),
        )
    unique = tuple(dict.fromkeys(found))
    changed = [piece for piece in pieces if _key(piece) not in _NONE] != list(unique)
    return Read(unique, "experience_understood" if changed else "")


_YES = frozenset(map(_key, ("是", "y", "yes", "1", "true", "√", "✓", "✔", "对", "储备", "有")))
_NO = frozenset(map(_key, ("否", "n", "no", "0", "false", "×", "✗", "x", "不是", "非", "无", "不")))


def yes_no(cell: CellValue) -> Read:
    """Return whether the cell says yes."""
    raw = text_of(cell)
    key = _key(raw)
    if key not in _YES and key not in _NO:
        raise Refused("yes_no_invalid", _("Please answer with 是 or 否."))
    return Read(key in _YES, "" if raw in ("是", "否") else "word_understood")


_SEXES = {"男": "male", "m": "male", "male": "male", "1": "male", "男性": "male",
          "女": "female", "f": "female", "female": "female", "2": "female", "女性": "female"}  # fmt: skip


def sex(cell: CellValue) -> Read:
    """Return the sex somebody typed, empty when it is no known word."""
    return Read(_SEXES.get(_key(text_of(cell)), ""))


_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[T0:]*)?")


def day(cell: CellValue) -> Read:
    """Return a date; a bare number is never taken for one, for nobody knows where it counts from."""
    if isinstance(cell, datetime):
        return Read(cell.date())
    if isinstance(cell, date):
        return Read(cell)
    raw = text_of(cell)
    tidy = squeezed(raw)
    found = _DATE.fullmatch(tidy) or re.fullmatch(r"([12][0-9]{3})([0-9]{2})([0-9]{2})", tidy)
    try:
        value = date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        value = None
    if value is None or not 1900 <= value.year <= 2100:
        raise Refused(
            "date_invalid", _("This is no date. Please write it like 2026-12-01 and format the cell "
                              "as a date or as text."),
        )  # fmt: skip
    return Read(value, "" if raw == value.isoformat() else "date_normalised")


_PERSONAL = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|\d{15,17}[\dXx]?)(?!\d)")


def veiled(text: str) -> str:
    """Return text in which ID and telephone numbers put into the wrong column are hidden."""
    return _PERSONAL.sub(lambda found: idcard.mask(found[0]), text)


def choices(table: Mapping[Any, str]) -> list[str]:
    """Return the words the template offers, in their order."""
    return [line.split()[0] for line in table.values()]


WORDS: dict[str, Mapping[Any, str]] = {
    "role": words.ROLE_WORDS,
    "id_kind": words.ID_KIND_WORDS,
    "schooling": words.SCHOOLING_WORDS,
    "hiring": words.HIRING_WORDS,
    "source": words.SOURCE_WORDS,
}


def written(column: str, value: str) -> str:
    """Return the word that stands for a value of a column in a workbook."""
    lines = WORDS[column].items()
    return next((line.split()[0] for key, line in lines if str(key) == value), "")


def joined(values: Iterable[str]) -> str:
    """Return several values as one cell."""
    return ";".join(values)
