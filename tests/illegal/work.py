"""Illegal writes about study, exams, pledges, bulk work and the record itself."""

from datetime import timedelta
from typing import Any

from census_staff.audit.models import Entry, Jump, Seal
from census_staff.batches.models import Batch, BatchItem
from exams.models import Answer, Attempt, AttemptVoid, Exam, Question
from recruitment.models import Pledge, PledgeText
from tests.illegal.ground import Ground, Write, change, insert, sql
from tests.standing import sit
from training.models import Completion, Course, Unit

LATE = timedelta(hours=2)


def late_attempt(g: Ground) -> Attempt:
    """Return an attempt whose time, grace and all, is over."""
    row = Attempt.objects.get(pk=g.attempt.pk)
    change(Attempt, row.pk, state="submitted", submitted_at=g.at, score=0, closed_by="clock")
    row.pk, row.number = None, 2
    row.started_at, row.deadline_at, row.late_until = (g.at - LATE,) * 3
    row.save(force_insert=True)
    return row


def same_attempt(g: Ground) -> None:
    row = Attempt.objects.get(pk=g.graded.pk)
    row.pk = None
    row.save(force_insert=True)


def pledge_row(g: Ground, **wrong: Any) -> dict[str, Any]:
    text = PledgeText.objects.get()
    return {
        "person": g.novice.person, "census": g.world.census, "role": "enumerator", "text": text,
        "office": g.world.township, "text_sha256": text.sha256, "signature_kind": "typed",
        "typed_name": "张三", "signed_at": g.at,
    } | wrong  # fmt: skip


def batch(g: Ground, pk: int, state: str, **more: Any) -> None:
    change(Batch, pk, state=state, **more)


def item(g: Ground, of: Batch, **more: Any) -> None:
    insert(BatchItem, {"batch": of, "position": 9, "target_id": g.ready.pk} | more)


def listed_twice(g: Ground) -> None:
    item(g, g.draft)
    item(g, g.draft, position=10)


def approved(g: Ground) -> None:
    batch(g, g.run.pk, "approved", approved_by=g.second_issuer)


def begin_early(g: Ground) -> None:
    approved(g)
    batch(g, g.run.pk, "running", started_at=g.at)


def begin_without_hour(g: Ground) -> None:
    approved(g)
    batch(g, g.run.pk, "running")


def by_one_alone(g: Ground) -> None:
    batch(g, g.run.pk, "approved", approved_by=g.issuer)


def seal(g: Ground) -> None:
    insert(Seal, {"number": 1, "entry": Entry.objects.first(), "hash": b"0" * 32})


