"""A long run beside people who wait at the doors: where the machine is busy it lets them by."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from .kinds import Kind


class Pace:
    """Rests of a run: as long as its chunks take longer than they might, between the kind's shares.

    A chunk that is slower than the quickest so far waited for somebody, or somebody for it. The
    lower share of a chunk is always rested, so that who came meanwhile is served before the next;
    a kind that says nothing about `rests` takes none.
    """

    def __init__(self) -> None:
        self.quickest = float("inf")
        self.seconds = 0.0

    @contextmanager
    def chunk(self) -> Iterator[None]:
        """Measure the chunk that the block does."""
        start = time.perf_counter()
        yield
        self.seconds = time.perf_counter() - start

    def rest(self, kind: Kind, items: int) -> float:
        """Rest after a chunk of so many items, outside of its transaction; return how long."""
        self.quickest = min(self.quickest, self.seconds / max(items, 1))
        waited = self.seconds - self.quickest * items
        least, most = (self.seconds * share for share in getattr(kind, "rests", (0.0, 0.0)))
        rested = min(max(waited, least), most)
        time.sleep(rested)
        return rested
