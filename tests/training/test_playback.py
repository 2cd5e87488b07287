"""Film seen is film played: the server's clock pays, and nobody is paid twice."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from training.playback import MOST_CARRIED, earn, is_enough, seconds, union

SECONDS = st.floats(0, 300, allow_nan=False)
REPORTS = st.lists(
    st.tuples(
        st.tuples(st.floats(-50, 500), st.floats(-50, 500)),
        st.floats(-5, 30, allow_nan=False),
    ),
    max_size=40,
)


def play(reports, duration=100.0):
    """Return what a series of (claimed, elapsed) reports earned."""
    played, carried = (), 0.0
    for claimed, elapsed in reports:
        earned = earn(played, claimed=claimed, elapsed=elapsed, carried=carried, duration=duration)
        played, carried = earned.played, earned.carried
    return played


@given(REPORTS)
def test_no_series_of_reports_earns_more_film_than_time_has_passed(reports):
    passed = sum(max(0.0, elapsed) for _claimed, elapsed in reports)
    assert seconds(play(reports)) <= passed + 0.001


@given(REPORTS)
def test_what_was_played_lies_inside_the_film_and_never_overlaps(reports):
    played = play(reports)
    assert all(0 <= start < end <= 100 for start, end in played)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(played))


@given(REPORTS, st.tuples(SECONDS, SECONDS), SECONDS)
def test_playing_on_never_takes_away_what_was_earned(reports, claimed, elapsed):
    before = play(reports)
    after = earn(before, claimed=claimed, elapsed=elapsed, carried=0, duration=100.0).played
    assert union([*before, *after]) == after


@given(SECONDS)
def test_jumping_to_the_end_earns_only_the_seconds_that_passed(elapsed):
    earned = earn((), claimed=(0, 100), elapsed=elapsed, carried=0, duration=100.0)
    assert seconds(earned.played) <= min(elapsed, 100)


def test_an_honest_viewing_with_a_shaky_network_is_enough():
    late = [0.4, -0.4, 0.9, -0.6, -0.3] * 4
    reports = [((5.0 * n, 5.0 * n + 5), 5.0 + shake) for n, shake in enumerate(late)]
    assert is_enough(play(reports), duration=100)


def test_watching_the_same_minute_twice_counts_once():
    reports = [((5.0 * n, 5.0 * n + 5), 5.0) for n in range(12)] * 3
    assert seconds(play(reports)) == 60


def test_a_pause_saves_up_no_more_than_a_breath():
    earned = earn((), claimed=(10, 10), elapsed=600, carried=0, duration=100.0)
    assert earned.carried == MOST_CARRIED
