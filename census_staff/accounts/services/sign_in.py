"""Signing in: counted before it is tried, the same work for every name."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from census_staff.lib.errors import Refused

from .. import trail
from ..backends import find_account, knows_password
from ..models import User
from ..standing import Standing, standing_of
from . import throttle
from .passwords import demand_rotation

# Half of the website's threads (census_staff/embedded/running.py): however many stand at the door,
# the others stay free for the people inside.
MOST_AT_ONCE = 8
_room = BoundedSemaphore(MOST_AT_ONCE)


def _stranger(account: User | None) -> str:
    return ""


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


def sign_in(
    name: str, password: str, *, network: str, known_as: Callable[[User | None], str] = _stranger
) -> tuple[User, Standing]:
    """Return the account and how it stands, or refuse (`wrong_sign_in`, `locked_out`,
    `network_locked`, `crowded`) alike for accounts that exist and names that do not.

    `known_as` names the browser if the account signed in by it before. Whoever calls this asks for
    the second step (`Standing.is_asked_second`) before the door opens.
    """
    with room():
        return _tried(name, password, network=network, known_as=known_as)


def _tried(
    name: str, password: str, *, network: str, known_as: Callable[[User | None], str]
) -> tuple[User, Standing]:
    account = find_account(name)
    whose = f"account:{account.pk}" if account else f"name:{name.strip().lower()}"
    tried = throttle.begin(whose, network=network, known_as=known_as(account))
    if not knows_password(account, password) or account is None:
        # While a wait lasts nothing is written down: an attack must not fill the trail.
        reason = "wrong" if tried.left > 0 else "locked_out"
        trail.note("sign_in_refused", actor=None, user=account, reason=reason)
        raise _wrong(tried.left)
    throttle.succeed(tried)
    standing = standing_of(account)
    demand_rotation(account, standing.rotate_days, now=timezone.now())
    return account, standing


def note_entry(user: User, standing: Standing) -> None:
    """Write down that somebody has come in, by all steps that were asked of them."""
    office = standing.office_id or trail.service_office_of(user)
    trail.note("sign_in", actor=user, user=user, office_id=office)


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
