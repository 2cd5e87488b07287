"""The processes of a running installation: watched, started again, stopped in order."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from census_staff.embedded.errors import CannotStart

SET_DEATH_SIGNAL = 1
MOST_DEATHS = 3
WITHIN_SECONDS = 60.0
LARGEST_LOG = 20_000_000


@dataclass
class Child:
    """One process with its log file."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    directory: Path
    log: Path
    patience: float = 15.0
    process: subprocess.Popen[bytes] | None = None
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_DEATHS))

    def start(self) -> None:
        """Start the process; it ends by itself should we be killed."""
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".old"))
        handle = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.directory,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=handle,
                stderr=handle,
                start_new_session=True,
                preexec_fn=_die_with(os.getpid()),
            )
        finally:
            os.close(handle)

    def is_dead(self) -> bool:
        """True where the process has ended without being asked to."""
        return self.process is not None and self.process.poll() is not None

    def restart(self) -> None:
        """Start a dead process again, unless it keeps dying."""
        now = time.monotonic()
        self.deaths.append(now)
        if len(self.deaths) == MOST_DEATHS and now - self.deaths[0] < WITHIN_SECONDS:
            code = self.process.returncode if self.process else None
            raise CannotStart(
                f"The {self.name} process ended {MOST_DEATHS} times within a minute "
                f"(last with code {code}). The end of {self.log}:\n{tail(self.log)}"
            )
        self.end_group()
        self.start()

    def stop(self) -> None:
        """Ask the process to end, insist after a while, and return when it is gone."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(self.patience)
        except subprocess.TimeoutExpired:
            self.end_group()
            self.process.wait()
        self.end_group()

    def end_group(self) -> None:
        """Kill what the process may have left behind; what it was doing is done again."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return


def tail(path: Path, lines: int = 15) -> str:
    """Return the last lines of a log file."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 8192))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])


def _die_with(parent: int) -> Callable[[], None] | None:
    """Return what a child does first so that the kernel ends it together with its parent."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)

    def follow() -> None:
        library.prctl(SET_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return follow
