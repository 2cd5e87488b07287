"""The first lines of a child that opens other people's files: bound before anything is read."""

import ctypes
import errno
import json
import os
import resource
import runpy
import struct
import sys

# By machine: the kernel's name for it, and its numbers of socket, socketpair, connect, execve,
# ptrace, execveat and io_uring_setup (which connects without asking for `connect`).
SHUT = {
    "x86_64": (0xC000003E, (41, 53, 42, 59, 101, 322, 425)),
    "aarch64": (0xC00000B7, (198, 199, 203, 221, 117, 281, 425)),
}
NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER = 38, 22, 2
LOAD, EQUAL, AT_LEAST, ANSWER = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES
OTHER_CALLS = 0x40000000


def bind(limits: dict[str, int]) -> None:
    """Limit this process; what it may not exceed it cannot raise again."""
    for what, most in (
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CPU, limits["cpu_seconds"]),
        (resource.RLIMIT_FSIZE, limits["output"]),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))


def shut_in() -> bool:
    """Take sockets and other programs away from this process; False where the kernel cannot.

    A filter of calls, because a network of its own would leave the sockets that are files: the
    database's and the broker's.
    """
    architecture, calls = SHUT.get(os.uname().machine, (0, ()))
    if not calls:
        return False
    # Where the refusal stands; jumps are counted from the next step.
    last = len(calls) + 5
    steps = [(LOAD, 0, 0, 4), (EQUAL, 0, last - 2, architecture), (LOAD, 0, 0, 0)]
    steps += [(AT_LEAST, last - 4, 0, OTHER_CALLS)]
    steps += [(EQUAL, last - 5 - place, 0, call) for place, call in enumerate(calls)]
    steps += [(ANSWER, 0, 0, ALLOW), (ANSWER, 0, 0, REFUSE)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = struct.pack("@HP", len(steps), ctypes.addressof(code))
    control = ctypes.CDLL(None, use_errno=True).prctl
    control.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    held = ctypes.create_string_buffer(program)
    return bool(
        control(NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
        and control(SET_SECCOMP, FILTER, ctypes.addressof(held), 0, 0) == 0
    )


def refuse_sockets(event: str, _arguments: object) -> None:
    """Where the kernel shuts nobody in: let Python itself refuse."""
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.system")):
        raise PermissionError(errno.EACCES, "A child that opens other people's files stays alone.")


if __name__ == "__main__":
    if not shut_in():
        sys.addaudithook(refuse_sockets)
    bind(json.loads(sys.argv[2]))
    runpy.run_path(sys.argv[1], run_name="__main__")
