"""The collection notice that every account reads first."""

from functools import cache
from pathlib import Path

from census_staff.lib.versioned_texts import VersionedText, read_versioned_text


@cache
def present_notice() -> VersionedText:
    """Return the notice in force."""
    return read_versioned_text(Path(__file__).parent / "content" / "collection_notice_zh.md")
