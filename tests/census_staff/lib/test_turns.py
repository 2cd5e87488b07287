"""A process says how it shares the processors; it is no matter where the system does not listen."""

import ctypes
import os
import platform
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from census_staff.lib import turns

ASKS = {"x86_64": 315, "aarch64": 275, "riscv64": 275}
AUTOGROUPS = Path("/proc/sys/kernel/sched_autogroup_enabled")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone knows such turns.")


def told(pid: int) -> tuple[int, float]:
    """Return the niceness and the turn, in seconds, of a process as Linux knows them."""
    room = ctypes.create_string_buffer(64)
    call = ASKS[platform.machine()]
    assert ctypes.CDLL(None).syscall(call, pid, room, 64, 0) == 0
    found = struct.unpack_from("=IIQiIQ", room.raw)
    return found[3], found[5] / 1_000_000_000


@pytest.fixture
def sleeper(request: pytest.FixtureRequest) -> Iterator[int]:
    nice = getattr(request, "param", 0)
    process = subprocess.Popen(
        ["sleep", "60"], start_new_session=True, preexec_fn=lambda: os.nice(nice)
    )
    with process:
        yield process.pid
        process.kill()


def test_a_process_that_comes_last_tells_linux_and_the_others_stay_as_they_are(
    sleeper: int,
) -> None:
    before, mine = told(sleeper), told(0)

    turns.come_last(10, 0.1, process=sleeper, share=5)

    niceness, turn = told(sleeper)
    assert niceness == max(10, before[0])
    release = tuple(int(part) for part in re.findall(r"\d+", platform.release())[:2])
    # Earlier kernels choose the turns themselves.
    assert turn == 0.1 or release < (6, 12)
    assert told(0) == mine


@pytest.mark.skipif(not AUTOGROUPS.exists(), reason="This kernel does not share by sessions.")
def test_a_session_that_comes_last_has_a_smaller_share_as_a_whole(sleeper: int) -> None:
    turns.come_last(10, 0.1, process=sleeper, share=5)

    assert Path(f"/proc/{sleeper}/autogroup").read_text().split()[-1] == "5"


@pytest.mark.parametrize("sleeper", [15], indirect=True)
def test_who_was_started_nicer_stays_so_and_is_not_refused(sleeper: int) -> None:
    turns.come_last(10, 0.1, process=sleeper, share=5)

    assert told(sleeper)[0] >= 15


def test_a_processor_that_we_do_not_know_keeps_the_niceness_alone(
    monkeypatch: pytest.MonkeyPatch, sleeper: int
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "abacus")

    assert turns.come_last(10, 0.1, process=sleeper, share=5) is False
    assert os.getpriority(os.PRIO_PROCESS, sleeper) >= 10
