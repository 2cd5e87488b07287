"""Every reason that an item of bulk work may keep is read as words on the common page."""

import pytest

from census_staff.batches.words import REASONS
from credentials.batches import NumberKind
from credentials.card_words import PROBLEMS
from recruitment.activation import ActivationKind
from recruitment.compliance import DisableKind
from recruitment.review import ReviewKind
from recruitment.roster_commit import DEEDS, RosterKind
from recruitment.roster_words import SENTENCES
from recruitment.run_words import SPARED, STOPPED, UNMET

SAID = [
    *((RosterKind, code) for code in [*DEEDS.values(), "expired", *SENTENCES]),
    *((ReviewKind, code) for code in ("own_entry", "wrong_state", "not_allowed")),
    *((ActivationKind, code) for code in ("not_reviewed", "wrong_state", "not_allowed")),
    *((DisableKind, code) for code in [*SPARED, *STOPPED, *UNMET]),
    *((NumberKind, code) for code in [*PROBLEMS, "nobody_waiting"]),
    *((kind, code) for kind in (RosterKind, ReviewKind, DisableKind) for code in REASONS),
]


@pytest.mark.parametrize(("kind", "code"), SAID)
def test_a_reason_is_words(kind, code) -> None:
    said = kind().word(code)

    assert said != code
    assert "%(" not in said


def test_a_card_that_is_not_ready_names_what_is_missing() -> None:
    assert NumberKind().word("not_ready:pledged") == "不再具备条件 签订保密承诺书"
