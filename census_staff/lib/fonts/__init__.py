"""The fonts paper is printed with, best first; rare characters fall through to the next."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from census_staff.lib.truetype import TrueTypeFont

HERE = Path(__file__).parent
SYSTEM = Path("/usr/share/fonts")


@cache
def chain(*, bold: bool = False) -> tuple[TrueTypeFont, ...]:
    """Return the fonts to try for a character, in order."""
    return tuple(_opened(path) for path in _paths(bold=bold))


def _paths(*, bold: bool) -> list[Path]:
    main = "NotoSansSC-Bold.ttf" if bold else "NotoSansSC-Regular.ttf"
    return [HERE / main, HERE / "NotoSansSC-ExtB.ttf", *_hanazono()]


@cache
def _hanazono() -> tuple[Path, ...]:
    """Return the widest font for rare ideographs where this machine has it."""
    return tuple(sorted(SYSTEM.rglob("HanaMinB.ttf"))[:1]) if SYSTEM.is_dir() else ()


@cache
def _opened(path: Path) -> TrueTypeFont:
    return TrueTypeFont(path)
