"""Sample rosters of a demonstration: kept private beside the uploads, offered on the import page."""

import os
from pathlib import Path

from django.conf import settings

from census_staff.lib.crypto import decrypt, encrypt

KINDS = ("clean", "dirty")


def _path(kind: str) -> Path:
    return Path(settings.PRIVATE_DIR) / "samples" / f"{kind}.xlsx.enc"


def keep(kind: str, workbook: bytes) -> None:
    """Keep the sample of this kind, in place of an earlier one."""
    path = _path(kind)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(encrypt(workbook))


def offered() -> list[str]:
    """Return the kinds of which a sample lies here; none outside a demonstration."""
    return [kind for kind in KINDS if _path(kind).exists()]


def content(kind: str) -> bytes | None:
    """Return the sample of this kind, or None without one."""
    if kind not in offered():
        return None
    return decrypt(_path(kind).read_bytes())
