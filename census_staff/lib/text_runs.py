"""Split text into runs that one font each can draw; what none can draw is named, never boxed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from census_staff.lib.errors import Refused
from census_staff.lib.fonts import chain
from census_staff.lib.truetype import TrueTypeFont

# Controls, invisible formatting, halves of characters: a font may have them, paper must not.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class MissingGlyph(Refused):
    """No font on this machine draws these characters."""

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters = tuple(dict.fromkeys(characters))
        named = "、".join(f"{_shown(one)} (U+{ord(one):04X})" for one in self.characters)
        super().__init__(
            "missing_glyph",
            # Formatted late, so that the sentence is in the reader's language.
            format_lazy(
                _(
                    "No font here can print {characters}. Ask for the font HanaMinB to be installed."
                ),
                characters=named,
            ),
            details={"characters": [f"U+{ord(one):04X}" for one in self.characters]},
        )


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text for one font; `rank` is its place in the chain."""

    rank: int
    text: str


def is_selector(character: str) -> bool:
    """Say whether this only chooses a variant of the character before it."""
    code = ord(character)
    return 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF


def rank_of(character: str, fonts: Sequence[TrueTypeFont]) -> int | None:
    """Return the place of the first font that has the character."""
    if unicodedata.category(character) not in UNSEEN:
        for rank, font in enumerate(fonts):
            if font.glyph(character):
                return rank
    return None


def missing(text: str, *, bold: bool = False) -> tuple[str, ...]:
    """Return the characters of the text that no font can draw, each once."""
    fonts = chain(bold=bold)
    wanted = (one for one in text if not is_selector(one))
    return tuple(dict.fromkeys(one for one in wanted if rank_of(one, fonts) is None))


def spelled(text: str) -> str:
    """Return the text with every character that cannot be printed written as its code.

    For lists and slips: one rare name must not keep a whole township without paper. A card is
    refused instead.
    """
    lost = {*missing(text), *missing(text, bold=True)}
    return "".join(f"〔U+{ord(one):04X}〕" if one in lost else one for one in text)


def split(text: str, *, bold: bool = False) -> list[Run]:
    """Return the runs of the text in order, without variation selectors."""
    return [
        Run(rank, "".join(one for one, _rank in group))
        for rank, group in groupby(_ranked(text, chain(bold=bold)), key=lambda pair: pair[1])
    ]


def _ranked(text: str, fonts: Sequence[TrueTypeFont]) -> Iterator[tuple[str, int]]:
    lost = []
    for character in text:
        if is_selector(character):
            continue
        rank = rank_of(character, fonts)
        if rank is None:
            lost.append(character)
        else:
            yield character, rank
    if lost:
        raise MissingGlyph(lost)


def _shown(character: str) -> str:
    """Return the character itself where it can stand in a sentence without harm."""
    return "?" if unicodedata.category(character) in UNSEEN else character
