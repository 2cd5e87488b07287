"""`python3 dev.py faults --kills N [--campaign NAME] [--seed S] [--short]`."""

import argparse
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from tests.faults.controls.register import CAUGHT_BY

CAMPAIGNS = {
    "run": "the 12-21 run, while people pass the exam",
    "roster": "a roster written into the records",
    "cards": "numbers given, then cards printed",
    "exam": "people at the exam: web servers and PostgreSQL die under them",
}
SHARES = {"run": 0.3, "roster": 0.25, "cards": 0.2, "exam": 0.25}
# Kills upon one copy of the world.
MOST = {"run": 120, "roster": 110, "cards": 80, "exam": 60}


def main() -> int:
    """Kill as often as is asked for; 1 where any invariant was found broken."""
    parser = argparse.ArgumentParser(prog="dev.py faults", description="Kill, and ask what holds.")
    parser.add_argument("--kills", type=int, help="how many in all (30 with --short)")
    parser.add_argument("--campaign", choices=CAMPAIGNS, help="only this one")
    parser.add_argument("--seed", type=int, help="chance that was printed by an earlier run")
    parser.add_argument("--short", action="store_true", help="a small world, as in every test run")
    parser.add_argument("--controls", action="store_true", help="catch the broken designs as well")
    parser.add_argument("--json", type=Path, help="write the result to this file")
    wanted = parser.parse_args()
    if not wanted.kills and not wanted.short:
        explain(parser)
        return 0
    kills = wanted.kills or 30
    seed = wanted.seed if wanted.seed is not None else random.SystemRandom().randrange(10**9)
    from tests.faults.harness.long import Session

    with Session(seed, short=wanted.short) as session:
        session.carry_out(kills, [wanted.campaign] if wanted.campaign else list(CAMPAIGNS))
        controls = _controls(session) if wanted.controls else {}
    session.show()
    missed = [name for name, found in controls.items() if CAUGHT_BY[name] not in found]
    if controls:
        say(f"Broken designs caught: {len(controls) - len(missed)} of {len(controls)}.")
    if wanted.json:
        account = session.result() | {"controls": controls}
        wanted.json.write_text(json.dumps(account, indent=1, default=str))
    return int(bool(session.wrong or missed))


def _controls(session: Any) -> dict[str, Any]:
    """Play every broken design; return what the invariants found wrong with it."""
    from tests.faults.controls.scenes import play

    found: dict[str, Any] = {}
    for name in CAUGHT_BY:
        start = time.monotonic()
        try:
            found[name] = play(session, name)
        except Exception as problem:
            # The others are played all the same.
            found[name] = {"not played": [repr(problem)]}
        word = "caught" if CAUGHT_BY[name] in found[name] else "MISSED"
        say(f"  {name}: {word} by “{CAUGHT_BY[name]}”; {time.monotonic() - start:.0f} s")
    return found


def explain(parser: argparse.ArgumentParser) -> None:
    """Say what there is."""
    say(parser.format_help())
    for name, what in CAMPAIGNS.items():
        say(f"  {name:8} {what}")
    say(
        "\nReal processes on a PostgreSQL of their own; docs/faults.md says what is killed and asked."
    )


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
