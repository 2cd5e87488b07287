"""How a process shares the processors with others, where the system lets it say so (Linux)."""

import ctypes
import os
import platform
import struct
import sys
import time
from pathlib import Path

# The number of the call `sched_setattr`, for which the C library long had no name.
CALL = {"x86_64": 314, "aarch64": 274, "riscv64": 274}
# size, policy, flags, niceness, priority, runtime, deadline, period (sched_setattr(2)).
ATTRIBUTES = struct.Struct("=IIQiIQQQ")
ORDINARY = 0


def come_last(niceness: int, turn: float, *, process: int, share: int) -> bool:
    """Let whoever else wants to run go before this process; return whether Linux took it.

    `turn` is in seconds, at most 0.1: who says that its turns are long is interrupted at once by
    one with shorter turns that wakes (Linux 6.12 and later; earlier ones know the niceness alone),
    where it would otherwise be left in peace until the next tick of the clock. `share` is the
    niceness of its session as a whole, where Linux shares the processors between sessions.
    """
    if sys.platform != "linux":
        os.setpriority(os.PRIO_PROCESS, process, niceness)
        return False
    # Who was started nicer than that stays so: to ask for less would be refused.
    niceness = max(niceness, os.getpriority(os.PRIO_PROCESS, process))
    os.setpriority(os.PRIO_PROCESS, process, niceness)
    _say_share(process, share)
    call = CALL.get(platform.machine())
    if call is None:
        return False
    wish = ATTRIBUTES.pack(
        ATTRIBUTES.size, ORDINARY, 0, niceness, 0, round(turn * 1_000_000_000), 0, 0
    )
    refused: int = ctypes.CDLL(None).syscall(call, process, wish, 0)
    return not refused


def _say_share(process: int, share: int) -> None:
    for _try in range(3):
        try:
            Path(f"/proc/{process}/autogroup").write_text(str(share))
        except BlockingIOError:
            # Linux listens ten times a second.
            time.sleep(0.12)
        except OSError:
            return
        else:
            return
