"""Three people who cannot exist, as a table, and what a reader must make of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from recruitment.roster_columns import BY_KEY, synthetic_id
from tests.hostile.rosters.packages import Flavour, Sheet, workbook

KEYS = (
    "office_code", "role", "name", "id_number", "schooling", "phone", "hiring", "source",
    "employer", "areas", "supervisor", "starts_on", "ends_on",
)  # fmt: skip
HEAD = tuple(BY_KEY[key].title for key in KEYS)
LEADER, SECOND, THIRD = 0, 1, 2
IDS = tuple(synthetic_id("341524", "0102", order) for order in (11, 28, 35))
NAMES = ("汪德胜", "胡守云", "阿卜杜拉·买买提")
PHONES = ("13600000101", "13600000102", "13600000103")


def person(at: int) -> dict[str, Any]:
    """Return the cells of one of the three."""
    return {
        "office_code": "341524112",
        "role": "普查员" if at else "普查指导员",
        "name": NAMES[at],
        "id_number": IDS[at],
        "schooling": "专科",
        "phone": PHONES[at],
        "hiring": "借调",
        "source": "村(居)委会",
        "employer": "桃花村委会 委员",
        "areas": f"34152411220{at + 1}",
        "supervisor": PHONES[LEADER] if at else None,
        "starts_on": "2026-12-25",
        "ends_on": "2027-05-31",
    }


# What the cells above are in stored form.
STORED: tuple[dict[str, Any], ...] = tuple(
    {
        "office_code": "341524112",
        "role": "enumerator" if at else "supervisor",
        "name": NAMES[at],
        "id_number": IDS[at],
        "schooling": "college",
        "phone": PHONES[at],
        "hiring": "seconded",
        "source": "village",
        "employer": "桃花村委会 委员",
        "areas": (f"34152411220{at + 1}",),
        "supervisor_phone": PHONES[LEADER] if at else "",
        "starts_on": "2026-12-25",
        "ends_on": "2027-05-31",
    }
    for at in range(3)
)


@dataclass(frozen=True)
class Answer:
    """What one row must be read as: values that differ from STORED, repairs and errors."""

    values: Mapping[str, Any] = field(default_factory=dict)
    repairs: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Case:
    """A file as it arrives, with its answer key: a refusal, or an answer for each row."""

    name: str
    build: Callable[[], bytes]
    refused: str = ""
    rows: Mapping[int, Answer] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    hidden: int = 0
    suffix: str = ".xlsx"


CASES: dict[str, Case] = {}
SOUND = Answer()


def case(
    name: str,
    build: Callable[[], bytes],
    *,
    refused: str = "",
    first: int = 2,
    gaps: Sequence[int] = (0, 1, 2),
    answers: Mapping[int, Answer] | None = None,
    suffix: str = ".xlsx",
    **more: Any,
) -> None:
    """Add a file; without anything else said, all three people are read from row 2 on."""
    assert name not in CASES
    rows = (
        {}
        if refused
        else {first + gap: (answers or {}).get(at, SOUND) for at, gap in enumerate(gaps)}
    )
    CASES[name] = Case(name, build, refused, rows, suffix=suffix, **more)


def table(
    changes: Mapping[tuple[int, str], Any] | None = None, keys: Sequence[str] = KEYS
) -> list[list[Any]]:
    """Return header and people as rows of cells, some cells exchanged."""
    people = [person(at) for at in range(3)]
    for (at, key), value in (changes or {}).items():
        people[at][key] = value
    return [
        [BY_KEY[key].title for key in keys],
        *([one.get(key) for key in keys] for one in people),
    ]


def plain(flavour: Flavour | None = None, **more: Any) -> bytes:
    """Return the three people in one sheet."""
    return workbook(Sheet("两员名册", table(), **more), flavour=flavour)


def cell(
    name: str,
    key: str,
    written: Any,
    *,
    stored: Any = None,
    repair: str = "",
    error: str = "",
    flavour: Flavour | None = None,
    also: Mapping[str, Any] | None = None,
) -> None:
    """Add a file in which one cell of the second person is written otherwise."""
    values = dict(also or {})
    if stored is not None:
        values["supervisor_phone" if key == "supervisor" else key] = stored
    elif error:
        values["supervisor_phone" if key == "supervisor" else key] = None
    answer = Answer(
        values,
        frozenset({f"{key}:{repair}"} if repair else ()),
        frozenset({f"{key}:{error}"} if error else ()),
    )
    case(
        name,
        lambda: workbook(Sheet("两员名册", table({(SECOND, key): written})), flavour=flavour),
        answers={SECOND: answer},
    )
