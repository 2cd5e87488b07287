"""A thread says how it shares the processors; it is no matter where the system does not listen."""

import ctypes
import os
import platform
import re
import struct
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from census_staff.lib import turns
from tests.processes import CHECKOUT

ASKS = {"x86_64": 315, "aarch64": 275, "riscv64": 275}
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone knows such threads.")


def told() -> tuple[int, float]:
    """Return the niceness and the turn, in seconds, of the calling thread as Linux knows them."""
    room = ctypes.create_string_buffer(64)
    call = ASKS[platform.machine()]
    assert ctypes.CDLL(None).syscall(call, threading.get_native_id(), room, 64, 0) == 0
    found = struct.unpack_from("=IIQiIQ", room.raw)
    return found[3], found[5] / 1_000_000_000


def test_a_thread_that_comes_last_tells_linux_and_the_others_stay_as_they_are() -> None:
    before = told()
    with ThreadPoolExecutor(1, "last", turns.come_last, (10, 0.1)) as pool:
        niceness, turn = pool.submit(told).result()
    assert niceness == max(10, before[0])
    release = tuple(int(part) for part in re.findall(r"\d+", platform.release())[:2])
    # Earlier kernels choose the turns themselves.
    assert turn == 0.1 or release < (6, 12)
    assert told() == before


def test_who_was_started_nicer_stays_so_and_is_not_refused() -> None:
    said = "import os; from census_staff.lib.turns import come_last; come_last(10, 0.1); print(os.getpriority(0, 0))"
    found = subprocess.run(
        [sys.executable, "-c", said],
        cwd=CHECKOUT, preexec_fn=lambda: os.nice(15), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(found.stdout) >= 15


def test_a_processor_that_we_do_not_know_keeps_the_niceness_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "abacus")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(turns.come_last, 10, 0.1).result() is False
