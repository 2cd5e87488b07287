"""Fonts as they are on a machine without any others, so that tests mean the same everywhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from census_staff.lib import fonts


@pytest.fixture(autouse=True)
def vendored_fonts_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave out what the machine itself has."""
    monkeypatch.setattr(fonts, "_hanazono", lambda: ())
    fonts.chain.cache_clear()
    yield
    fonts.chain.cache_clear()
