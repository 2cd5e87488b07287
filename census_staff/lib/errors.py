"""The one way this product says no: a code for programs and a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.utils.functional import Promise


class Refused(Exception):
    """What was asked cannot be done: a stable code, a full sentence, perhaps a field."""

    def __init__(
        self,
        code: str,
        sentence: str | Promise,
        *,
        field: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        # The sentence stays lazy, so that the reader's language decides and not the raiser's.
        super().__init__(code, sentence)
        self.code = code
        self.sentence = sentence
        self.field = field
        self.details: dict[str, Any] = dict(details or {})

    def __str__(self) -> str:
        return str(self.sentence)

    def __repr__(self) -> str:
        return f"Refused({self.code!r}, field={self.field!r})"
