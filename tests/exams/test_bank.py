"""The bank: every question is whole, and no habit of ours gives the answers away."""

from collections import Counter

import pytest

from exams.bank import LETTERS, BadBank, Category, CensusKind, Kind, Role, load, parse
from exams.papers import DEFAULT_BLUEPRINT, validate

BANK = load()
# What the exam officer's papers need again and again: a paper draws from at least this many.
SPARE = 1.5


def row(**changes):
    whole = {
        "code": "law-900",
        "category": "law",
        "kind": "single",
        "roles": "both",
        "census_kinds": "any",
        "stem": "题干？",
        "options": ["甲", "乙", "丙", "丁"],
        "answer": ["B"],
        "explanation": "解析。",
        "source": "来源",
    }
    return {**whole, **changes}


def held(category, kind=None, role=None, census_kind=None):
    return [
        one
        for one in BANK
        if one.category == category
        and kind in (None, one.kind)
        and (role is None or role in one.roles)
        and (census_kind is None or census_kind in one.census_kinds)
    ]


def test_the_bank_holds_at_least_a_hundred_and_forty_questions():
    assert len(BANK) >= 140


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("census_kind", CensusKind)
@pytest.mark.parametrize("category", Category)
def test_each_role_and_census_has_twenty_questions_of_each_category(category, role, census_kind):
    assert len(held(category, role=role, census_kind=census_kind)) >= 20


@pytest.mark.parametrize("category", Category)
@pytest.mark.parametrize("kind", Kind)
def test_every_category_has_questions_of_every_kind(category, kind):
    assert len(held(category, kind=kind)) >= 10


def test_filling_in_and_software_hold_the_most_questions():
    counts = Counter(one.category for one in BANK)
    assert {name for name, _ in counts.most_common(2)} == {Category.FORMS, Category.SOFTWARE}


@pytest.mark.parametrize("role", Role)
def test_some_questions_are_for_one_role_alone(role):
    assert [one for one in BANK if one.roles == {role}]


@pytest.mark.parametrize("census_kind", CensusKind)
def test_the_bank_fills_the_usual_blueprint(census_kind):
    validate(DEFAULT_BLUEPRINT, BANK, census_kind=census_kind)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("census_kind", CensusKind)
def test_every_line_of_the_usual_blueprint_has_questions_to_spare(role, census_kind):
    for line in DEFAULT_BLUEPRINT.lines:
        pool = held(line.category, line.kind, role, census_kind)
        assert len(pool) >= SPARE * line.count, line


@pytest.mark.parametrize("question", BANK, ids=lambda question: question.code)
def test_the_question_reads_as_a_finished_text(question):
    assert question.code.startswith(f"{question.category}-")
    assert question.stem.endswith("。" if question.kind is Kind.JUDGEMENT else "？")
    assert question.explanation.endswith("。")
    assert len(question.source) >= 4 and len(question.source) <= 300
    assert all(text == text.strip() for text in (question.stem, *question.options))


@pytest.mark.parametrize("question", BANK, ids=lambda question: question.code)
def test_no_text_speaks_of_a_letter_because_the_options_are_shuffled(question):
    texts = (question.stem, question.explanation, *question.options)
    assert not [text for text in texts if "以上" in text and "都" in text]
    for letter in LETTERS:
        assert not [text for text in texts if f"选项{letter}" in text or f"选{letter}" in text]


def test_the_right_place_of_single_answers_is_spread_evenly():
    for category in Category:
        places = Counter(min(one.right) for one in held(category, Kind.SINGLE))
        assert set(places) == {0, 1, 2, 3}
        assert max(places.values()) - min(places.values()) <= 2


def test_about_half_of_the_judgements_are_false():
    judgements = [one for one in BANK if one.kind is Kind.JUDGEMENT]
    false = [one for one in judgements if one.right == {1}]
    assert 0.4 <= len(false) / len(judgements) <= 0.6


def test_the_longest_option_is_not_the_right_one_by_habit():
    for category in Category:
        singles = held(category, Kind.SINGLE)
        told = [one for one in singles if _longest_alone(one) in one.right]
        assert len(told) <= len(singles) / 2, category


def test_ticking_all_but_one_is_no_way_through_the_multiples():
    multiples = [one for one in BANK if one.kind is Kind.MULTIPLE]
    all_but_one = [one for one in multiples if len(one.options) - len(one.right) == 1]
    assert len(all_but_one) <= 0.7 * len(multiples)


def test_no_wrong_national_figure_is_taught():
    texts = " ".join(text for one in BANK for text in (one.stem, one.explanation, *one.options))
    assert "4万" not in texts and "6000名" not in texts


@pytest.mark.parametrize(
    "changes",
    [
        {"explanation": " "},
        {"source": ""},
        {"category": "cooking"},
        {"kind": "essay"},
        {"roles": "driver"},
        {"roles": []},
        {"census_kinds": "industry"},
        {"answer": []},
        {"answer": ["A", "B"]},
        {"answer": ["E"]},
        {"answer": ["AB"]},
        {"options": ["甲", "甲", "乙", "丙"]},
        {"kind": "judgement"},
        {"kind": "multiple", "answer": ["A"]},
        {"kind": "multiple", "answer": ["A", "A"]},
        {"kind": "multiple", "answer": ["A", "B", "C", "D"]},
        {"hint": "more"},
    ],
)
def test_a_broken_question_is_named(changes):
    with pytest.raises(BadBank, match="law-900"):
        parse([row(**changes)])


def test_two_questions_never_share_a_code_or_a_stem():
    with pytest.raises(BadBank, match="code"):
        parse([row(), row(stem="另一题？")])
    with pytest.raises(BadBank, match="stem"):
        parse([row(), row(code="law-901")])


def test_a_row_of_the_database_is_read_like_one_of_the_file():
    kept = row(roles=["enumerator", "supervisor"], census_kinds=["agriculture", "economic"])
    assert parse([kept]) == parse([row()])


def _longest_alone(question):
    lengths = [len(text) for text in question.options]
    longest = max(lengths)
    return lengths.index(longest) if lengths.count(longest) == 1 else None
