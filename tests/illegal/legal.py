"""The rightful neighbours of the illegal writes: the same tables, the same paths."""

from census_staff.batches.models import Batch
from credentials.models import Card, CardNumber
from exams.models import Answer, Attempt
from recruitment.models import Pledge, Staff
from tests.illegal.ground import Write, change, insert
from tests.illegal.work import item, pledge_row

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
]  # fmt: skip
