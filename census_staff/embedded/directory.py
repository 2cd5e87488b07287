"""Where an installation keeps its state: outside the checkout, private, one directory for each."""

import hashlib
import os
import pwd
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from census_staff.embedded.errors import CannotStart

# sockaddr_un holds 104 bytes on some systems and 108 on others, with the closing zero.
LONGEST_SOCKET = 100
SOCKET_NAME = ".s.PGSQL.5432"


def name_for(checkout: Path) -> str:
    """Return a readable name that no other checkout on this machine has."""
    place = checkout.resolve()
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", place.name).strip("-.")[:24] or "checkout"
    return f"{readable}-{hashlib.sha256(os.fsencode(place)).hexdigest()[:8]}"


def state_directory(checkout: Path, environ: Mapping[str, str], uid: int) -> Path:
    """Return the directory that holds the state of this checkout; nothing is created."""
    if given := environ.get("CENSUS_STATE_DIR"):
        return Path(given).absolute()
    if uid == 0:
        return Path("/var/lib/census-staff", name_for(checkout))
    home = environ.get("HOME") or _home_of(uid)
    if home and os.access(home, os.W_OK | os.X_OK):
        return Path(home, ".local/state/census-staff", name_for(checkout))
    return Path(f"/var/tmp/census-staff-{uid}", name_for(checkout))  # noqa: S108 (see prepare)


def _home_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_dir
    except KeyError:
        return ""


def prepare(state: Path) -> Path:
    """Create the directory, check that it is nobody else's, and return it."""
    try:
        made = state.exists()
        state.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise CannotStart(
            f"The state directory {state} cannot be created: {problem.strerror}. "
            "Set CENSUS_STATE_DIR to a directory of yours."
        ) from problem
    refuse_strangers(state)
    if not made or os.getuid() != 0:
        # Root's servers run as another account, which has to pass through.
        state.chmod(0o711 if os.getuid() == 0 else 0o700)
    return state


def refuse_strangers(path: Path) -> None:
    """Stop if someone else owns the directory or may write into it."""
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.getuid(), 0}:
        raise CannotStart(f"{path} belongs to someone else. Set CENSUS_STATE_DIR to another place.")
    if found.st_uid != os.getuid() and not os.access(path, os.W_OK):
        raise CannotStart(f"{path} cannot be written. Set CENSUS_STATE_DIR to another place.")


def socket_directory(state: Path) -> Path:
    """Return a directory whose path is short and plain enough for a Unix socket's address."""
    near = state / "sockets"
    plain = re.fullmatch(r"[A-Za-z0-9/._-]+", str(near))
    if plain and len(os.fsencode(near / SOCKET_NAME)) < LONGEST_SOCKET:
        return near
    short = hashlib.sha256(os.fsencode(state)).hexdigest()[:12]
    return Path(f"/tmp/census-staff-{os.getuid()}-{short}")  # noqa: S108 (checked by its user)
