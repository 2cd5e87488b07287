"""Argon2id with the parameters of the accounts' policy, in processes of its own."""

import json
import os
import subprocess
import sys
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher

from census_staff.lib.sandbox import environment
from census_staff.lib.turns import come_last

PROGRAM = Path(__file__).with_name("hash_hand.py")
# One processor is always left to those who are in already: a crowd at the door must not make the
# people inside wait. Whoever signs in waits for the one before.
AT_ONCE = max(1, (os.cpu_count() or 1) - 1)
# And where all processors are busy, those inside come first; whoever of them wakes comes at once.
NICENESS, SHARE, TURN = 15, 5, 0.1
# A hash takes a hundredth of this at rest, in seconds.
LONGEST = 20.0


class Hand:
    """A process that hashes, begun when it is first asked and again where it died.

    A thread would not do: Linux shares the processors between sessions, and a thread that hashes
    counts for all of the website's, so that the database would wait for it.
    """

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.line: Connection[bytes, bytes] | None = None

    def begin(self) -> "Connection[bytes, bytes]":
        """Return the line to the process, which lives."""
        if self.line is None:
            ours, theirs = Pipe()
            with theirs:
                self.process = subprocess.Popen(
                    [sys.executable, "-I", str(PROGRAM), str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                    env=environment(),
                    cwd="/",
                )
            self.line = ours
            come_last(NICENESS, TURN, process=self.process.pid, share=SHARE)
        return self.line

    def ask(self, asked: bytes) -> Any:
        """Return the answer; EOFError or OSError where a second process died of it too."""
        for is_last in (False, True):
            try:
                line = self.begin()
                line.send_bytes(asked)
                if not line.poll(LONGEST):
                    raise TimeoutError("The process that hashes does not answer.")
                return json.loads(line.recv_bytes())
            except (EOFError, OSError):
                self.end()
                if is_last:
                    raise
        return None

    def end(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
        self.let_go()

    def let_go(self) -> None:
        """Close our end of the line: the process ends of that, unless another holds it too."""
        if self.line is not None:
            self.line.close()
        if self.process is not None:
            # One that is not ours, because we were forked, is gone as far as we are concerned.
            self.process.wait()
        self.line = self.process = None


class Hashing:
    """The hands that are free; a forked process has its own."""

    def __init__(self) -> None:
        self.all: list[Hand] = []
        self.renew()

    def renew(self) -> None:
        """Have hands of our own, and leave those of the process from which this one was forked."""
        for hand in self.all:
            hand.let_go()
        self.all = [Hand() for _one in range(AT_ONCE)]
        self.free: SimpleQueue[Hand] = SimpleQueue()
        for hand in self.all:
            self.free.put(hand)

    def begin(self) -> None:
        """Begin every process now, so that the first who signs in need not wait for it."""
        for hand in self.all:
            hand.begin()

    def ask(self, password: str, **more: Any) -> Any:
        """Return the answer of the first hand that is free."""
        asked = json.dumps({"password": password.encode().hex(), **more}).encode()
        hand = self.free.get()
        try:
            return hand.ask(asked)
        finally:
            self.free.put(hand)


hashing = Hashing()
os.register_at_fork(after_in_child=hashing.renew)


class Argon2idHasher(Argon2PasswordHasher):
    """Argon2id: 19 MiB, two passes, one lane (OWASP's first choice)."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Return the hash of this password."""
        params = self.params()
        found = hashing.ask(
            password,
            salt=salt.encode().hex(),
            time_cost=params.time_cost,
            memory_cost=params.memory_cost,
            parallelism=params.parallelism,
            hash_len=params.hash_len,
        )
        return f"{self.algorithm}{found}"

    def verify(self, password: str, encoded: str) -> bool:
        """Return whether the hash is of this password."""
        _algorithm, _dollar, rest = encoded.partition("$")
        return bool(hashing.ask(password, hash=f"${rest}"))
