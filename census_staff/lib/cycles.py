"""Work through thousands of rows without looking for cycles that they do not make."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def none_looked_for() -> Iterator[None]:
    """Run the block without the collector of cycles: it would walk all that is held, again and
    again, while counting references frees the rows as they go."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
