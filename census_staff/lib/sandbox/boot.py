"""The first lines of a child that opens other people's files: bound before anything is read."""

import json
import resource
import runpy
import sys


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


if __name__ == "__main__":
    bind(json.loads(sys.argv[2]))
    runpy.run_path(sys.argv[1], run_name="__main__")
