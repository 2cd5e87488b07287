"""Pages by key: the cost of page 40,000 is the cost of page one."""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q, QuerySet

SIZE = 50
# From the value of the first field at which to begin (None: from the start), forwards or backwards.
Steps = Callable[[Any, bool], Iterator[Q]]


@dataclass(frozen=True)
class Page:
    """The rows of a page and the keys of its neighbours (parts/pager.html)."""

    rows: list[Any]
    before: str
    after: str
    total: int | None = None
    first: int | None = None
    last: int | None = None


def page_of(
    rows: "QuerySet[Any]",
    order: Sequence[str],
    *,
    before: str = "",
    after: str = "",
    size: int = SIZE,
    total: int | None = None,
    details: "QuerySet[Any] | None" = None,
    steps: Steps | None = None,
) -> Page:
    """Return the page of `rows` that follows `after` or precedes `before`.

    `order` names fields (a leading minus descends) and must end in a unique one; a key that was
    not made here counts as none. `details` may say how the chosen rows are read, `steps` where to
    look for them, one place after another in the order of the first field.
    """
    backwards = bool(before)
    key = _read(before or after, len(order))
    ordered = [_turned(name) if backwards else name for name in order]
    beyond = rows if key is None else rows.filter(_beyond(ordered, key))
    # First which rows, then all that is shown of them: asked together, the planner reads whole
    # tables for what it could look up for fifty.
    chosen = beyond.order_by(*ordered).values_list("pk", flat=True)
    keys: list[Any] = []
    for step in steps(key[0] if key else None, backwards) if steps else [Q()]:
        keys += chosen.filter(step)[: size + 1 - len(keys)]
        if len(keys) > size:
            break
    more, keys = len(keys) > size, keys[:size]
    shown = rows if details is None else details
    found = list(shown.filter(pk__in=keys).order_by(*ordered)) if keys else []
    if backwards:
        found.reverse()
    there_is_before = more if backwards else key is not None
    there_is_after = key is not None if backwards else more
    return Page(
        rows=found,
        before=_key(found[0], order) if found and there_is_before else "",
        after=_key(found[-1], order) if found and there_is_after else "",
        total=total,
    )


def count_up_to(rows: "QuerySet[Any]", most: int) -> int | None:
    """Return how many rows there are, or None where there are more than `most`: nobody waits for
    the last of a million to be counted."""
    found = rows.order_by().values("pk")[: most + 1].count()
    return found if found <= most else None


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(order: Sequence[str], key: Sequence[Any]) -> Q:
    """Return the rows after `key` in lexicographic order of `order`."""
    beyond = Q()
    for position, name in enumerate(order):
        step = "lt" if name.startswith("-") else "gt"
        same = Q(**{order[i].lstrip("-"): key[i] for i in range(position)})
        beyond |= same & Q(**{f"{name.lstrip('-')}__{step}": key[position]})
    # Says nothing new, but an index can start there: no page reads the pages before it.
    bound = "lte" if order[0].startswith("-") else "gte"
    return Q(**{f"{order[0].lstrip('-')}__{bound}": key[0]}) & beyond


def _key(row: Any, order: Sequence[str]) -> str:
    values = []
    for name in order:
        value = row
        for part in name.lstrip("-").split("__"):
            value = getattr(value, part) if not isinstance(value, dict) else value[part]
        values.append(value)
    text = json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(text: str, length: int) -> list[Any] | None:
    if not text or len(text) > 600:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, UnicodeDecodeError):
        return None
    plain = isinstance(found, list) and all(isinstance(v, (str, int)) for v in found)
    return found if plain and len(found) == length else None
