"""Illegal writes about numbers and cards."""

from typing import Any

from credentials.models import (
    Card,
    CardNumber,
    Confiscation,
    NumberSequence,
    Reissue,
    Withdrawal,
)  # fmt: skip
from exams.models import AttemptVoid
from recruitment.models import PledgeText, PledgeVoid, Staff
from tests.illegal.ground import Ground, Write, change, insert, sql
from tests.standing import sit
from training.models import CompletionVoid


def number(g: Ground, **wrong: Any) -> None:
    insert(CardNumber, g.number(g.ready, **wrong))


def card(g: Ground, **wrong: Any) -> None:
    insert(Card, g.first_card(**wrong))


def number_of_another_role(g: Ground) -> None:
    number(g, role="supervisor")


def number_twice(g: Ground) -> None:
    number(g, number="0434152420777772")
    number(g, number="0434152420777779")


def number_after_void(g: Ground, void: Any, **key: Any) -> None:
    void.objects.create(reason="x", made_by=g.issuer, **key)
    number(g)


def number_on_replaced_text(g: Ground) -> None:
    PledgeText.objects.filter(pledges__person=g.ready.person_id).update(superseded_at=g.at)
    number(g)


def hand_over_after_void(g: Ground) -> None:
    AttemptVoid.objects.create(attempt_id=g.printed.attempt_id, reason="x", made_by=g.issuer)
    change(Card, g.printed.pk, state="handed_over")


def hand_over_second(g: Ground) -> None:
    row = g.first_card(g.held.number, edition=2)
    made = Card.objects.create(**row, face={})
    change(Card, made.pk, state="printed")
    change(Card, made.pk, state="handed_over")


def all_at_once(g: Ground) -> None:
    """Give a card to somebody else, all of it consistent."""
    change(Card, g.numbered.pk, number_id=g.spent.pk, staff_id=g.other.pk, **g.facts(g.other))


def own_application(g: Ground) -> None:
    row = {"card": g.printed, "reason": "lost", "applied_by": g.issuer, "applied_at": g.at}
    own = Reissue.objects.create(**row)
    change(Reissue, own.pk, decided_by=g.issuer, decided_at=g.at, approved=True)


def end_card(g: Ground) -> None:
    change(Card, g.held.pk, state="recalled")


