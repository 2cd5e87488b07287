"""The secrets of an installation, made once and kept beside its data."""

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from census_staff.embedded.errors import CannotStart


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def new_keys() -> dict[str, str]:
    """Return fresh secrets under the names the settings read."""
    return {
        "CENSUS_SECRET_KEY": secrets.token_urlsafe(64),
        "CENSUS_FIELD_KEYS": f"1:{_key()}",
        "CENSUS_DIGEST_KEY": _key(),
        "CENSUS_TOKEN_KEY": _key(),
    }


def keys(state: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the installation's secrets: the environment's first, else those kept in `state`."""
    path = state / "keys.env"
    if not path.exists():
        if (state / "postgres").exists():
            raise CannotStart(
                f"{path} is gone, and without it the personal data in {state / 'postgres'} cannot "
                "be read. Put the file back, or start over with `python3 dev.py run --fresh`."
            )
        _write(path, new_keys())
    kept = dict(line.split("=", 1) for line in path.read_text("ascii").splitlines() if line)
    return kept | {name: environ[name] for name in kept if environ.get(name)}


def _write(path: Path, values: Mapping[str, str]) -> None:
    """Write the file whole or not at all, readable by its owner alone."""
    unfinished = path.with_suffix(f".{os.getpid()}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
