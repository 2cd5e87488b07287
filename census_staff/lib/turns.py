"""How a thread shares the processors with the others, where the system lets it say so (Linux)."""

import ctypes
import os
import platform
import struct
import sys
import threading

# The number of the call `sched_setattr`, for which the C library long had no name.
CALL = {"x86_64": 314, "aarch64": 274, "riscv64": 274}
# size, policy, flags, niceness, priority, runtime, deadline, period (sched_setattr(2)).
ATTRIBUTES = struct.Struct("=IIQiIQQQ")
ORDINARY = 0


def come_last(niceness: int, turn: float) -> bool:
    """Let whoever else wants to run go before the calling thread; return whether Linux took it.

    `turn` is in seconds, at most 0.1: a thread that says its turns are long is interrupted at once
    by one with shorter turns that wakes (Linux 6.12 and later; earlier ones know the niceness
    alone), where it would otherwise be left in peace until the next tick of the clock.
    """
    if sys.platform != "linux":
        # Elsewhere a niceness would be that of the whole process.
        return False
    me = threading.get_native_id()
    # Who was started nicer than that stays so: to ask for less would be refused.
    niceness = max(niceness, os.getpriority(os.PRIO_PROCESS, me))
    os.setpriority(os.PRIO_PROCESS, me, niceness)
    call = CALL.get(platform.machine())
    if call is None:
        return False
    wish = ATTRIBUTES.pack(
        ATTRIBUTES.size, ORDINARY, 0, niceness, 0, round(turn * 1_000_000_000), 0, 0
    )
    refused: int = ctypes.CDLL(None).syscall(call, me, wish, 0)
    return not refused
