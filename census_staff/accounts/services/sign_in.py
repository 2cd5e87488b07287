"""Signing in: counted before it is tried, the same work for every name."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth import authenticate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from census_staff.lib.errors import Refused

from .. import trail
from ..backends import find_account
from ..models import User
from . import throttle
from .passwords import demand_rotation

# Half of the website's threads (census_staff/embedded/running.py): however many stand at the door,
# the others stay free for the people inside.
MOST_AT_ONCE = 8
_room = BoundedSemaphore(MOST_AT_ONCE)


@contextmanager
def room() -> Iterator[None]:
    """Take a place at the door, or refuse (`crowded`) before anything is counted or hashed."""
    if not _room.acquire(blocking=False):
        raise Refused(
            "crowded", _("Many people are signing in at this moment. Please try again in a minute.")
        )
    try:
        yield
    finally:
        _room.release()


def sign_in(name: str, password: str, *, network: str, known_as: str = "") -> User:
    """Return the account, or refuse (`wrong_sign_in`, `locked_out`, `network_locked`, `crowded`) alike for
    accounts that exist and names that do not.

    Whoever calls this asks for the second step (`second_factor.is_asked`) before the door opens.
    """
    with room():
        return _tried(name, password, network=network, known_as=known_as)


def _tried(name: str, password: str, *, network: str, known_as: str) -> User:
    account = find_account(name)
    whose = f"account:{account.pk}" if account else f"name:{name.strip().lower()}"
    tried = throttle.begin(whose, network=network, known_as=known_as)
    found = authenticate(None, login=name, password=password)
    if not isinstance(found, User):
        # While a wait lasts nothing is written down: an attack must not fill the trail.
        reason = "wrong" if tried.left > 0 else "locked_out"
        trail.note("sign_in_refused", actor=None, user=account, reason=reason)
        raise _wrong(tried.left)
    throttle.succeed(tried)
    demand_rotation(found, now=timezone.now())
    return found


def note_entry(user: User) -> None:
    """Write down that somebody has come in, by all steps that were asked of them."""
    trail.note("sign_in", actor=user, user=user)


def _wrong(left: int) -> Refused:
    if left <= 0:
        return Refused(
            "wrong_sign_in",
            _(
                "The account or the password is not right. Signing in is locked for a while; the"
                " wait grows with every further wrong try."
            ),
        )
    return Refused(
        "wrong_sign_in",
        ngettext_lazy(
            "The account or the password is not right. After %(n)d more wrong try signing in is"
            " locked for 15 minutes.",
            "The account or the password is not right. After %(n)d more wrong tries signing in is"
            " locked for 15 minutes.",
            "n",
        )
        % {"n": left},
    )
