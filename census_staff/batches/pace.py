"""A long run beside people who wait at the doors: after each chunk it lets them by."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from .kinds import Kind

# However long a chunk took (a lock, a disk), nobody waits longer for the next one.
LONGEST = 2.0


@contextmanager
def taken() -> Iterator[list[float]]:
    """Give a list that holds, after the block, how many seconds the block took."""
    found: list[float] = []
    start = time.perf_counter()
    yield found
    found.append(time.perf_counter() - start)


def rest(kind: Kind, seconds: float) -> None:
    """Rest after a chunk that took so long: the longer it took, the busier the machine was."""
    time.sleep(min(LONGEST, seconds * getattr(kind, "rests", 0.0)))