STUDY = [
    Write("a completion changed", "42501", "not_permitted",
          lambda g: change(Completion, g.facts(g.ready)["training_id"], role="supervisor")),
    Write("a completion removed", "42501", "not_permitted",
          lambda g: sql("DELETE FROM training_completion")),
    Write("one completion twice", "completion_once", "completed_already",
          lambda g: insert(Completion, {"person": g.ready.person, "census": g.world.census,
                                        "role": "enumerator", "completed_at": g.at})),
    Write("a published course renamed", "CS008", "settled",
          lambda g: change(Course, g.course.pk, title="另一门课")),
    Write("a unit of a published course rewritten", "CS008", "settled",
          lambda g: change(Unit, g.unit.pk, content={"blocks": []})),
    Write("a unit added to a published course", "CS008", "settled",
          lambda g: insert(Unit, {"course": g.course, "position": 2, "kind": "page", "title": "x"})),
    Write("a unit taken from a published course", "CS008", "settled",
          lambda g: sql("DELETE FROM training_unit WHERE id = %s", g.unit.pk)),
    Write("a published exam made easier", "CS003", "append_only",
          lambda g: change(Exam, g.exam.pk, pass_mark=1)),
    Write("a second exam published beside the first", "one_published_exam", "one_exam",
          lambda g: sql("INSERT INTO exams_exam (census_id, office_id, role, title, blueprint, minutes,"
                        " pass_mark, attempts, opens_at, closes_at, state) SELECT census_id, office_id,"
                        " role, title, blueprint, minutes, pass_mark, attempts, opens_at, closes_at,"
                        " state FROM exams_exam WHERE id = %s", g.exam.pk)),
    Write("an exam removed", "42501", "not_permitted", lambda g: sql("DELETE FROM exams_exam")),
    Write("a question's answer changed", "CS003", "append_only",
          lambda g: change(Question, g.question.pk, answer=[1])),
    Write("a question removed", "CS003", "append_only",
          lambda g: sql("DELETE FROM exams_question WHERE id = %s", g.question.pk)),
    Write("a second open attempt", "one_open_attempt", "attempt_open",
          lambda g: sit(g.novice, score=None)),
    Write("an attempt number used twice", "attempt_number", "attempt_exists",
          same_attempt),
    Write("a pass below the mark", "attempt_passed_by_score", "not_graded",
          lambda g: change(Attempt, g.attempt.pk, state="submitted", submitted_at=g.at, score=12,
                           passed=True)),
    Write("an open attempt with a grade", "attempt_graded_when_submitted", "not_graded",
          lambda g: change(Attempt, g.attempt.pk, score=99)),
    Write("a second grade", "CS005", "attempt_closed",
          lambda g: change(Attempt, g.graded.pk, score=99, passed=True)),
    Write("a graded attempt opened again", "CS005", "attempt_closed",
          lambda g: sql("UPDATE exams_attempt SET state = 'open', score = NULL, passed = false,"
                        " submitted_at = NULL WHERE id = %s", g.graded.pk)),
    Write("more time for an attempt under way", "CS003", "append_only",
          lambda g: change(Attempt, g.attempt.pk, late_until=g.at.replace(year=2090))),
    Write("another paper for an attempt under way", "CS003", "append_only",
          lambda g: change(Attempt, g.attempt.pk, paper={"items": []})),
    Write("an attempt moved to another person", "CS003", "append_only",
          lambda g: change(Attempt, g.attempt.pk, person=g.ready.person)),
    Write("an attempt moved to another exam", "CS008", "settled",
          lambda g: change(Attempt, g.attempt.pk, exam=g.exam)),
    Write("an attempt removed", "CS005", "attempt_closed",
          lambda g: sql("DELETE FROM exams_attempt WHERE id = %s", g.graded.pk)),
    Write("an answer after the submit", "CS005", "attempt_closed",
          lambda g: insert(Answer, g.tap(g.graded))),
    Write("an answer after the end", "CS005", "attempt_closed",
          lambda g: insert(Answer, g.tap(late_attempt(g)))),
    Write("one tap saved twice", "answer_op", "saved_already",
          lambda g: insert(Answer, g.tap(g.attempt, op=g.answer.op))),
    Write("an answer changed", "42501", "not_permitted",
          lambda g: change(Answer, g.answer.pk, choice=[1])),
    Write("an answer removed", "42501", "not_permitted", lambda g: sql("DELETE FROM exams_answer")),
    Write("a voiding taken back", "42501", "not_permitted",
          lambda g: sql("DELETE FROM exams_attemptvoid")),
    Write("a voiding with another reason", "42501", "not_permitted",
          lambda g: AttemptVoid.objects.update(reason="x")),
    Write("a pledge changed", "42501", "not_permitted",
          lambda g: Pledge.objects.update(typed_name="李四")),
    Write("a pledge removed", "42501", "not_permitted",
          lambda g: sql("DELETE FROM recruitment_pledge")),
    Write("one text signed twice", "pledge_once_per_text", "signed_already",
          lambda g: insert(Pledge, pledge_row(g, person=g.ready.person))),
    Write("a pledge without a signature", "pledge_signed", "not_signed",
          lambda g: insert(Pledge, pledge_row(g, typed_name=""))),
    Write("a pledge under other words than were shown", "pledge_text_signed", "pledge_changed",
          lambda g: insert(Pledge, pledge_row(g, text_sha256="0" * 64))),
    Write("the text of another role signed", "pledge_text_signed", "pledge_changed",
          lambda g: insert(Pledge, pledge_row(g, role="supervisor"))),
    Write("a signed text rewritten", "CS008", "settled",
          lambda g: PledgeText.objects.update(body="我什么都不承诺。")),
    Write("the hash of a signed text changed", "CS008", "settled",
          lambda g: PledgeText.objects.update(sha256="0" * 64)),
]  # fmt: skip


