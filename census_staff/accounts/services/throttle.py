"""Wrong tries, counted in the database by account and by network before the answer is known."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.lib.crypto import digest
from census_staff.lib.errors import Refused

from ..models import SignInFailure

ACCOUNT_LIMIT = 5
# A village hall signs in from one address: its limit is far above that of an account.
NETWORK_LIMIT = 100
NETWORK_WINDOW = timedelta(minutes=15)
MEMORY = timedelta(hours=24)
FIRST_WAIT = timedelta(minutes=15)
LONGEST_WAIT = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Try:
    """A try that was counted as wrong beforehand; `left` more may follow before the wait."""

    account_digest: bytes
    left: int


def wait_after(wrong: int) -> timedelta:
    """Return how long an account rests after so many wrong tries in a row: it doubles."""
    if wrong < ACCOUNT_LIMIT:
        return timedelta()
    doublings = min(wrong - ACCOUNT_LIMIT, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


# How long an account rests, by its wrong tries; more of them wait no longer than the last.
WAITS = [wait_after(wrong) for wrong in range(ACCOUNT_LIMIT + 11)]
# Tries that come at the same time stand in a queue: none of them is counted too late.
ONE_AFTER_THE_OTHER = "SELECT pg_advisory_xact_lock(%(lock)s);"
# One row: the account's wrong tries so far, until when it rests, and those of its network. The try
# is counted unless one of the two forbids it.
COUNT_ONE = """
WITH wrong AS MATERIALIZED (
  SELECT count(*) AS tries,
         max(at) + (%(waits)s::interval[])[least(count(*) + 1, cardinality(%(waits)s::interval[]))]
           AS until
    FROM accounts_signinfailure WHERE account_digest = %(whose)s AND at > %(forgotten)s
), near AS MATERIALIZED (
  SELECT count(*) AS tries FROM (
    SELECT FROM accounts_signinfailure
     WHERE NOT %(is_known)s AND network_digest = %(where)s AND at > %(recent)s LIMIT %(most)s
  ) AS others
), swept AS (
  DELETE FROM accounts_signinfailure WHERE at < %(forgotten)s
), counted AS (
  INSERT INTO accounts_signinfailure (account_digest, network_digest, at)
  SELECT %(whose)s, %(where)s, %(now)s FROM wrong, near
   WHERE coalesce(until <= %(now)s, true) AND near.tries < %(most)s
)
SELECT wrong.tries, wrong.until, near.tries FROM wrong, near
"""
FORGET = "DELETE FROM accounts_signinfailure WHERE account_digest = %s"


def begin(account: str, *, network: str, known_as: str = "") -> Try:
    """Count one try, or refuse it (`locked_out`, `network_locked`) while a wait lasts.

    A browser on which the account signed in before has a count of its own, so that strangers
    who try the account cannot lock its owner out.
    """
    whose = digest("sign-in", f"{account}\0{known_as}")
    now = timezone.now()
    given: dict[str, Any] = {
        "lock": int.from_bytes(whose[:8], "big", signed=True),
        "whose": whose,
        "where": digest("network", network),
        "is_known": bool(known_as),
        "now": now,
        "forgotten": now - MEMORY,
        "recent": now - NETWORK_WINDOW,
        "waits": WAITS,
        "most": NETWORK_LIMIT,
    }
    # The driver sends both statements at once, and the database takes them for one transaction.
    with connection.cursor() as cursor:
        cursor.execute(ONE_AFTER_THE_OTHER + COUNT_ONE, given)
        wrong, until, near = cursor.fetchone()
    if until is not None and until > now:
        raise _locked_out(until - now)
    if near >= NETWORK_LIMIT:
        raise _network_locked()
    return Try(whose, ACCOUNT_LIMIT - wrong - 1)


def succeed(tried: Try) -> None:
    """Forget the wrong tries of this account: the last one was right."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET, [tried.account_digest])


def forget(accounts: Iterable[str]) -> None:
    """Forget the wrong tries of accounts that start anew (a reprinted code)."""
    digests = [digest("sign-in", f"{account}\0") for account in accounts]
    SignInFailure.objects.filter(account_digest__in=digests).delete()


def _locked_out(wait: timedelta) -> Refused:
    return Refused(
        "locked_out",
        _("Too many wrong tries. Try again in %(minutes)d minutes.")
        % {"minutes": math.ceil(wait.total_seconds() / 60)},
    )


def _network_locked() -> Refused:
    return Refused(
        "network_locked",
        _("Too many wrong tries came from your network. Try again in 15 minutes."),
    )
