"""What a bench found: its sides, its ratios, and whether they reach what was asked."""

import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.bench import machine


def say(text: str = "") -> None:
    """Show a line at once, so that a long run shows how far it is."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@dataclass
class Side:
    """One way of doing the work."""

    name: str
    rate: float
    unit: str
    seconds: float = 0.0
    peak_mb: float = 0.0
    note: str = ""


@dataclass
class Check:
    """One thing that must be reached. A `quick` run shows it and demands nothing of speed."""

    what: str
    figure: float
    target: str
    reached: bool


@dataclass
class Report:
    """All that one run of a bench has to say."""

    bench: str
    work: str
    rows: int
    quick: bool = False
    sides: list[Side] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    machine: dict[str, str] = field(default_factory=machine.describe)

    def side(self, name: str, rate: float, unit: str, **more: Any) -> Side:
        """Add one way of doing the work and return it."""
        side = Side(name, rate, unit, **more)
        self.sides.append(side)
        say(f"  {self.bench}: {name}: {rate:,.1f} {unit}")
        return side

    def at_least(self, what: str, figure: float, least: float) -> None:
        """Ask that a figure be no smaller."""
        self.checks.append(Check(what, figure, f"≥ {least:g}", figure >= least))

    def at_most(self, what: str, figure: float, most: float) -> None:
        """Ask that a figure be no larger."""
        self.checks.append(Check(what, figure, f"≤ {most:g}", figure <= most))

    def holds(self, what: str, truth: bool) -> None:
        """Ask that something be so; this is asked of quick runs, too."""
        self.checks.append(Check(what, float(truth), "so", truth))

    def show(self) -> None:
        """Print everything."""
        about = self.machine
        say(f"\n== {self.bench}: {self.work}")
        say(f"   {about['machine']}; Python {about['python']}; {about['at']}; load {about['load']}")
        say(
            f"   {self.rows:,} rows{' (quick: proves the bench, not the product)' if self.quick else ''}"
        )
        for side in self.sides:
            memory = f"{side.peak_mb:8.0f} MB" if side.peak_mb else " " * 11
            say(f"   {side.name:44} {side.rate:12,.1f} {side.unit:12} {memory}  {side.note}")
        for name, value in self.figures.items():
            say(f"   {name}: {value}")
        for check in self.checks:
            mark = "reached" if check.reached else "MISSED"
            say(f"   {check.what:60} {check.figure:10.3f}  {check.target:8} {mark}")

    @property
    def is_sound(self) -> bool:
        """True where everything that was asked holds; of a quick run, what is so or is not."""
        asked = [check for check in self.checks if not self.quick or check.target == "so"]
        return all(check.reached for check in asked)


def write_json(path: Path, reports: list[Report]) -> None:
    """Keep the reports as JSON."""
    path.write_text(json.dumps([asdict(each) for each in reports], ensure_ascii=False, indent=1))
