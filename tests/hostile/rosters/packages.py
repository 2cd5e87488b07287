"""Workbooks written part by part, as Excel, WPS and the programs of counties write them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from census_staff.lib.sheets import letter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_LINKS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
GENERAL, TEXT, DAY, CHINESE_DAY, MOMENT = range(5)

Table = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Formula:
    """A cell that computes; `value` is what it showed when the file was saved."""

    text: str
    value: Any = None
    shared: str = ""


@dataclass(frozen=True)
class Fault:
    """A cell that shows an error such as #N/A."""

    text: str


@dataclass(frozen=True)
class Serial:
    """A number shown as a date."""

    number: float
    style: int = DAY


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, its rows from row 1 on, whether it is shown, and parts around the rows."""

    name: str
    rows: Table
    state: str = ""
    before: str = ""
    after: str = ""
    row_marks: Mapping[int, str] | None = None


@dataclass(frozen=True)
class Flavour:
    """How a program writes what every program means alike."""

    prefix: str = ""
    strings: str = "shared"
    dimension: str | None = "true"
    addresses: bool = True
    row_numbers: bool = True
    absolute: bool = False
    is_strict: bool = False
    from_1904: bool = False
    spaces: bool = False
    kind: str = "sheet.main+xml"
    sheet_path: str = "worksheets/sheet{}.xml"
    stored: bool = False
    backslashes: bool = False
    workbook_extra: str = ""


def workbook(
    *sheets: Sheet, flavour: Flavour | None = None, more: Mapping[str, str | bytes] | None = None
) -> bytes:
    """Return the package of these sheets."""
    how = flavour or Flavour()
    strings: dict[str, int] = {}
    parts: dict[str, str | bytes] = {
        f"xl/{how.sheet_path.format(at)}": _sheet(sheet, how, strings)
        for at, sheet in enumerate(sheets, 1)
    }
    parts |= {
        "[Content_Types].xml": _types(sheets, how),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")], how, ""),
        "xl/workbook.xml": _workbook(sheets, how),
        "xl/_rels/workbook.xml.rels": _relations(
            [
                *(("worksheet", how.sheet_path.format(at)) for at in range(1, len(sheets) + 1)),
                ("styles", "styles.xml"),
                ("sharedStrings", "sharedStrings.xml"),
            ],
            how,
            "/xl/",
        ),
        "xl/styles.xml": _styles(how),
        "xl/sharedStrings.xml": _strings(strings, how),
    }
    return package(parts | dict(more or {}), stored=how.stored, backslashes=how.backslashes)


def package(
    parts: Mapping[str, str | bytes], *, stored: bool = False, backslashes: bool = False
) -> bytes:
    """Return a zip of these parts."""
    out = io.BytesIO()
    way = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(out, "w", way) as made:
        for name, data in parts.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = way
            if backslashes:
                entry.filename = name.replace("/", "\\")
            made.writestr(entry, data)
    return out.getvalue()


def repacked(data: bytes, **changes: Any) -> bytes:
    """Return the package with some parts put through a function, or added."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts: dict[str, Any] = {name: old.read(name) for name in old.namelist()}
    for name, change in changes.items():
        parts[name] = change(parts[name]) if callable(change) else change
    return package(parts)


def _open(how: Flavour, tag: str) -> str:
    space = STRICT_MAIN if how.is_strict else MAIN
    links = STRICT_LINKS if how.is_strict else LINKS
    own = f"xmlns:{how.prefix}" if how.prefix else "xmlns"
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
        f'<{_n(how, tag)} {own}="{space}" xmlns:r="{links}">'
    )


def _n(how: Flavour, tag: str) -> str:
    return f"{how.prefix}:{tag}" if how.prefix else tag


def _sheet(sheet: Sheet, how: Flavour, strings: dict[str, int]) -> str:
    width = max((len(row) for row in sheet.rows), default=1)
    dimension = how.dimension
    if dimension == "true":
        dimension = f"A1:{letter(max(width, 1) - 1)}{max(len(sheet.rows), 1)}"
    pieces = [_open(how, "worksheet")]
    if dimension is not None:
        pieces.append(f"<{_n(how, 'dimension')} ref={quoteattr(dimension)}/>")
    pieces += [sheet.before, f"<{_n(how, 'sheetData')}>"]
    for number, row in enumerate(sheet.rows, 1):
        marks = (sheet.row_marks or {}).get(number, "")
        where = f' r="{number}"' if how.row_numbers else ""
        cells = "".join(_cell(value, at, number, how, strings) for at, value in enumerate(row))
        if cells or marks or not how.row_numbers:
            tag = _n(how, "row")
            pieces.append(f"<{tag}{where}{marks}>{cells}</{tag}>")
    pieces += [f"</{_n(how, 'sheetData')}>", sheet.after, f"</{_n(how, 'worksheet')}>"]
    return ("\n" if how.spaces else "").join(pieces)


