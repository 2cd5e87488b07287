"""`python3 dev.py bench [NAME …] [--quick] [--size N] [--json FILE]`."""

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import ground
from tests.bench.report import Report, say, write_json

SIZES = {"full": 2_100_000, "quick": 1_500}
BENCHES = {
    "board": "readiness board of city, county, township, and every number's list",
    "lists": "pages of lists: first, deep, filtered, searched; of a county and a nation",
    "verify": "the public page: random tokens, half of them garbage",
    "exam": "start, save on tap, submit of a 50-question paper through HTTP",
    "signin": "20 sign-ins a second beside 200 saves a second",
    "cards": "5,000 cards with distinct photos, with and without the codes read back",
    "run": "the 12-21 run: 17 % of everybody, with people at the doors meanwhile",
    "roster": "50,000 rows: read, check, preview, commit, audit",
}


def main() -> int:
    """Run the benches that are asked for, each on a fresh copy of its database."""
    parser = argparse.ArgumentParser(prog="dev.py bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help="or `all`; none lists them")
    parser.add_argument("--quick", action="store_true", help="small: proves that the bench works")
    parser.add_argument("--size", type=int, help="staff in the database (2,100,000)")
    parser.add_argument("--json", type=Path, help="write the result to this file")
    wanted = parser.parse_args()
    names = list(BENCHES) if wanted.names == ["all"] else wanted.names
    if not names:
        for name, what in BENCHES.items():
            say(f"{name:8} {what}")
        return 0
    if unknown := set(names) - set(BENCHES):
        parser.error(f"no such bench: {', '.join(sorted(unknown))}")
    size = wanted.size or SIZES["quick" if wanted.quick else "full"]
    ground.begin()
    try:
        if len(names) > 1 and not wanted.quick:
            return _one_by_one(names, wanted, size)
        # In this order quick benches can share one copy: what changes everything comes last.
        ordered = [name for name in BENCHES if name in names]
        with ground.copied(size):
            reports = [_run(name, size, wanted.quick) for name in ordered]
    finally:
        ground.end()
    if wanted.json:
        write_json(wanted.json, reports)
    return int(not all(report.is_sound for report in reports))


def _run(name: str, size: int, quick: bool) -> Report:
    report: Report = importlib.import_module(f"tests.bench.bench_{name}").run(size, quick)
    report.show()
    return report


def _one_by_one(names: list[str], wanted: argparse.Namespace, size: int) -> int:
    """Run each in a process of its own, so that none profits from what another left warm."""
    failed: list[str] = []
    found: list[str] = []
    ground.generated(size)
    with tempfile.TemporaryDirectory() as place:
        for name in names:
            out = Path(place, f"{name}.json")
            command = [sys.executable, "-m", "tests.bench", name, "--size", str(size)]
            command += ["--json", str(out)]
            if subprocess.run(command, env=os.environ).returncode:
                failed.append(name)
            if out.exists():
                found.append(out.read_text().strip()[1:-1])
        if wanted.json:
            wanted.json.write_text("[" + ",".join(found) + "]")
    if failed:
        say("Missed or failed: " + ", ".join(failed) + ".")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
