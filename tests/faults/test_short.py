"""The short form of the faults, and the broken designs that the same harness has to catch.

One process of its own does it all, on a PostgreSQL of its own: `python3 dev.py faults` is the long
form. Chance differs from run to run; the seed stands in what is printed and repeats it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.controls.register import CAUGHT_BY

CHECKOUT = Path(__file__).resolve().parents[2]
KILLS = 30
CAMPAIGNS = {"run", "roster", "cards", "exam"}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Give the account of thirty kills and of every broken design."""
    out = tmp_path_factory.mktemp("faults") / "account.json"
    command = [sys.executable, "-W", "ignore", "-m", "tests.faults.harness", "--short"]
    command += ["--kills", str(KILLS), "--controls", "--json", str(out)]
    done = subprocess.run(
        command, cwd=CHECKOUT, env=os.environ.copy(), capture_output=True, text=True, check=False
    )
    said = done.stdout[-6000:] + done.stderr[-3000:]
    assert out.exists(), said
    found: dict[str, Any] = json.loads(out.read_text()) | {"said": said}
    return found


def test_thirty_kills_break_no_invariant(
    account: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    kills = {name: sum(of["kills"].values()) for name, of in account["campaigns"].items()}
    inside = sum(sum(of["inside"].values()) for of in account["campaigns"].values())
    with capsys.disabled():
        told = f"{sum(kills.values())} kills, {inside} inside a transaction, seed {account['seed']}"
        print(f" [{told}] ", end="")  # noqa: T201

    assert account["wrong"] == {}, account["said"]
    assert set(kills) == CAMPAIGNS and sum(kills.values()) == KILLS, account["said"]
    assert inside >= KILLS // 2, account["said"]
    assert account["acknowledged"] and account["handed_in"]


def test_every_campaign_asks_its_own_invariants(account: dict[str, Any]) -> None:
    asked = set(account["invariants"])

    assert {name.split(":")[0] for name in asked} == CAMPAIGNS | {"batch", "audit"}
    assert not any(account["invariants"].values()), account["said"]


@pytest.mark.parametrize("design", CAUGHT_BY)
def test_a_broken_design_is_caught(account: dict[str, Any], design: str) -> None:
    found = account["controls"][design]

    assert CAUGHT_BY[design] in found, (found, account["said"])
