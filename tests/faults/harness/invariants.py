"""What must hold whatever was killed: each entry is a question whose answer must be no rows.

`always` marks what holds at every moment, also while a batch is half done: asked after each kill
in one statement, hence of one state of the database. The rest is asked when the work is over.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.faults.harness import asking

Question = str | Callable[[dict[str, Any]], list[Any]]


@dataclass(frozen=True)
class Invariant:
    """One question, of which campaigns, and when it is asked."""

    name: str
    ask: Question
    campaigns: frozenset[str]
    always: bool = False


REGISTER: dict[str, Invariant] = {}


def _register(name: str, ask: Question, *campaigns: str, always: bool = False) -> None:
    assert name not in REGISTER
    REGISTER[name] = Invariant(name, ask, frozenset(campaigns), always)


def of(campaign: str, *, always: bool = False) -> Iterator[Invariant]:
    """Yield the invariants of a campaign; with `always` only those that hold while it runs."""
    for one in REGISTER.values():
        if campaign in one.campaigns and (one.always or not always):
            yield one


def once_each(those: str, rows: str, key: str) -> str:
    """Return the question which of `those` keys have not exactly one row, and which rows no key."""
    return (
        f"WITH those AS ({those}), found AS (SELECT {key} AS id, count(*) AS n FROM {rows} GROUP BY 1)"
        " SELECT coalesce(t.id, f.id), coalesce(f.n, 0) FROM those t FULL JOIN found f ON f.id = t.id"
        " WHERE t.id IS NULL OR f.n IS DISTINCT FROM 1"
    )


DONE = "SELECT target_id AS id FROM batches_batchitem WHERE batch_id = %(batch)s AND state = 'done'"
MOVED = "audit_entry WHERE subject = '{}' AND event = '{}' AND new = '{}'"

# The 12-21 run.
_register(
    "run: each done item is one account, disabled once",
    once_each(DONE, "recruitment_staff WHERE access = 'disabled'", "id"),
    "run",
    always=True,
)
_register(
    "run: one audit row for each account disabled",
    once_each(DONE, MOVED.format("recruitment_staff", "access", "disabled"), "subject_id"),
    "run",
    always=True,
)
_register(
    "run: one order over access each",
    once_each(DONE, "recruitment_accessorder WHERE kind = 'disable'", "staff_id"),
    "run",
    always=True,
)
_register(
    "run: one notice each",
    once_each(
        DONE,
        "correspondence_notice n JOIN recruitment_staff s USING (person_id)"
        " WHERE n.kind = 'run_disabled'",
        "s.id",
    ),
    "run",
    always=True,
)
_register(
    "run: nobody's access moved twice",
    "SELECT id, moves FROM recruitment_staff WHERE access = 'disabled' AND moves <> 3",
    "run",
    always=True,
)
_register(
    "run: nobody was disabled after their passing was acknowledged",
    "SELECT e.subject_id, e.at, r.at FROM audit_entry e JOIN faults_result r"
    " ON r.staff_id = e.subject_id WHERE e.subject = 'recruitment_staff' AND e.event = 'access'"
    " AND e.new = 'disabled' AND e.at > r.at",
    "run",
)
_register(
    "run: no compliant account was disabled",
    "SELECT e.subject_id FROM audit_entry e JOIN recruitment_staff s ON s.id = e.subject_id"
    " JOIN exams_attempt a ON a.person_id = s.person_id AND a.census_id = s.census_id"
    " AND a.role = s.role WHERE e.subject = 'recruitment_staff'"
    " AND e.event = 'access' AND e.new = 'disabled' AND a.mode = 'online' AND a.answered > 0"
    " AND a.submitted_at < (SELECT started_at FROM batches_batch WHERE id = %(batch)s)",
    "run",
    always=True,
)
_register(
    "run: nobody was disabled who was not on the list",
    "SELECT s.id FROM recruitment_staff s WHERE s.access = 'disabled' AND NOT EXISTS"
    " (SELECT FROM batches_batchitem i WHERE i.batch_id = %(batch)s AND i.target_id = s.id)",
    "run",
    always=True,
)
_register(
    "run: every due account is disabled",
    "SELECT s.id FROM recruitment_staff s JOIN batches_batchitem i ON i.target_id = s.id"
    " WHERE i.batch_id = %(batch)s AND s.access <> 'disabled' AND NOT EXISTS (SELECT FROM"
    " exams_attempt a WHERE a.person_id = s.person_id AND a.census_id = s.census_id"
    " AND a.role = s.role AND a.state = 'submitted' AND a.mode = 'online' AND a.answered > 0)",
    "run",
)
_register(
    "run: whoever was spared had met the standard",
    "SELECT i.id, i.reason FROM batches_batchitem i WHERE i.batch_id = %(batch)s"
    " AND i.state NOT IN ('pending', 'done')"
    " AND (i.state <> 'spared' OR i.reason NOT IN ('met', 'met_late'))",
    "run",
    always=True,
)

# Any batch.
_register("batch: it is done and nothing waits", asking.unfinished, "run", "roster", "cards")
_register("batch: the totals are the rows", asking.wrong_totals, "run", "roster", "cards")
_register(
    "batch: it began and ended once",
    "SELECT b.id, e.new, count(e.id) FROM batches_batch b CROSS JOIN (VALUES ('running'), ('done'))"
    " AS w (word) LEFT JOIN audit_entry e ON e.subject = 'batches_batch' AND e.subject_id = b.id"
    " AND e.new = w.word WHERE b.id = ANY(%(batches)s) GROUP BY b.id, w.word, e.new"
    " HAVING count(e.id) <> 1",
    "run", "roster", "cards",
)  # fmt: skip

# The roster.
WRITTEN = (
    "SELECT r.staff_id AS id FROM recruitment_rosterrow r JOIN batches_batchitem i"
    " ON i.target_id = r.id WHERE i.batch_id = %(batch)s AND i.state = 'done'"
)
_register(
    "roster: a done item is a written row, and no other row is",
    "SELECT i.id FROM batches_batchitem i JOIN recruitment_rosterrow r ON r.id = i.target_id"
    " WHERE i.batch_id = %(batch)s AND ((i.state = 'done') <> (r.done_at IS NOT NULL)"
    " OR (i.state = 'done') <> (r.staff_id IS NOT NULL))",
    "roster",
    always=True,
)
_register(
    "roster: one record for each written row",
    once_each(WRITTEN, "recruitment_staff WHERE id > %(last_staff)s", "id"),
    "roster",
    always=True,
)
_register(
    "roster: one person for each written row",
    once_each(
        f"SELECT s.person_id AS id FROM ({WRITTEN}) w JOIN recruitment_staff s ON s.id = w.id",
        "people_person WHERE id > %(last_person)s",
        "id",
    ),
    "roster",
    always=True,
)
_register(
    "roster: one birth in the audit for each record",
    once_each(
        WRITTEN,
        "audit_entry WHERE subject = 'recruitment_staff' AND event = 'service' AND old = ''"
        " AND subject_id > %(last_staff)s",
        "subject_id",
    ),
    "roster",
    always=True,
)
_register(
    "roster: every enumerator has the supervisor of their row",
    "SELECT id FROM recruitment_staff WHERE id > %(last_staff)s AND role = 'enumerator'"
    " AND supervisor_id IS NULL",
    "roster",
    always=True,
)
_register(
    "roster: people, records and audit rows are as many as the report says",
    "SELECT report, counts FROM batches_batch b CROSS JOIN LATERAL (SELECT ARRAY["
    "(SELECT count(*) FROM people_person WHERE id > %(last_person)s),"
    "(SELECT count(*) FROM recruitment_staff WHERE id > %(last_staff)s),"
    "(SELECT count(*) FROM audit_entry WHERE subject = 'recruitment_staff' AND event = 'service'"
    " AND old = '' AND subject_id > %(last_staff)s)] AS counts) c WHERE b.id = %(batch)s"
    " AND NOT (report ? 'created' AND (report->>'created')::int = ALL (counts))",
    "roster",
)

# Numbers and cards.
NUMBERED = (
    "SELECT target_id AS id FROM batches_batchitem WHERE batch_id = %(numbers)s AND state = 'done'"
)
PRINTED = (
    "SELECT target_id AS id FROM batches_batchitem WHERE batch_id = %(prints)s AND state = 'done'"
)
_register(
    "cards: one number and one first edition for each numbered person",
    once_each(
        NUMBERED,
        "credentials_card c JOIN credentials_cardnumber n ON n.number = c.number_id"
        " AND n.person_id = c.person_id AND c.edition = 1",
        "c.staff_id",
    ),
    "cards",
    always=True,
)
_register(
    "cards: no person has two numbers and no number two people",
    "SELECT person_id, census_id, role FROM credentials_cardnumber GROUP BY 1, 2, 3 HAVING count(*) > 1"
    " UNION ALL SELECT count(*), min(census_id), number FROM credentials_cardnumber GROUP BY number"
    " HAVING count(*) > 1",
    "cards",
    always=True,
)
_register(
    "cards: the numbers are those that the sequence gave, without a gap",
    "SELECT s.id, s.last, count(n.number) FROM credentials_numbersequence s"
    " LEFT JOIN credentials_cardnumber n ON n.census_id = s.census_id AND n.role = s.role"
    " GROUP BY s.id HAVING s.last <> count(n.number)"
    " OR s.last <> coalesce(max(substr(n.number, 10, 6)::int), 0)",
    "cards",
    always=True,
)
_register(
    "cards: a done item is one printed card, and no other is printed",
    once_each(PRINTED, "credentials_card WHERE state = 'printed'", "id"),
    "cards",
    always=True,
)
_register(
    "cards: one audit row for each printed card",
    once_each(PRINTED, MOVED.format("credentials_card", "state", "printed"), "subject_id"),
    "cards",
    always=True,
)
_register(
    "cards: the files hold as many cards as were printed, in parts without a gap",
    "SELECT p.n, p.cards, d.n FROM (SELECT count(*) AS n, coalesce(max(part), 0) AS last,"
    " coalesce(sum(cards), 0) AS cards FROM credentials_printfile WHERE batch_id = %(prints)s) p"
    f" CROSS JOIN (SELECT count(*) AS n FROM ({PRINTED}) x) d"
    " WHERE p.cards <> d.n OR p.last <> p.n",
    "cards",
    always=True,
)
_register(
    "cards: who was refused a number or a print has a reason",
    "SELECT id FROM batches_batchitem WHERE batch_id = ANY(%(batches)s) AND state = 'refused'"
    " AND reason = ''",
    "cards",
    always=True,
)
_register(
    "cards: every file lies there as it was written, and no other", asking.wrong_files, "cards"
)
_register("cards: every printed card is in one file, by its code", asking.wrong_codes, "cards")

# Exams: wherever people sit, whatever else is under way.
EVERYWHERE = ("run", "roster", "cards", "exam")
_register(
    "exam: every acknowledged answer is kept as it was given",
    "SELECT f.attempt_id, f.op FROM faults_answer f LEFT JOIN exams_answer a"
    " ON a.attempt_id = f.attempt_id AND a.op = f.op AND a.question = f.question"
    " AND a.sequence = f.sequence AND a.choice = f.choice WHERE a.id IS NULL",
    *EVERYWHERE,
)
_register(
    "exam: every acknowledged answer is in the graded paper", asking.wrong_grades, *EVERYWHERE
)
_register(
    "exam: what was told is what is kept, and handed in once",
    "SELECT r.attempt_id, r.score, a.score FROM faults_result r LEFT JOIN exams_attempt a"
    " ON a.id = r.attempt_id AND a.state = 'submitted' LEFT JOIN audit_entry e"
    " ON e.subject = 'exams_attempt' AND e.subject_id = a.id AND e.new = 'submitted'"
    " GROUP BY r.attempt_id, r.score, a.score, a.id"
    " HAVING a.id IS NULL OR r.score <> a.score OR count(e.id) <> 1",
    *EVERYWHERE,
)
_register("audit: the chain is whole", asking.broken_chain, *EVERYWHERE)
