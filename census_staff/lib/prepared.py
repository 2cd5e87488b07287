"""Questions that PostgreSQL plans once for each connection, for the few doors that are always busy.

A connection that died is noticed by the question itself instead of by a look before every one:
whoever asks must be able to ask again (a read, or a write that repeats without harm).
"""

from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.db import Error, connection

# Names are never used twice, so that one whose fate is unknown is left behind.
_numbers = count(1)


class Prepared:
    """A question under one name on each connection; parameters are written `$1`, `$2` …"""

    def __init__(self, name: str, types: str, text: str) -> None:
        self.name, self.types, self.text = name, types, text
        self.asks = ", ".join(["%s"] * len(types.split(","))) if types else ""
        self.known: WeakKeyDictionary[Any, str] = WeakKeyDictionary()

    def first(self, parameters: list[Any]) -> tuple[Any, ...] | None:
        """Return the first row of the answer, or None."""
        if connection.connection is not None and not connection.errors_occurred:
            _trust(True)
        try:
            with connection.cursor() as cursor:
                line = connection.connection
                cursor.execute(self.known.get(line) or self._prepare(cursor, line), parameters)
                row: tuple[Any, ...] | None = cursor.fetchone()
                return row
        except Error:
            # There is no connection where none could be opened.
            if connection.connection is not None:
                self.known.pop(connection.connection, None)
            # The next to ask looks whether the connection lives, and opens another if not.
            _trust(False)
            raise

    def _prepare(self, cursor: Any, line: Any) -> str:
        name = f"{self.name}_{next(_numbers)}"
        # Without parameters the driver leaves percent signs and dollars alone.
        cursor.execute(f"PREPARE {name} ({self.types}) AS {self.text}")
        self.known[line] = statement = f"EXECUTE {name} ({self.asks})"
        return statement


def _trust(is_known_to_live: bool) -> None:
    """Leave out, or ask for, the look whether the connection lives that precedes a question."""
    opened: Any = connection
    opened.health_check_done = is_known_to_live
