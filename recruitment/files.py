"""Uploads at rest: encrypted in frames, opened for as long as they are read, deleted on a date."""

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import IO, NamedTuple

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from census_staff.batches.states import BatchState
from census_staff.lib.crypto import decrypt, encrypt

from .models import RosterFile, RosterRow

KEPT_FOR = timedelta(days=30)
FRAME = 1 << 20
# What must stay free beside an upload that is being read.
SPARE = 16 * FRAME
LEFT_BEHIND = 3600.0
BUSY = (BatchState.APPROVED, BatchState.RUNNING, BatchState.UNDOING)


class Stored(NamedTuple):
    """Where an upload lies, how large it was and what it was."""

    name: str
    size: int
    sha256: str


def _home() -> Path:
    home = Path(settings.PRIVATE_DIR) / "uploads"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


def store(pieces: Iterable[bytes]) -> Stored:
    """Keep an upload encrypted and return where it lies."""
    name, seen, size = secrets.token_hex(16), sha256(), 0
    path = _home() / name
    try:
        with _private(path) as out:
            for number, frame in enumerate(_frames(pieces)):
                seen.update(frame)
                size += len(frame)
                # The number inside keeps frames from being exchanged or left out unnoticed.
                sealed = encrypt(number.to_bytes(4, "big") + frame)
                out.write(len(sealed).to_bytes(4, "big") + sealed)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        # Half a file on a full disk would only make it fuller.
        path.unlink(missing_ok=True)
        raise
    return Stored(name, size, seen.hexdigest())


def _frames(pieces: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= FRAME:
            yield bytes(held[:FRAME])
            del held[:FRAME]
    if held:
        yield bytes(held)


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def contents(name: str) -> Iterator[bytes]:
    """Yield a stored upload piece by piece, in clear."""
    with open(_home() / name, "rb") as file:
        number = 0
        while head := file.read(4):
            plain = decrypt(file.read(int.from_bytes(head, "big")))
            if int.from_bytes(plain[:4], "big") != number:
                raise ValueError("A stored file was altered.")
            number += 1
            yield plain[4:]


@contextmanager
def opened(name: str, *, suffix: str = "") -> Iterator[Path]:
    """Give the path of a copy in clear that only we can read; it is gone afterwards."""
    with in_clear(contents(name), suffix=suffix) as path:
        yield path


@contextmanager
def in_clear(pieces: Iterable[bytes], *, suffix: str = "") -> Iterator[Path]:
    """Give the path of a private file with these bytes; it is gone afterwards."""
    # Whoever is killed meanwhile leaves it behind; the sweep takes it away.
    path = _home() / f"open-{secrets.token_hex(16)}{suffix}"
    try:
        with _private(path) as out:
            for piece in pieces:
                out.write(piece)
        yield path
    finally:
        path.unlink(missing_ok=True)


def is_room_for(size: int) -> bool:
    """Return whether the disks have room for a copy in clear and for what is made of it."""
    places = (_home(), Path(tempfile.gettempdir()))
    return all(shutil.disk_usage(place).free >= 2 * size + SPARE for place in places)


def remove(name: str) -> None:
    """Delete a stored upload; one that is gone already stays gone."""
    if name:
        (_home() / Path(name).name).unlink(missing_ok=True)


def sweep(today: date | None = None) -> int:
    """Delete the uploads whose date has come, with all they said; return how many."""
    today = today or timezone.localdate()
    due = RosterFile.objects.filter(delete_on__lte=today).exclude(stored="")
    count = 0
    for file in due.filter(Q(batch=None) | ~Q(batch__state__in=BUSY)):
        forget(file)
        count += 1
    for path in _home().glob("open-*"):
        if time.time() - path.stat().st_mtime > LEFT_BEHIND:
            path.unlink(missing_ok=True)
    return count


def forget(file: RosterFile) -> None:
    """Delete what was uploaded and what its rows said; counts and codes remain."""
    remove(file.stored)
    remove(file.counts.get("marked", {}).get("stored", ""))
    RosterRow.objects.filter(file=file).update(line=None)
    counts = {key: value for key, value in file.counts.items() if key != "marked"}
    RosterFile.objects.filter(pk=file.pk).update(stored="", counts=counts)


def day_of_deletion() -> date:
    """Return the day on which a file uploaded today is deleted."""
    return timezone.localdate() + KEPT_FOR