FACTS = ("training", "attempt", "pledge")
CARDS = [
    *(
        Write(f"a number without {fact}", f"credentials_cardnumber.{fact}_id", "not_ready",
              lambda g, fact=fact: number(g, **{f"{fact}_id": None}))
        for fact in FACTS
    ),
    *(
        Write(f"a number on an invented {fact}", f"number_{fact}_whole", "not_ready",
              lambda g, fact=fact: number(g, **{f"{fact}_id": 999_999_999}))
        for fact in FACTS
    ),
    *(
        Write(f"a number on another person's {fact}", f"number_{fact}_whole", "not_ready",
              lambda g, fact=fact: number(g, **{f"{fact}_id": g.facts(g.other)[f"{fact}_id"]}))
        for fact in FACTS
    ),
    *(
        Write(f"a card without {fact}", f"credentials_card.{fact}_id", "not_ready",
              lambda g, fact=fact: card(g, **{f"{fact}_id": None}))
        for fact in FACTS
    ),
    *(
        Write(f"a card on another person's {fact}", f"card_{fact}_whole", "not_ready",
              lambda g, fact=fact: card(g, **{f"{fact}_id": g.facts(g.ready)[f"{fact}_id"]}))
        for fact in FACTS
    ),
    Write("a number for another census", "number_training_whole", "not_ready",
          lambda g: number(g, census_id=g.other_census.pk)),
    Write("a number for another role", "number_training_whole", "not_ready",
          lambda g: number(g, role="supervisor")),
    Write("a number on a failed attempt", "number_attempt_whole", "not_ready",
          lambda g: number(g, attempt_id=sit(g.ready, score=12).pk)),
    Write("a number that admits its attempt failed", "number_passed", "not_ready",
          lambda g: number(g, attempt_id=sit(g.ready, score=12).pk, attempt_passed=False)),
    Write("a number on an attempt that is still open", "number_attempt_whole", "not_ready",
          lambda g: number(g, attempt_id=sit(g.ready, score=None).pk)),
    Write("a card that admits its attempt failed", "card_passed", "not_ready",
          lambda g: card(g, attempt_passed=False)),
    Write("a number on voided training", "CS004", "evidence_void",
          lambda g: number_after_void(g, CompletionVoid, completion_id=g.facts(g.ready)["training_id"])),
    Write("a number on a voided attempt", "CS004", "evidence_void",
          lambda g: number_after_void(g, AttemptVoid, attempt_id=g.facts(g.ready)["attempt_id"])),
    Write("a number on a voided pledge", "CS004", "evidence_void",
          lambda g: number_after_void(g, PledgeVoid, pledge_id=g.facts(g.ready)["pledge_id"])),
    Write("a number on a pledge whose text was replaced", "CS004", "evidence_void",
          number_on_replaced_text),
    Write("a card handed over on evidence voided since", "CS004", "evidence_void",
          hand_over_after_void),
    Write("a second number of a person", "one_number", "number_given", number_twice),
    Write("a number that is somebody's already", "credentials_cardnumber_pkey", "number_taken",
          lambda g: number(g, number=g.spent.pk)),
    Write("a number of fifteen digits", "number_digits", "malformed",
          lambda g: number(g, number="043415242088888")),
    Write("another number in the place of a given one", "CS008", "settled",
          lambda g: sql("UPDATE credentials_cardnumber SET number = '0434152420666666' WHERE number = %s",
                        g.spent.pk)),
    Write("a given number moved to another person", "CS008", "settled",
          lambda g: change(CardNumber, g.spent.pk, **g.facts(g.ready))),
    Write("a number removed, so that it can be given again", "42501", "not_permitted",
          lambda g: sql("DELETE FROM credentials_cardnumber WHERE number = %s", g.spent.pk)),
    Write("numbers counted back", "CS008", "settled",
          lambda g: NumberSequence.objects.update(last=0)),
    Write("a sequence of seven digits", "number_sequence_six", "sequence_exhausted",
          lambda g: NumberSequence.objects.update(last=1_000_000)),
    Write("two cards of one person being made", "one_card_pending", "already_numbered",
          lambda g: card(g, number=g.numbered.number, edition=2)),
    Write("two cards of one person in force", "one_card_in_force", "already_issued",
          hand_over_second),
    Write("one edition made twice", "card_edition", "edition_exists",
          lambda g: card(g, number=g.held.number)),
    Write("a code that another card has", "credentials_card_token_key", "edition_exists",
          lambda g: card(g, token=g.held.token)),
    Write("a card upon somebody else's number", "card_number_whole", "not_theirs",
          lambda g: card(g, number_id=g.held.number_id, edition=7)),
    Write("a card upon somebody else's record", "card_staff_whole", "not_theirs",
          lambda g: card(g, staff_id=g.ready.pk)),
    Write("a card given another number", "CS008", "settled",
          lambda g: change(Card, g.numbered.pk, number=g.spent.pk)),
    Write("a card given another person", "CS008", "settled",
          lambda g: change(Card, g.held.pk, person=g.other.person_id)),
    Write("a card turned into another person's with all its facts", "CS008", "settled", all_at_once),
    Write("a card given another code", "CS008", "settled",
          lambda g: change(Card, g.held.pk, token="B" * 32)),
    Write("a card whose code has the wrong form", "card_token_form", "malformed",
          lambda g: card(g, token="a" * 32)),
    Write("a card that ends before it begins", "card_validity", "validity_order",
          lambda g: card(g, valid_until=g.at.date().replace(year=2000))),
    Write("a card printed without its face", "card_printed_from_a_face", "no_face",
          lambda g: change(Card, g.numbered.pk, state="printed")),
    Write("a printed face changed", "CS008", "settled",
          lambda g: change(Card, g.printed.pk, face={"full_name": "李四"})),
    Write("a card born in force", "CS002", "wrong_state",
          lambda g: card(g, state="handed_over", face={})),
    Write("a card in a state that does not exist", "card_state_word", "wrong_state",
          lambda g: change(Card, g.numbered.pk, state="golden", face={})),
    Write("a card moved by nobody", "CS001", "no_actor",
          lambda g: change(Card, g.held.pk, state="lost"), signed=False),
    Write("a card removed", "42501", "not_permitted",
          lambda g: sql("DELETE FROM credentials_card WHERE id = %s", g.numbered.pk)),
    Write("a card after a confiscation", "CS006", "confiscated",
          lambda g: card(g, **g.first_card(g.taken.number, edition=2))),
    Write("a confiscation lifted by its maker", "confiscation_lifted_by_another", "second_person",
          lambda g: change(Confiscation, g.taking.pk, lifted_by=g.issuer, lifted_at=g.at)),
    Write("a confiscation lifted by nobody", "confiscation_lifted_by_somebody", "nobody_decided",
          lambda g: change(Confiscation, g.taking.pk, lifted_at=g.at)),
    Write("a confiscation removed", "42501", "not_permitted",
          lambda g: sql("DELETE FROM credentials_confiscation")),
    Write("a confiscation turned against somebody else", "CS008", "settled",
          lambda g: change(Confiscation, g.taking.pk, person=g.other.person_id)),
    Write("a withdrawal neither received nor explained", "withdrawal_received_or_explained",
          "not_explained", lambda g: insert(Withdrawal, {"card": g.held})),
    Write("a reissue decided by its applicant", "reissue_second_person", "second_person",
          own_application),
    Write("a reissue granted by nobody", "reissue_decided_by_somebody", "nobody_decided",
          lambda g: change(Reissue, g.reissue.pk, approved=True)),
    Write("a second application for one card", "one_open_reissue", "asked_already",
          lambda g: insert(Reissue, {"card": g.held, "reason": "lost", "applied_by": g.issuer,
                                     "applied_at": g.at})),
    Write("on duty without a card in force", "CS007", "no_card_in_force",
          lambda g: change(Staff, g.ready.pk, service="on_duty")),
    Write("a card ended while its holder stays on duty", "CS007", "no_card_in_force", end_card),
]  # fmt: skip
