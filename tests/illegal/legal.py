"""The rightful neighbours of the illegal writes: the same tables, the same paths."""

from census_staff.batches.models import Batch, BatchItem
from credentials.models import Card, CardNumber, Withdrawal
from exams.models import Answer, Attempt
from recruitment.models import Pledge, Staff
from tests.illegal.decisions import agree, attempt_of, granted, off_duty, second_edition
from tests.illegal.ground import Ground, Write, change, insert
from tests.illegal.work import item, pledge_row


def explained(g: Ground) -> None:
    insert(Withdrawal, {"card": g.held, "exception": "遗失"})
    off_duty(g, "cancelled")


def taken_back(g: Ground) -> None:
    for state in ("done", "undone"):
        change(BatchItem, g.item.pk, state=state)


WRITES = [
    Write("a number", "", "", lambda g: insert(CardNumber, g.number(g.ready))),
    Write("a card", "", "", lambda g: insert(Card, g.first_card())),
    Write("a loss of who is not on duty", "", "",
          lambda g: change(Card, g.printed.pk, state="lost")),
    Write("an answer", "", "", lambda g: insert(Answer, g.tap(g.attempt))),
    Write("a grade", "", "",
          lambda g: change(Attempt, g.attempt.pk, state="submitted", submitted_at=g.at, score=90,
                           passed=True)),
    Write("a pledge", "", "", lambda g: insert(Pledge, pledge_row(g))),
    Write("an appointment by another", "", "",
          lambda g: change(Staff, g.waiting.pk, service="appointed", reviewed_by=g.issuer)),
    Write("an approval by another", "", "",
          lambda g: change(Batch, g.run.pk, state="approved", approved_by=g.second_issuer)),
    Write("an undo by another", "", "",
          lambda g: change(Batch, g.asked.pk, state="undoing", undo_approved_by=g.second_issuer)),
    Write("a place in a preview", "", "", lambda g: item(g, g.draft)),
    Write("an attempt", "", "", attempt_of),
    Write("times as two people agreed", "", "", agree),
    Write("a new edition as its issuer granted", "", "",
          lambda g: granted(g, made_card=second_edition(g))),
    Write("a card cancelled with its explanation", "", "", explained),
    Write("somebody on a list taken back", "", "", taken_back),
]  # fmt: skip