BULK = [
    Write("a run started without approval", "batch_approved", "second_person",
          lambda g: batch(g, g.run.pk, "approved")),
    Write("a run approved by its maker", "batch_second_person", "second_person", by_one_alone),
    Write("a run that needs nobody's approval", "run_needs_second", "second_person",
          lambda g: insert(Batch, g.batch_row("disable", False))),
    Write("a run that needs a second person no more", "CS008", "settled",
          lambda g: change(Batch, g.run.pk, needs_second=False)),
    Write("the maker of a run exchanged", "CS008", "settled",
          lambda g: change(Batch, g.run.pk, made_by=g.clerk)),
    Write("a run turned into something harmless", "CS008", "settled",
          lambda g: change(Batch, g.run.pk, kind="number")),
    Write("a run executed before its time", "batch_begun_when_due", "too_early", begin_early),
    Write("a run begun at no hour", "batch_begun", "too_early", begin_without_hour),
    Write("a run approved without a time", "run_has_its_time", "too_early",
          lambda g: batch(g, g.run.pk, "approved", approved_by=g.second_issuer, due_at=None)),
    Write("a batch born approved", "CS002", "wrong_state",
          lambda g: insert(Batch, g.batch_row() | {"state": "approved"})),
    Write("a batch from preview to done", "CS002", "wrong_state",
          lambda g: batch(g, g.draft.pk, "done", started_at=g.at)),
    Write("a batch approved by nobody who signs", "CS001", "no_actor",
          lambda g: batch(g, g.draft.pk, "approved"), signed=False),
    Write("an undo approved by its asker", "batch_undo_second_person", "second_person",
          lambda g: batch(g, g.asked.pk, "undoing", undo_approved_by=g.issuer)),
    Write("an undo approved by nobody", "batch_undo_approved", "second_person",
          lambda g: batch(g, g.asked.pk, "undoing")),
    Write("an undo asked for by nobody", "batch_undo_asked_by_somebody", "nobody_decided",
          lambda g: batch(g, g.asked.pk, "undoing", undo_asked_by=None,
                          undo_approved_by=g.second_issuer)),
    Write("somebody listed twice", "item_once", "listed_twice", listed_twice),
    Write("two people in one place of a list", "item_position", "listed_twice",
          lambda g: item(g, g.run, position=1)),
    Write("somebody slipped into a frozen list", "CS009", "list_closed", lambda g: item(g, g.run)),
    Write("somebody taken from a frozen list", "CS009", "list_closed",
          lambda g: sql("DELETE FROM batches_batchitem WHERE id = %s", g.item.pk)),
    Write("somebody exchanged in a list", "CS008", "settled",
          lambda g: change(BatchItem, g.item.pk, target_id=g.ready.pk)),
    Write("an item in a state that does not exist", "item_state_word", "wrong_state",
          lambda g: change(BatchItem, g.item.pk, state="golden")),
    Write("a batch removed", "42501", "not_permitted",
          lambda g: sql("DELETE FROM batches_batch WHERE id = %s", g.draft.pk)),
]  # fmt: skip

TABLES = ("audit_entry", "audit_seal", "exams_answer", "recruitment_pledge", "credentials_card")
TRAIL = [
    Write("an entry of the record changed", "42501", "not_permitted",
          lambda g: Entry.objects.update(actor="user:1")),
    Write("an entry of the record removed", "42501", "not_permitted",
          lambda g: sql("DELETE FROM audit_entry")),
    Write("a seal changed", "42501", "not_permitted", lambda g: Seal.objects.update(hash=b"1" * 32)),
    Write("a seal removed", "42501", "not_permitted", lambda g: sql("DELETE FROM audit_seal")),
    *(
        Write(f"{table} emptied", "42501", "not_permitted",
              lambda g, table=table: sql(f"TRUNCATE {table} CASCADE"))
        for table in TABLES
    ),
    Write("a move written into the table of moves", "42501", "not_permitted",
          lambda g: insert(Jump, {"subject": "recruitment_staff", "field": "service",
                                  "source": "under_review", "target": "left"})),
    Write("a move changed in the table of moves", "42501", "not_permitted",
          lambda g: Jump.objects.update(target="left")),
    Write("a move removed from the table of moves", "42501", "not_permitted",
          lambda g: sql("DELETE FROM audit_jump")),
    Write("a trigger switched off", "42501", "not_permitted",
          lambda g: sql("ALTER TABLE recruitment_staff DISABLE TRIGGER ALL")),
    Write("a trigger dropped", "42501", "not_permitted",
          lambda g: sql("DROP TRIGGER recruitment_staff_moved ON recruitment_staff")),
    Write("a constraint dropped", "42501", "not_permitted",
          lambda g: sql("ALTER TABLE recruitment_staff DROP CONSTRAINT staff_second_person")),
    Write("all triggers of a session switched off", "42501", "not_permitted",
          lambda g: sql("SET session_replication_role = replica")),
    Write("a function of the record replaced", "42501", "not_permitted",
          lambda g: sql("CREATE OR REPLACE FUNCTION audit_signed() RETURNS text LANGUAGE sql AS"
                        " $$SELECT 'me'$$")),
    Write("a table of one's own", "42501", "not_permitted", lambda g: sql("CREATE TABLE own (x int)")),
    Write("the owner's role taken", "42501", "not_permitted", lambda g: sql("SET ROLE census_owner")),
]  # fmt: skip
