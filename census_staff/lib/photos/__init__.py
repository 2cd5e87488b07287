"""Portraits: any JPEG or PNG in, one small clean JPEG out; and zips of them, read safely."""

from census_staff.lib.photos.child import MOST_BYTES, SIZE, SMALLEST
from census_staff.lib.photos.reading import (
    MOST_UPLOADED,
    Portrait,
    ZipEntry,
    ZipLimits,
    list_zip,
    normalise,
    portraits,
)

__all__ = [
    "MOST_BYTES",
    "MOST_UPLOADED",
    "SIZE",
    "SMALLEST",
    "Portrait",
    "ZipEntry",
    "ZipLimits",
    "list_zip",
    "normalise",
    "portraits",
]
