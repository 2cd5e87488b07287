"""Printed files at rest: encrypted, for our eyes only, whole or not there."""

import os
import time
from pathlib import Path

from django.conf import settings

from census_staff.lib.crypto import decrypt, encrypt

# Seconds after which nobody can still be writing what has no name yet.
LEFT_BEHIND = 3600.0
UNFINISHED = ".unfinished-"


def _path(name: str) -> Path:
    return Path(settings.PRIVATE_DIR) / "cards" / name


def keep(name: str, content: bytes) -> None:
    """Keep a file under this name; what an interrupted attempt left there is replaced."""
    path = _path(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(f"{UNFINISHED}{os.getpid()}")
    how = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    try:
        with os.fdopen(os.open(unfinished, how, 0o600), "wb") as out:
            out.write(encrypt(content))
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(path)
        _settle(path.parent)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _settle(folder: Path) -> None:
    """Let the name survive a power cut as the bytes do."""
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(place)
    finally:
        os.close(place)


def sweep() -> int:
    """Delete what writers who were killed left unfinished; return how many."""
    late = time.time() - LEFT_BEHIND
    left = [path for path in _path("").rglob(f"*{UNFINISHED}*") if path.stat().st_mtime < late]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def contents(name: str) -> bytes:
    """Return what is kept under this name, in clear."""
    return decrypt(_path(name).read_bytes())


def remove(name: str) -> None:
    """Delete a file; one that is gone stays gone."""
    _path(name).unlink(missing_ok=True)
