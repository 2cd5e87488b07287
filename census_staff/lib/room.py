"""Whether a fault means that there is no room left, on our disk or on the database's."""

import errno
from collections.abc import Iterator

# EFBIG is a quota of the process; the others are the disk's and the account's.
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
DATABASE_FULL = "53100"


def is_out_of_room(error: BaseException | None) -> bool:
    """Return whether this fault, or the one behind it, says that the disk is full."""
    return any(
        (isinstance(each, OSError) and each.errno in NO_ROOM)
        or getattr(each, "pgcode", None) == DATABASE_FULL
        for each in _chain(error)
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
