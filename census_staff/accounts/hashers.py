"""Argon2id with the parameters of the accounts' policy."""

import os
from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth.hashers import Argon2PasswordHasher

from census_staff.lib.turns import come_last

# One processor is always left to those who are in already: a crowd at the door must not make the
# people inside wait. Whoever signs in waits for the one before.
AT_ONCE = max(1, (os.cpu_count() or 1) - 1)
# And where all processors are busy, those inside come first; whoever of them wakes comes at once.
NICENESS, TURN = 15, 0.1


def _hands() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, "hash", come_last, (NICENESS, TURN))


class _Hashing:
    """The threads that hash; a forked process has its own, because threads do not follow it."""

    def __init__(self) -> None:
        self.hands = _hands()

    def renew(self) -> None:
        self.hands = _hands()


hashing = _Hashing()
os.register_at_fork(after_in_child=hashing.renew)


class Argon2idHasher(Argon2PasswordHasher):
    """Argon2id: 19 MiB, two passes, one lane (OWASP's first choice)."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Return the hash of this password."""
        return str(hashing.hands.submit(super().encode, password, salt).result())

    def verify(self, password: str, encoded: str) -> bool:
        """Return whether the hash is of this password."""
        return bool(hashing.hands.submit(super().verify, password, encoded).result())
