"""Wrong tries, counted in the database by account and by network before the answer is known."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
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


def begin(account: str, *, network: str, known_as: str = "") -> Try:
    """Count one try, or refuse it (`locked_out`, `network_locked`) while a wait lasts.

    A browser on which the account signed in before has a count of its own, so that strangers
    who try the account cannot lock its owner out.
    """
    whose = digest("sign-in", f"{account}\0{known_as}")
    where = digest("network", network)
    with transaction.atomic():
        # Tries that come at the same time stand in a queue: none of them is counted too late.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(whose[:8], "big", signed=True)]
            )
        now = timezone.now()
        wrong = _wrong_so_far(whose, now)
        if not known_as:
            _need_quiet_network(where, now)
        SignInFailure.objects.filter(at__lt=now - MEMORY).delete()
        SignInFailure.objects.create(account_digest=whose, network_digest=where, at=now)
    return Try(whose, ACCOUNT_LIMIT - wrong - 1)


def succeed(tried: Try) -> None:
    """Forget the wrong tries of this account: the last one was right."""
    SignInFailure.objects.filter(account_digest=tried.account_digest).delete()


def forget(accounts: Iterable[str]) -> None:
    """Forget the wrong tries of accounts that start anew (a reprinted code)."""
    digests = [digest("sign-in", f"{account}\0") for account in accounts]
    SignInFailure.objects.filter(account_digest__in=digests).delete()


def _wrong_so_far(whose: bytes, now: datetime) -> int:
    times = list(
        SignInFailure.objects.filter(account_digest=whose, at__gt=now - MEMORY)
        .order_by("-at")
        .values_list("at", flat=True)
    )
    until = times[0] + wait_after(len(times)) if times else now
    if until > now:
        raise Refused(
            "locked_out",
            _("Too many wrong tries. Try again in %(minutes)d minutes.")
            % {"minutes": math.ceil((until - now).total_seconds() / 60)},
        )
    return len(times)


def _need_quiet_network(where: bytes, now: datetime) -> None:
    recent = SignInFailure.objects.filter(network_digest=where, at__gt=now - NETWORK_WINDOW)
    if recent.count() >= NETWORK_LIMIT:
        raise Refused(
            "network_locked",
            _("Too many wrong tries came from your network. Try again in 15 minutes."),
        )
