"""Lines of the logs, in which no number of a person is left to read."""

import logging
import re

# An ID number or a mobile number among whatever else an error or an address brought along.
NUMBERS = re.compile(r"(?<![0-9A-Za-z])(?:[0-9]{17}[0-9Xx]|1[3-9][0-9]{9})(?![0-9A-Za-z])")


class Line(logging.Formatter):
    """Writes a record as one line, and its traceback below, with the numbers of people struck out."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return NUMBERS.sub(_struck, super().format(record))


def _struck(match: re.Match[str]) -> str:
    return "*" * len(match[0])
