"""Papers: one seed, one paper; the key stays at home."""

import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from census_staff.lib.errors import Refused
from exams.bank import LETTERS, Category, CensusKind, Kind, Role, by_code, load, parse
from exams.marking import mark
from exams.papers import (
    DEFAULT_BLUEPRINT,
    Blueprint,
    Line,
    check_picked,
    check_weights,
    explained_view,
    make_paper,
    marking_sheet,
    public_view,
    validate,
)

BANK = load()
HELD = by_code(BANK)
seeds = st.integers(0, 2**63 - 1)
FOR_EVER = [("law-3", [0, 2, 3, 1]), ("law-4", [3, 1, 0, 2])]
whose = st.tuples(st.sampled_from(Role), st.sampled_from(CensusKind))


def paper_of(seed=7, role=Role.ENUMERATOR, census_kind=CensusKind.AGRICULTURE, bank=BANK):
    return make_paper(bank, DEFAULT_BLUEPRINT, seed, role=role, census_kind=census_kind)


def lines(law=(8, 2), basics=(8, 2), forms=(18, 2), software=(16, 2)):
    numbers = {"law": law, "basics": basics, "forms": forms, "software": software}
    return Blueprint(tuple(Line(Category(name), *pair) for name, pair in numbers.items()))


def code_of(blueprint, bank=BANK):
    with pytest.raises(Refused) as refusal:
        validate(blueprint, bank, census_kind=CensusKind.AGRICULTURE)
    return refusal.value.code


def test_the_usual_blueprint_asks_fifty_questions_worth_a_hundred_points():
    assert (DEFAULT_BLUEPRINT.questions, DEFAULT_BLUEPRINT.points) == (50, 100)
    assert DEFAULT_BLUEPRINT.weighty_points > 50


def test_half_of_the_points_is_not_more_than_half():
    assert code_of(lines(law=(13, 2), basics=(12, 2), forms=(13, 2), software=(12, 2))) == (
        "blueprint_weight"
    )
    check_weights(lines(law=(12, 2), basics=(12, 2), forms=(13, 2), software=(13, 2)))


def test_a_paper_of_other_than_a_hundred_points_is_refused():
    assert code_of(lines(law=(7, 2))) == "blueprint_total"


def test_a_blueprint_the_bank_cannot_fill_is_refused():
    assert code_of(DEFAULT_BLUEPRINT, BANK[:60]) == "bank_too_small"


def test_the_refusal_says_which_line_and_which_role():
    starved = [
        one for one in BANK if one.category is not Category.FORMS or one.roles == {Role.ENUMERATOR}
    ]
    with pytest.raises(Refused) as refusal:
        validate(DEFAULT_BLUEPRINT, starved, census_kind="economic", roles=[Role.SUPERVISOR])
    assert refusal.value.details["category"] == "forms"
    assert refusal.value.details["role"] == "supervisor"
    assert refusal.value.details["held"] < refusal.value.details["wanted"]


def test_a_line_open_to_all_kinds_takes_what_the_named_kinds_leave():
    open_line = Line(Category.LAW, 6, 2)
    named = tuple(line for line in DEFAULT_BLUEPRINT.lines if line.kind is not Kind.MULTIPLE)
    blueprint = Blueprint((open_line, *named))
    paper = make_paper(BANK, blueprint, 3, role="enumerator", census_kind="economic")
    codes = [item["question"] for item in paper["items"]]
    assert len(codes) == len(set(codes)) == blueprint.questions


@pytest.mark.parametrize("numbers", [(0, 2), (8, 0), (-1, 2)])
def test_a_line_without_questions_or_points_is_refused(numbers):
    assert code_of(lines(law=numbers)) == "blueprint_empty_line"


def test_a_line_named_twice_is_refused():
    twice = Blueprint((*lines(law=(4, 2)).lines, Line(Category.LAW, 4, 2)))
    assert code_of(twice) == "blueprint_line_twice"


def test_an_empty_blueprint_is_refused():
    assert code_of(Blueprint(())) == "blueprint_empty_line"


def test_a_blueprint_survives_being_kept_as_json():
    assert Blueprint.from_json(json.loads(json.dumps(DEFAULT_BLUEPRINT.as_json()))) == (
        DEFAULT_BLUEPRINT
    )
    short = {"law": {"count": 8, "points": 2}}
    assert Blueprint.from_json(short).lines == (Line(Category.LAW, 8, 2),)


@pytest.mark.parametrize(
    "kept", [[{}], [3], {"law": 3}, [{"category": "x", "count": 1, "points": 1}]]
)
def test_json_that_is_no_blueprint_is_refused(kept):
    with pytest.raises(Refused) as refusal:
        Blueprint.from_json(kept)
    assert refusal.value.code == "blueprint_malformed"


