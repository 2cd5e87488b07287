"""Every bench runs in its quick size, so that none of them rots. Speed is not asked here."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.bench.__main__ import BENCHES

CHECKOUT = Path(__file__).resolve().parents[2]


def test_every_bench_runs_and_what_it_asks_besides_speed_holds(tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "tests.bench",
        "all",
        "--quick",
        "--json",
        str(out),
    ]
    state = {**os.environ, "CENSUS_STATE_DIR": str(tmp_path)}

    done = subprocess.run(command, cwd=CHECKOUT, env=state, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    reports = json.loads(out.read_text())
    assert [report["bench"] for report in reports] == list(BENCHES)
    for report in reports:
        assert report["machine"]["machine"] and report["checks"]
        assert len(report["sides"]) >= 3 and all(side["rate"] > 0 for side in report["sides"])


def test_without_a_name_the_benches_are_listed() -> None:
    command = [sys.executable, "-m", "tests.bench"]
    said = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    assert [line.split()[0] for line in said.splitlines()] == list(BENCHES)
