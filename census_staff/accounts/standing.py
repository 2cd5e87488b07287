"""How an account stands at the door, asked in one question: its postings and its second step."""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from .models import User

# For an account, and for the only posting that it is seen through (a token's) or none: how many
# postings it holds, the office of the highest, whether its phone is set up, whether one of its
# roles needs that, and after how many days its password grows old.
QUESTION = """
WITH held AS MATERIALIZED (
  SELECT p.role, p.id, o.id AS office, o.level
    FROM accounts_posting p JOIN places_office o ON o.id = p.office_id
   WHERE p.user_id = %(user)s AND p.ended_at IS NULL
     AND (%(posting)s::bigint IS NULL OR p.id = %(posting)s)
)
SELECT (SELECT count(*) FROM held),
       (SELECT office FROM held ORDER BY level, id LIMIT 1),
       EXISTS (SELECT FROM accounts_secondfactor
                WHERE user_id = %(user)s AND confirmed_at IS NOT NULL),
       EXISTS (SELECT FROM accounts_rolepolicy JOIN held USING (role) WHERE needs_second_factor),
       (SELECT rotate_days FROM accounts_passwordpolicy WHERE audience =
         CASE WHEN %(person)s::bigint IS NULL OR EXISTS (SELECT FROM held)
              THEN 'office' ELSE 'field' END)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides how somebody comes in, as it is at one moment."""

    # An office user: field staff without a posting are never asked for a second step.
    is_office: bool
    # The office of the highest posting.
    office_id: int | None
    has_second: bool
    needs_second: bool
    # Days after which the password is to be renewed.
    rotate_days: int | None

    @property
    def is_asked_second(self) -> bool:
        """Return whether signing in has a second step: an office user with a phone set up."""
        return self.is_office and self.has_second

    @property
    def owes_second(self) -> bool:
        """Return whether the second step must be set up before anything else."""
        return self.needs_second and not self.is_asked_second


def standing_of(user: User) -> Standing:
    """Return how this account stands now; through a token, as its one posting lets it."""
    seen_through = None if user.token is None else (user.token.posting_id or 0)
    given = {"user": user.pk, "person": user.person_id, "posting": seen_through}
    with connection.cursor() as cursor:
        cursor.execute(QUESTION, given)
        held, office, has_second, needs_second, rotate_days = cursor.fetchone()
    return Standing(
        is_office=user.person_id is None or held > 0,
        office_id=office,
        has_second=has_second,
        needs_second=held > 0 if settings.SECOND_FACTOR_FOR_ALL else needs_second,
        rotate_days=rotate_days,
    )
