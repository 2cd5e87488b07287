"""How a broken worker and the harness wait for each other: a file says that a moment has come."""

import os
import time
from pathlib import Path

PATIENCE = 20.0


def moment(name: str) -> Path:
    """Return the file of a moment."""
    return Path(os.environ["CENSUS_STATE_DIR"], f"moment-{name}")


def forget() -> None:
    """Let no moment have come."""
    for path in moment("").parent.glob("moment-*"):
        path.unlink()


def say(name: str) -> None:
    """Say that the moment has come."""
    moment(name).touch()


def wait_for(name: str, count: int = 1) -> bool:
    """Return once so many moments of this name have come; False where they did not in time."""
    deadline = time.monotonic() + PATIENCE
    while len(list(moment("").parent.glob(f"moment-{name}*"))) < count:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
