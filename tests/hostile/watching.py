"""What a hostile file may cost: seconds until its sentence, and memory of the process that asks."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS = 2.0
MIB_MORE = 48


def held(pid: int | str = "self", field: str = "VmRSS") -> float:
    """Return how many MiB a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


@contextmanager
def quick() -> Iterator[None]:
    """Hold that the block is over within two seconds and left little in our memory."""
    began, before = time.process_time(), held()
    children = sum(_children())
    yield
    # Of processor time: the machine of the tests has other things to do as well.
    spent = time.process_time() - began + sum(_children()) - children
    assert spent < SECONDS, f"{spent:.1f} s"
    assert held() - before < MIB_MORE


def _children() -> tuple[float, float]:
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime, used.ru_stime