def _cell(value: Any, at: int, row: int, how: Flavour, strings: dict[str, int]) -> str:
    where = f' r="{letter(at)}{row}"' if how.addresses else ""
    c, v, f = _n(how, "c"), _n(how, "v"), _n(how, "f")
    if value is None:
        return "" if how.addresses else f"<{c}/>"
    if isinstance(value, Formula):
        kind = ' t="str"' if isinstance(value.value, str) else ""
        shown = "" if value.value is None else f"<{v}>{escape(str(value.value))}</{v}>"
        return f"<{c}{where}{kind}><{f}{value.shared}>{escape(value.text)}</{f}>{shown}</{c}>"
    if isinstance(value, Fault):
        return f'<{c}{where} t="e"><{v}>{value.text}</{v}></{c}>'
    if isinstance(value, Serial):
        return f'<{c}{where} s="{value.style}"><{v}>{value.number!r}</{v}></{c}>'
    if isinstance(value, bool):
        return f'<{c}{where} t="b"><{v}>{int(value)}</{v}></{c}>'
    if isinstance(value, int | float):
        return f"<{c}{where}><{v}>{value!r}</{v}></{c}>"
    return _text(str(value), where, how, strings)


def _text(text: str, where: str, how: Flavour, strings: dict[str, int]) -> str:
    c, v, t = _n(how, "c"), _n(how, "v"), _n(how, "t")
    keep = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
    if how.strings == "inline":
        inner = f"<{t}{keep}>{escape(text)}</{t}>"
        return f'<{c}{where} s="1" t="inlineStr"><{_n(how, "is")}>{inner}</{_n(how, "is")}></{c}>'
    if how.strings == "str":
        return f'<{c}{where} t="str"><{v}>{escape(text)}</{v}></{c}>'
    at = strings.setdefault(text, len(strings))
    return f'<{c}{where} s="1" t="s"><{v}>{at}</{v}></{c}>'


def _strings(strings: Mapping[str, int], how: Flavour) -> str:
    si, t, r = _n(how, "si"), _n(how, "t"), _n(how, "r")
    pieces = [_open(how, "sst")]
    for text in strings:
        keep = ' xml:space="preserve"'
        if how.strings == "rich" and len(text) > 1:
            runs = (f"<{r}><{t}{keep}>{escape(part)}</{t}></{r}>" for part in (text[:1], text[1:]))
            # What is written above a character to tell how it is read is no part of the text.
            sound = f'<{_n(how, "rPh")} sb="0" eb="1"><{t}>pinyin</{t}></{_n(how, "rPh")}>'
            pieces.append(f"<{si}>{''.join(runs)}{sound}</{si}>")
        else:
            pieces.append(f"<{si}><{t}{keep}>{escape(text)}</{t}></{si}>")
    return "".join(pieces) + f"</{_n(how, 'sst')}>"


def _styles(how: Flavour) -> str:
    formats = (0, 49, 14, 164, 22)
    n = {tag: _n(how, tag) for tag in
         ("numFmts", "numFmt", "fonts", "font", "fills", "fill", "borders", "border",
          "cellStyleXfs", "xf", "cellXfs")}  # fmt: skip
    xfs = "".join(f'<{n["xf"]} numFmtId="{one}" applyNumberFormat="1"/>' for one in formats)
    return (
        _open(how, "styleSheet")
        + f'<{n["numFmts"]} count="1"><{n["numFmt"]} numFmtId="164" '
        + 'formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/>'
        + f"</{n['numFmts']}><{n['fonts']}><{n['font']}/></{n['fonts']}>"
        + f"<{n['fills']}><{n['fill']}><{_n(how, 'patternFill')}/></{n['fill']}></{n['fills']}>"
        + f"<{n['borders']}><{n['border']}/></{n['borders']}>"
        + f"<{n['cellStyleXfs']}><{n['xf']}/></{n['cellStyleXfs']}>"
        + f"<{n['cellXfs']}>{xfs}</{n['cellXfs']}></{_n(how, 'styleSheet')}>"
    )


def _workbook(sheets: Sequence[Sheet], how: Flavour) -> str:
    names = "".join(
        f'<{_n(how, "sheet")} name={quoteattr(one.name)} sheetId="{at}" r:id="rId{at}"'
        + (f' state="{one.state}"' if one.state else "")
        + "/>"
        for at, one in enumerate(sheets, 1)
    )
    about = f'<{_n(how, "workbookPr")} date1904="1"/>' if how.from_1904 else ""
    return (
        _open(how, "workbook")
        + f"{about}<{_n(how, 'sheets')}>{names}</{_n(how, 'sheets')}>"
        + how.workbook_extra
        + f"</{_n(how, 'workbook')}>"
    )


def _relations(targets: Sequence[tuple[str, str]], how: Flavour, root: str) -> str:
    base = STRICT_LINKS if how.is_strict else LINKS
    lead = root if how.absolute else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{RELATIONS}">'
        + "".join(
            f'<Relationship Id="rId{at}" Type="{base}/{kind}" Target="{lead}{target}"/>'
            for at, (kind, target) in enumerate(targets, 1)
        )
        + "</Relationships>"
    )


def _types(sheets: Sequence[Sheet], how: Flavour) -> str:
    parts = {
        f"/xl/{how.sheet_path.format(at)}": "worksheet+xml" for at in range(1, len(sheets) + 1)
    }
    parts |= {"/xl/workbook.xml": how.kind, "/xl/styles.xml": "styles+xml"}
    parts |= {"/xl/sharedStrings.xml": "sharedStrings+xml"}
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{TYPES}">'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        + "".join(
            f'<Override PartName="{name}" ContentType="{KIND}.{kind}"/>'
            for name, kind in parts.items()
        )
        + "</Types>"
    )
