"""Read the courses that ship with the product: one folder a course, `course.json` and the files it names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONTENT = Path(__file__).parent / "content"

BLOCKS = ("heading", "paragraph", "list", "steps", "note", "table")
TONES = ("go", "ok", "warn", "bad")


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a page, plain text throughout: a template gives it its look, nothing in it is markup."""

    kind: str
    text: str = ""
    tone: str = ""
    items: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the block as the data file writes it, without its empty parts."""
        parts = {"kind": self.kind, "text": self.text, "tone": self.tone}
        lists = {
            "items": list(self.items),
            "head": list(self.head),
            "rows": [list(row) for row in self.rows],
        }
        return {name: part for name, part in {**parts, **lists}.items() if part}


@dataclass(frozen=True, slots=True)
class Check:
    """The one question at the end of a unit: `answer` is the place of the right option, counted from 0."""

    stem: str
    options: tuple[str, ...]
    answer: int
    explanation: str


@dataclass(frozen=True, slots=True)
class Caption:
    """One caption track of a film."""

    language: str
    label: str
    path: Path


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: a `page` has blocks, a `pdf` a file and its pages, a `film` a file, poster, captions and seconds."""

    slug: str
    kind: str
    title: str
    minutes: int
    check: Check
    blocks: tuple[Block, ...] = ()
    path: Path | None = None
    pages: int = 0
    seconds: int = 0
    poster: Path | None = None
    captions: tuple[Caption, ...] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """One shipped course with its units in the order of study."""

    slug: str
    version: str
    title: str
    title_en: str
    summary: str
    roles: tuple[str, ...]
    units: tuple[Unit, ...]

    @property
    def minutes(self) -> int:
        """Return how long the whole course takes."""
        return sum(unit.minutes for unit in self.units)


def read_courses(root: Path = CONTENT) -> tuple[Course, ...]:
    """Return the shipped courses in the order of their folders' names."""
    return tuple(read_course(path.parent) for path in sorted(root.glob("*/course.json")))


def read_course(folder: Path) -> Course:
    """Return the course of one folder; a fault in its data is a ValueError that names the unit."""
    stated = json.loads((folder / "course.json").read_text(encoding="utf-8"))
    units = tuple(_unit(folder, unit) for unit in stated["units"])
    if len({unit.slug for unit in units}) != len(units):
        raise ValueError(f"{folder.name}: two units share a slug")
    return Course(
        slug=stated["slug"],
        version=stated["version"],
        title=stated["title"],
        title_en=stated["title_en"],
        summary=stated["summary"],
        roles=tuple(stated["roles"]),
        units=units,
    )


def read_blocks(stated: list[Mapping[str, Any]]) -> tuple[Block, ...]:
    """Return the blocks of a page or of a printed handbook."""
    return tuple(_block(block) for block in stated)


def _unit(folder: Path, stated: Mapping[str, Any]) -> Unit:
    unit = Unit(
        slug=stated["slug"],
        kind=stated["kind"],
        title=stated["title"],
        minutes=stated["minutes"],
        check=_check(stated["check"]),
        blocks=read_blocks(stated.get("blocks", [])),
        path=_named(folder, stated.get("file")),
        pages=stated.get("pages", 0),
        seconds=stated.get("seconds", 0),
        poster=_named(folder, stated.get("poster")),
        captions=tuple(
            Caption(track["language"], track["label"], folder / track["file"])
            for track in stated.get("captions", [])
        ),
    )
    has_its_parts = {
        "page": bool(unit.blocks),
        "pdf": bool(unit.path and unit.pages),
        "film": bool(unit.path and unit.poster and unit.captions and unit.seconds),
    }
    if not has_its_parts.get(unit.kind, False):
        raise ValueError(f"{folder.name}/{unit.slug}: a unit of kind {unit.kind!r} lacks a part")
    for path in (unit.path, unit.poster, *(track.path for track in unit.captions)):
        if path is not None and not path.is_file():
            raise ValueError(f"{folder.name}/{unit.slug}: {path.name} is missing")
    return unit


def _named(folder: Path, name: str | None) -> Path | None:
    return folder / name if name else None


def _check(stated: Mapping[str, Any]) -> Check:
    check = Check(stated["stem"], tuple(stated["options"]), stated["answer"], stated["explanation"])
    if len(set(check.options)) < 2 or not 0 <= check.answer < len(check.options):
        raise ValueError(f"check question without a right option: {check.stem}")
    return check


def _block(stated: Mapping[str, Any]) -> Block:
    block = Block(
        kind=stated["kind"],
        text=stated.get("text", ""),
        tone=stated.get("tone", ""),
        items=tuple(stated.get("items", ())),
        head=tuple(stated.get("head", ())),
        rows=tuple(tuple(row) for row in stated.get("rows", ())),
    )
    says_something = {
        "list": block.items,
        "steps": block.items,
        "table": block.head
        and block.rows
        and all(len(row) == len(block.head) for row in block.rows),
    }.get(block.kind, block.text)
    if block.kind not in BLOCKS or not says_something or block.tone not in ("", *TONES):
        raise ValueError(f"unreadable block: {dict(stated)}")
    return block
