"""Texts that people agree to or are told: a title, a version, and plain paragraphs, headings and items.

A file opens with `---`, `name: value` lines and `---`; below stand `## headings`, `- items`, `1. steps` and paragraphs.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PartKind = Literal["heading", "paragraph", "list", "steps"]

_ITEM = re.compile(r"(-|\d+\.)\s+(.*)")


@dataclass(frozen=True, slots=True)
class Part:
    """One heading, one paragraph, or one list with its items; plain text, nothing in it is markup."""

    kind: PartKind
    text: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionedText:
    """One version of a text; `digest` changes with every character that a reader can see."""

    title: str
    version: str
    language: str
    body: str

    @property
    def digest(self) -> str:
        """Return the SHA-256 of title, version and body, in hexadecimal."""
        return hashlib.sha256("\n".join((self.title, self.version, self.body)).encode()).hexdigest()

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return the body ready for a template."""
        return tuple(_parts(self.body))


def read_versioned_text(path: Path) -> VersionedText:
    """Return the text of one file."""
    _empty, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    stated = dict(line.split(": ", 1) for line in front.strip().splitlines())
    return VersionedText(stated["title"], stated["version"], stated["language"], body.strip())


def _parts(body: str) -> list[Part]:
    parts: list[Part] = []
    for paragraph in re.split(r"\n{2,}", body):
        lines = paragraph.splitlines()
        items = [found for line in lines if (found := _ITEM.fullmatch(line))]
        if items and len(items) == len(lines):
            kind: PartKind = "list" if items[0][1] == "-" else "steps"
            parts.append(Part(kind, items=tuple(item[2] for item in items)))
        elif paragraph.startswith("## "):
            parts.append(Part("heading", paragraph[3:]))
        else:
            parts.append(Part("paragraph", "".join(lines)))
    return parts
