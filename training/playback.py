"""How much of a film was really played: intervals of the film, earned by the server's clock alone."""

from collections.abc import Iterable
from dataclasses import dataclass

Intervals = tuple[tuple[float, float], ...]

# A film counts as seen a little before its last frame: players stop early by a fraction.
ENOUGH = 0.95
# What a beat may carry over to the next one, so that a slow network does not tear holes.
MOST_CARRIED = 2.0


@dataclass(frozen=True, slots=True)
class Earned:
    """What one report of playing earned, and the seconds that are carried to the next."""

    played: Intervals
    carried: float


def union(intervals: Iterable[tuple[float, float]]) -> Intervals:
    """Return the same stretches of film, ordered, apart from each other, none empty."""
    whole: list[tuple[float, float]] = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], end))
        else:
            whole.append((start, end))
    return tuple(whole)


def seconds(intervals: Intervals) -> float:
    """Return how long the stretches are together."""
    return sum(end - start for start, end in intervals)


def earn(
    played: Intervals,
    *,
    claimed: tuple[float, float],
    elapsed: float,
    carried: float,
    duration: float,
) -> Earned:
    """Return what is played after a report of `claimed`, `elapsed` seconds of the server's clock
    after the last one: never more film than time, never outside the film."""
    allowed = max(0.0, elapsed) + max(0.0, carried)
    # Tenths, rounded down: the row stays small, and two reports in a row meet without a gap.
    start = _tenths(min(max(0.0, claimed[0]), duration))
    end = _tenths(min(max(start, claimed[1]), duration, start + allowed))
    spent = max(0.0, end - start)
    return Earned(
        played=union([*played, (start, end)]),
        carried=min(MOST_CARRIED, allowed - spent),
    )


def is_enough(played: Intervals, *, duration: float) -> bool:
    """Return whether the film counts as seen."""
    return duration > 0 and seconds(played) >= ENOUGH * duration


def _tenths(value: float) -> float:
    return int(round(value * 10, 6)) / 10
