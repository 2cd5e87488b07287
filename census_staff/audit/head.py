"""The newest seal, kept outside the database as well: whoever cuts the end off the chain is found."""

import logging
import os
from pathlib import Path

from django.conf import settings
from django.db import connection

log = logging.getLogger(__name__)


def remember(number: int, chain: bytes) -> None:
    """Keep the place and the hash of the newest seal; an older one never takes its place."""
    known = remembered()
    if known and known[0] >= number:
        return
    path = _path()
    try:
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.write_text(f"{number} {chain.hex()}\n", encoding="ascii")
        os.replace(fresh, path)
    except OSError:
        # The chain itself stands; only its end is not witnessed.
        log.exception("The head of the audit chain could not be kept.")


def remembered() -> tuple[int, bytes] | None:
    """Return the place and the hash that were kept for this database, or None."""
    try:
        number, digest = _path().read_text(encoding="ascii").split()
    except FileNotFoundError:
        return None
    return int(number), bytes.fromhex(digest)


def _path() -> Path:
    # A database that was made anew has a history of its own.
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        return Path(settings.STATE_DIR) / f"audit-head-{cursor.fetchone()[0]}"
