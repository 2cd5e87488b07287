"""What a bench runs on, and how much memory its processes took."""

import os
import platform
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

MEGABYTE = 1024


def describe() -> dict[str, str]:
    """Return the machine, its software and the moment."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // MEGABYTE // 1024
    return {
        "machine": f"{os.cpu_count()} × {cpu}, {memory} GiB",
        "python": platform.python_version(),
        "load": " ".join(f"{each:.2f}" for each in os.getloadavg()),
        "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }


def peak_mb(pid: int | str = "self") -> float:
    """Return the most memory a process has held, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / MEGABYTE
    return 0.0


def children_peak_mb() -> float:
    """Return the most memory that any ended child of ours has held, in MB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / MEGABYTE


def forget_peak() -> None:
    """Begin the measuring of our own peak anew."""
    Path("/proc/self/clear_refs").write_text("5")


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process and all below it that live."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0.0
    for each in family(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += (int(fields[11]) + int(fields[12])) / ticks
    return total


def family(pid: int) -> Iterator[int]:
    """Yield a process and those below it."""
    yield pid
    try:
        names = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for name in names:
        yield from family(int(name))


@dataclass
class Taken:
    """How long a piece of work took and what it held."""

    seconds: float = 0.0
    peak: float = 0.0


@contextmanager
def taken() -> Iterator[Taken]:
    """Measure the block: its time, and the peak of this process during it."""
    found = Taken()
    forget_peak()
    start = time.perf_counter()
    try:
        yield found
    finally:
        found.seconds = time.perf_counter() - start
        found.peak = peak_mb()
