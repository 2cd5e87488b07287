"""Message catalogs: one po file a room, English in the code, Chinese complete."""

import ast
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation import templatize

ROOMS = "*/zh_Hans/LC_MESSAGES/django.po"
CODE = ("census_staff", "training", "exams", "recruitment", "credentials")
SKIPPED = {"migrations", "tests", "node_modules"}
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
CHINESE = re.compile("[\u3400-\u9fff\U00020000-\U000323af]")
STRING = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
# What templatize() leaves of a template: calls with literals between rows of X.
CALL = re.compile(rf"\b(_|n?p?gettext)\(\s*({STRING})(?:,\s*({STRING}))?(?:,\s*({STRING}))?")
NOT_TEXT = re.compile(
    r"{%\s*comment.*?endcomment\s*%}|{%\s*blocktrans.*?endblocktrans(?:late)?\s*%}|{#.*?#}|{%.*?%}|{{.*?}}",
    re.S,
)
NAMED = re.compile(r"%\((\w+)\)|{(\w+)[^{}]*}")

# Context and singular tell a message from every other.
Key = tuple[str, str]


@dataclass(frozen=True)
class Found:
    """A message in the code: which one, and where it stands first."""

    key: Key
    place: str


def compile_catalogs(root: Path) -> list[Path]:
    """Write the .mo beside every .po under `root`/locale and return the written files."""
    written = []
    for po in sorted((root / "locale").glob(ROOMS)):
        target = po.with_suffix(".mo")
        draft = target.with_suffix(f".{os.getpid()}.tmp")
        with draft.open("wb") as out:
            write_mo(out, _catalog(po))
        # Another process may be reading the old one at this moment.
        draft.replace(target)
        written.append(target)
    return written


def missing(root: Path) -> list[Found]:
    """Return the messages of code and templates that have no Chinese."""
    known = {key for _room, key, text in _translations(root) if text}
    return [found for found in messages(root) if found.key not in known]


def unused(root: Path) -> list[str]:
    """Return the Chinese that no code asks for any more."""
    asked = {found.key for found in messages(root)}
    return [f"{room}: {key[1]!r}" for room, key, _text in _translations(root) if key not in asked]


def conflicts(root: Path) -> list[str]:
    """Return the messages that two rooms translate differently."""
    first: dict[Key, tuple[str, str]] = {}
    found = []
    for room, key, text in _translations(root):
        other, said = first.setdefault(key, (room, text))
        if text and said and text != said:
            found.append(f"{key[1]!r}: {other} says {said!r}, {room} says {text!r}")
    return found


def broken_names(root: Path) -> list[str]:
    """Return the translations that use a placeholder their message does not offer."""
    return [
        f"{room}: {text!r} for {key[1]!r}"
        for room, key, text in _translations(root)
        if text and _names(text) - _names(key[1])
    ]


def messages(root: Path) -> list[Found]:
    """Return every message that Python and templates ask to be translated, each once."""
    once: dict[Key, Found] = {}
    for path in _python(root):
        for found in _in_python(path, root):
            once.setdefault(found.key, found)
    for path in templates(root):
        for found in _in_template(path, root):
            once.setdefault(found.key, found)
    return list(once.values())


def templates(root: Path) -> Iterator[Path]:
    """Return every template of the product."""
    yield from sorted((root / "templates").rglob("*.html"))
    yield from sorted((root / "templates").rglob("*.txt"))
    for app in CODE:
        yield from sorted((root / app).glob("**/templates/**/*.html"))


def chinese_outside_tags(root: Path) -> list[str]:
    """Return the lines of templates that hold Chinese which no reader of English could lose."""
    found = []
    for path in templates(root):
        text = NOT_TEXT.sub(lambda tag: "\n" * tag[0].count("\n"), path.read_text(encoding="utf-8"))
        found += [
            f"{path.relative_to(root)}:{number}: {line.strip()}"
            for number, line in enumerate(text.splitlines(), start=1)
            if CHINESE.search(line)
        ]
    return found


def _python(root: Path) -> Iterator[Path]:
    for app in CODE:
        for path in sorted((root / app).rglob("*.py")):
            if not SKIPPED & set(path.relative_to(root).parts):
                yield path


def _in_python(path: Path, root: Path) -> Iterator[Found]:
    with path.open("rb") as code:
        for line, message, _comments, context in extract("python", code, KEYWORDS, [], {}):
            single = message[0] if isinstance(message, tuple) else message
            if single:
                yield Found((context or "", single), f"{path.relative_to(root)}:{line}")


def _in_template(path: Path, root: Path) -> Iterator[Found]:
    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for call in CALL.finditer(source):
        words = [ast.literal_eval(word.removeprefix("u")) for word in call.groups()[1:] if word]
        context = words.pop(0) if "pgettext" in call[1] else ""
        line = source.count("\n", 0, call.start()) + 1
        yield Found((context, words[0]), f"{path.relative_to(root)}:{line}")


def _translations(root: Path) -> Iterable[tuple[str, Key, str]]:
    for po in sorted((root / "locale").glob(ROOMS)):
        room = po.parents[2].name
        for message in _catalog(po):
            if not message.id:
                continue
            single = message.id if isinstance(message.id, str) else message.id[0]
            text = (
                message.string if isinstance(message.string, str) else (message.string or [""])[0]
            )
            yield room, (message.context or "", single), "" if message.fuzzy else text


def _catalog(po: Path) -> Catalog:
    with po.open("rb") as file:
        return read_po(file, locale="zh_Hans", abort_invalid=True)


def _names(text: str) -> set[str]:
    return {one or other for one, other in NAMED.findall(text)}
