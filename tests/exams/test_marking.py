"""Marking: any order, any repetition, the same answers and the same mark."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exams.marking import AnswerRow, Item, fold, mark

QUESTIONS = ("law-001", "forms-001", "software-001")
picks = st.lists(st.sampled_from("ABCD"), max_size=4).map(tuple)
rows = st.builds(
    AnswerRow,
    operation=st.uuids().map(str),
    page=st.integers(1, 3),
    sequence=st.integers(1, 4),
    question=st.sampled_from(QUESTIONS),
    picked=picks,
)


def tap(question="law-001", picked="A", *, page=1, sequence=1, operation="op"):
    return AnswerRow(operation, page, sequence, question, tuple(picked))


def item(question="law-001", right="A", *, kind="single", category="law", points=2):
    return Item(question, category, kind, points, frozenset(right))


@given(st.lists(rows, max_size=12), st.randoms())
def test_the_order_of_arrival_changes_nothing(taps, random):
    shuffled = taps[:]
    random.shuffle(shuffled)
    assert fold(shuffled) == fold(taps)


@given(st.lists(rows, max_size=12), st.lists(st.integers(0, 11), max_size=12))
def test_repeats_change_nothing(taps, again):
    repeated = taps + [taps[index] for index in again if index < len(taps)]
    assert fold(repeated) == fold(taps)


@given(st.lists(rows, max_size=8), st.lists(rows, max_size=8))
def test_what_came_while_offline_may_be_folded_in_later(first, second):
    assert set(fold(first + second)) == set(fold(first)) | set(fold(second))
    for question, picked in fold(first + second).items():
        assert picked in (fold(first).get(question), fold(second).get(question))


def test_the_highest_sequence_of_a_page_wins():
    assert fold([tap(picked="B", sequence=2), tap(picked="A", sequence=1)]) == {"law-001": ("B",)}


def test_the_newest_page_wins_over_a_higher_sequence_of_an_older_one():
    old, new = tap(picked="A", page=1, sequence=9), tap(picked="C", page=2, sequence=1)
    assert fold([new, old]) == {"law-001": ("C",)}


def test_an_answer_may_be_cleared():
    assert fold([tap(), tap(picked="", sequence=2)]) == {"law-001": ()}


@pytest.mark.parametrize(
    ("kind", "right", "picked", "partial", "points"),
    [
        ("single", "A", "A", False, 2),
        ("single", "A", "B", False, 0),
        ("single", "A", "", True, 0),
        ("judgement", "B", "B", False, 2),
        ("judgement", "B", "A", True, 0),
        ("multiple", "ABC", "CAB", False, 2),
        ("multiple", "ABC", "AB", False, 0),
        ("multiple", "ABC", "AB", True, 1),
        ("multiple", "ABC", "ABD", True, 0),
        ("multiple", "ABC", "ABCD", True, 0),
        ("multiple", "ABC", "", True, 0),
    ],
)
def test_an_answer_earns_all_or_nothing_unless_parts_may_count(
    kind, right, picked, partial, points
):
    result = mark([item(right=right, kind=kind)], {"law-001": tuple(picked)}, partial=partial)
    assert result.score == points


@given(st.dictionaries(st.sampled_from(QUESTIONS), picks), st.booleans())
def test_the_score_is_the_sum_of_the_categories_and_stays_within_the_paper(answers, partial):
    paper = [
        item("law-001", "A", points=30),
        item("forms-001", "BC", kind="multiple", category="forms", points=41),
        item("software-001", "B", kind="judgement", category="software", points=29),
    ]
    result = mark(paper, answers, partial=partial)
    assert 0 <= result.score <= result.possible == 100
    assert result.score == sum(row.earned for row in result.categories)
    assert result.score == sum(result.earned.values())


def test_unanswered_questions_earn_nothing_and_are_not_counted_as_answered():
    result = mark([item(), item("law-002")], {"law-001": ("A",), "law-002": ()})
    assert (result.score, result.answered) == (2, 1)


def test_an_answer_to_a_question_of_another_paper_counts_for_nothing():
    result = mark([item()], {"forms-077": ("A",)})
    assert (result.score, result.answered) == (0, 0)


def test_weak_categories_come_weakest_first():
    paper = [
        item("law-001", category="law"),
        item("forms-001", category="forms"),
        item("forms-002", category="forms"),
        item("software-001", category="software"),
    ]
    result = mark(paper, {"law-001": ("A",), "forms-001": ("A",)})
    assert [(row.category, row.percent) for row in result.weak()] == [
        ("software", 0),
        ("forms", 50),
    ]


def test_a_category_at_the_threshold_is_not_weak():
    paper = [item(f"law-{number}") for number in range(5)]
    answers = {f"law-{number}": ("A",) for number in range(4)}
    assert not mark(paper, answers).weak()


def test_the_pass_mark_itself_passes():
    result = mark([item(points=80), item("law-002", points=20)], {"law-001": ("A",)})
    assert result.passes(80) and not result.passes(81)
