"""Argon2id with the parameters of the accounts' policy."""

import os
import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

# One processor is always left to those who are in already: a crowd at the door must not make the
# people inside wait. Whoever signs in waits for the one before.
AT_ONCE = threading.BoundedSemaphore(max(1, (os.cpu_count() or 1) - 1))


class Argon2idHasher(Argon2PasswordHasher):
    """Argon2id: 19 MiB, two passes, one lane (OWASP's first choice)."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Return the hash of this password."""
        with AT_ONCE:
            text: str = super().encode(password, salt)
            return text

    def verify(self, password: str, encoded: str) -> bool:
        """Return whether the hash is of this password."""
        with AT_ONCE:
            return bool(super().verify(password, encoded))
