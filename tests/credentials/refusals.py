"""Saying in one line which refusal a test expects."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from census_staff.lib.errors import Refused


@contextmanager
def refused(code: str) -> Iterator[None]:
    """Pass if the block is refused with this code."""
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.code == code
