"""A process of its own for other people's files: no environment, little memory, little time."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

log = logging.getLogger(__name__)

BOOT = Path(__file__).with_name("boot.py")
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a child may take before it is ended."""

    memory: int
    cpu_seconds: int
    wall_seconds: int
    output: int

    def as_json(self) -> str:
        """Return what the child binds itself by."""
        return f'{{"memory":{self.memory},"cpu_seconds":{self.cpu_seconds},"output":{self.output}}}'


@dataclass(slots=True)
class Ended:
    """A child that is gone: its exit code (None when its time was over), output and last words."""

    code: int | None
    output: IO[bytes]
    words: bytes


def run(script: str, ask: IO[bytes], bounds: Bounds) -> Ended:
    """Return how the script ended that read `ask` from its standard input; close the output."""
    _say_who_shuts_them_in()
    output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        ask.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-I", str(BOOT), script, bounds.as_json()],
            stdin=ask,
            stdout=output,
            stderr=subprocess.PIPE,
            env=environment(),
            cwd="/",
        )
        with process:
            _first_to_go(process.pid)
            code, words = _end(process, bounds.wall_seconds)
        if code and shutil.disk_usage(tempfile.gettempdir()).free < MIB:
            # No fault of the file's: the child had nowhere to write.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        output.seek(0)
        return Ended(code, output, words)
    except BaseException:
        output.close()
        raise


def _end(process: subprocess.Popen[Any], seconds: int) -> tuple[int | None, bytes]:
    try:
        _out, words = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return None, b""
    except BaseException:
        process.kill()
        raise
    return process.returncode, words


@cache
def _say_who_shuts_them_in() -> None:
    """Log, once a process, where the kernel does not keep children from sockets (boot.py)."""
    status = Path("/proc/self/status")
    is_known = os.uname().machine in ("x86_64", "aarch64")
    if not (is_known and status.exists() and "\nSeccomp:" in status.read_text()):
        log.warning("This kernel filters no calls: only Python keeps file readers from sockets.")


def _first_to_go(pid: int) -> None:
    """Where the machine itself runs out of memory, this process is the one that goes."""
    with suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000")


def environment() -> dict[str, str]:
    """Return the little that a child is told: no secret, no address."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {"LC_ALL": "C.UTF-8", **kept}
