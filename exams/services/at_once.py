"""A save in one statement: who asks, whether they may, whose attempt it is, and the rows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from psycopg2.extras import Json

from census_staff.accounts.proven import STILL_IN, STILL_IN_TYPES, Proof
from census_staff.accounts.service_record import record_sql
from census_staff.lib.prepared import Prepared
from exams.services.sit import PART_IN_EXAMS, SHUT_OUT

# The attempt is held until the commit, so that nothing is handed in meanwhile; the trigger of the
# answers asks once more. Where a part finds nothing, nothing is written.
SAVE = """
WITH browser AS ({browser}), record AS ({record}), mine AS (
  SELECT a.id, a.page, a.deadline_at, browser.seen_at
    FROM browser CROSS JOIN record
    JOIN exams_attempt a ON a.person_id = record.person_id AND a.census_id = record.census_id
   WHERE a.id = $6 AND a.state = 'open' AND a.late_until > clock_timestamp()
     AND record.service IN ({part}) AND record.access NOT IN ({shut})
     FOR SHARE OF a
), kept AS (
  INSERT INTO exams_answer (attempt_id, op, question, page, sequence, choice, saved_at, client_at)
  SELECT mine.id, tap.op, tap.question, least(tap.page, mine.page), tap.sequence, tap.choice,
         clock_timestamp(), tap.client_at
    FROM mine CROSS JOIN jsonb_to_recordset($7) AS tap
      (op uuid, question int, page int, sequence int, choice jsonb, client_at timestamptz)
  ON CONFLICT (attempt_id, op) DO NOTHING
)
SELECT deadline_at - clock_timestamp(), page, seen_at FROM mine
"""


@cache
def statement() -> Prepared:
    """Return the statement, spelled once."""
    text = SAVE.format(
        browser=STILL_IN,
        # The person is the account's: both are in the digest.
        record=record_sql("$4", "$5"),
        part=", ".join(f"'{word}'" for word in PART_IN_EXAMS),
        shut=", ".join(f"'{word}'" for word in SHUT_OUT),
    )
    return Prepared("exam_save", f"{STILL_IN_TYPES}, bigint, varchar, bigint, jsonb", text)


def save_at_once(
    proof: Proof, census_code: str, attempt: int, taps: Sequence[dict[str, Any]]
) -> tuple[timedelta, int, datetime] | None:
    """Keep these taps, commit, and return the time left, the page, and when the browser was seen.

    None where anything at all is not as it should be: then nothing was written.
    """
    asked = [*proof.parameters, proof.person_id, census_code, attempt, Json(taps)]
    row = statement().first(asked)
    return None if row is None else (row[0], row[1], row[2])