@settings(max_examples=25, deadline=None)
@given(seeds, whose, st.randoms())
def test_the_same_seed_makes_the_same_paper_in_whatever_order_the_bank_comes(seed, who, random):
    role, census_kind = who
    stirred = list(BANK)
    random.shuffle(stirred)
    assert paper_of(seed, role, census_kind, stirred) == paper_of(seed, role, census_kind)


def test_a_seed_deals_the_same_paper_for_ever():
    # Written down once, over questions of its own: the real bank may grow.
    row = {"category": "law", "kind": "single", "roles": "both", "census_kinds": "any"}
    text = {"answer": ["A"], "explanation": "解析。", "source": "来源", "options": list("甲乙丙丁")}
    few = parse({**row, **text, "code": f"law-{n}", "stem": f"{n}？"} for n in range(6))
    blueprint = Blueprint((Line(Category.LAW, 2, 50),))
    paper = make_paper(few, blueprint, 20261221, role="enumerator", census_kind="economic")
    assert [(item["question"], item["options"]) for item in paper["items"]] == FOR_EVER


@settings(max_examples=25, deadline=None)
@given(seeds, whose)
def test_a_paper_asks_what_the_blueprint_says_of_questions_that_suit(seed, who):
    role, census_kind = who
    asked = [HELD[item["question"]] for item in paper_of(seed, role, census_kind)["items"]]
    counts = Counter((one.category, one.kind) for one in asked)
    assert counts == {(line.category, line.kind): line.count for line in DEFAULT_BLUEPRINT.lines}
    assert len({one.code for one in asked}) == 50
    assert all(one.suits(role=role, census_kind=census_kind) for one in asked)


def test_two_people_get_different_papers():
    first, second = (paper_of(seed)["items"] for seed in (1, 2))
    assert {item["question"] for item in first} != {item["question"] for item in second}


@settings(max_examples=25, deadline=None)
@given(seeds, whose)
def test_the_key_is_nowhere_in_what_the_person_sees(seed, who):
    paper = paper_of(seed, *who)
    shown = public_view(paper, BANK)
    assert set(shown[0]) == {"number", "question", "category", "kind", "points", "stem", "options"}
    assert all(set(option) == {"letter", "text"} for row in shown for option in row["options"])
    told = json.dumps(shown, ensure_ascii=False)
    assert not [row for row in shown if HELD[row["question"]].explanation in told]


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_the_stored_paper_holds_codes_points_and_orders_alone(seed):
    paper = json.loads(json.dumps(paper_of(seed)))
    assert paper == paper_of(seed)
    assert set(paper) == {"format", "seed", "items"}
    for item in paper["items"]:
        assert set(item) == {"question", "points", "options"}
        assert sorted(item["options"]) == list(range(len(HELD[item["question"]].options)))


def test_the_place_of_the_right_answer_tells_nothing_over_many_papers():
    places = Counter(
        next(iter(item.right))
        for seed in range(40)
        for item in marking_sheet(paper_of(seed), BANK)
        if item.kind == Kind.SINGLE
    )
    share = sum(places.values()) / 4
    assert all(0.8 * share < places[letter] < 1.2 * share for letter in LETTERS[:4])


def test_a_judgement_keeps_true_before_false():
    for row in public_view(paper_of(), BANK):
        if row["kind"] == Kind.JUDGEMENT:
            assert [option["text"] for option in row["options"]] == ["正确", "错误"]


@settings(max_examples=25, deadline=None)
@given(seeds, whose)
def test_whoever_ticks_the_right_texts_earns_a_hundred(seed, who):
    paper = paper_of(seed, *who)
    answers = {}
    for row in public_view(paper, BANK):
        question = HELD[row["question"]]
        right = {question.options[index] for index in question.right}
        answers[question.code] = tuple(
            option["letter"] for option in row["options"] if option["text"] in right
        )
    assert mark(marking_sheet(paper, BANK), answers).score == 100


def test_the_explained_paper_shows_the_answer_beside_the_key_and_its_source():
    paper = paper_of()
    code = paper["items"][0]["question"]
    row = explained_view(paper, BANK, {code: ("A",)})[0]
    assert row["picked"] == ["A"]
    assert row["explanation"] == HELD[code].explanation and row["source"] == HELD[code].source
    assert row["right"] == sorted(marking_sheet(paper, BANK)[0].right)


def test_an_answer_that_the_paper_does_not_offer_is_refused():
    paper = paper_of()
    code = next(
        item["question"] for item in paper["items"] if HELD[item["question"]].kind is Kind.SINGLE
    )
    elsewhere = next(one.code for one in BANK if one.code not in str(paper["items"]))
    assert check_picked(paper, HELD, code, ["B"]) == ("B",)
    assert check_picked(paper, HELD, code, []) == ()
    for wrong, picked in ((code, ["Z"]), (code, ["AB"]), (code, ["A", "B"]), (elsewhere, ["A"])):
        with pytest.raises(Refused) as refusal:
            check_picked(paper, HELD, wrong, picked)
        assert refusal.value.code == "answer_not_offered"
