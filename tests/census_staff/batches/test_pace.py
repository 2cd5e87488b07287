"""A run rests as long as its chunks take longer than they might, between its two shares."""

from typing import Any

import pytest

from census_staff.batches import pace
from census_staff.batches.pace import Pace


class Gentle:
    rests = (0.1, 0.5)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    rests: list[float] = []
    monkeypatch.setattr(pace.time, "sleep", rests.append)
    return rests


def after(run: Pace, kind: Any, *chunks: tuple[float, int]) -> list[float]:
    found = []
    for run.seconds, items in chunks:
        found.append(round(run.rest(kind, items), 6))
    return found


def test_a_run_that_nobody_holds_up_rests_the_lower_share(slept: list[float]) -> None:
    assert after(Pace(), Gentle(), (0.1, 100), (0.1, 100), (0.05, 100)) == [0.01, 0.01, 0.005]
    assert [round(each, 6) for each in slept] == [0.01, 0.01, 0.005]


def test_what_a_chunk_took_longer_than_the_quickest_is_rested(slept: list[float]) -> None:
    assert after(Pace(), Gentle(), (0.1, 100), (0.13, 100), (0.06, 50)) == [0.01, 0.03, 0.01]


def test_a_chunk_that_waited_long_rests_the_upper_share_at_most(slept: list[float]) -> None:
    assert after(Pace(), Gentle(), (0.1, 100), (2.0, 100)) == [0.01, 1.0]


def test_a_kind_that_says_nothing_takes_no_rest(slept: list[float]) -> None:
    assert after(Pace(), object(), (0.1, 100), (2.0, 100)) == [0, 0]


def test_the_block_of_a_chunk_is_measured() -> None:
    run = Pace()
    with run.chunk():
        pass
    assert 0 <= run.seconds < 1
