"""From the slip to the open account: code, notice, real name."""

import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.lib.crypto import digest
from census_staff.lib.errors import Refused
from census_staff.lib.names import clean

from .. import trail
from ..backends import find_account
from ..models import ActivationCode, User
from ..notice import present_notice
from . import throttle

# Without what is mistaken for something else on paper: 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
ALPHABET = "ACDEFGHJKMNPQRTVWXY34679"
LENGTH = 10
VALID = timedelta(days=14)
TRIES = 5


def issue_codes(users: Iterable[User], *, actor: Any) -> dict[int, str]:
    """Return a fresh code by the key of each account; older codes are void.

    The code in clear is for the slip and nowhere else: the database keeps its digest.
    """
    wanted = {user.pk: user for user in users}
    now = timezone.now()
    codes = {key: new_code() for key in wanted}
    with transaction.atomic():
        # In key order, so that two printings of one township do not wait for each other.
        list(User.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True))
        live = ActivationCode.objects.filter(user__in=wanted, used_at=None, voided_at=None)
        live.update(voided_at=now)
        ActivationCode.objects.bulk_create(
            ActivationCode(
                user=wanted[key],
                code_digest=code_digest(wanted[key], code),
                made_by_id=actor.pk,
                expires_at=now + VALID,
            )
            for key, code in codes.items()
        )
        throttle.forget([f"activate:{key}" for key in wanted])
        if len(wanted) == 1:
            trail.note("code_issued", actor=actor, user=next(iter(wanted.values())))
        elif wanted:
            trail.note("codes_issued", actor=actor, details={"users": sorted(wanted)})
    return codes


def new_code() -> str:
    """Return ten characters that nobody can guess or misread."""
    return "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))


def code_digest(user: User, code: str) -> bytes:
    """Return the keyed digest under which a code of this account is stored."""
    return digest("activation", f"{user.pk}:{read_code(code)}")


def read_code(text: str) -> str:
    """Return the code as it was made, however it was typed."""
    return "".join(character for character in text.upper() if character.isalnum())


def open_account(name: str, code: str, *, network: str = "unknown") -> User:
    """Return the account that this code opens, ready for its first steps.

    Every refusal reads alike (`wrong_code`), and takes the same work: whether the account
    exists is not told. Whoever opens an account again (a forgotten password) starts anew.
    """
    user = find_account(name)
    tried = throttle.begin(f"activate:{user.pk if user else '?' + name}", network=network)
    make_password(code)
    if user is None or not user.is_active or not _fits(user, code):
        trail.note("activation_refused", actor=None, user=user, reason="wrong_code")
        raise Refused(
            "wrong_code",
            _(
                "Number and code do not fit together, or the code has ended. Five wrong tries end"
                " a code; your office prints a new slip."
            ),
        )
    throttle.succeed(tried)
    user.name_confirmed_at = user.password_changed_at = None
    user.set_unusable_password()
    user.session_epoch += 1
    user.save(
        update_fields=["name_confirmed_at", "password_changed_at", "password", "session_epoch"]
    )
    trail.note("account_opened", actor=user, user=user)
    return user


def accept_notice(user: User, version: str) -> None:
    """Write down that this account has read the notice of this version."""
    if version != present_notice().version:
        raise Refused("notice_changed", _("The notice has changed meanwhile. Read it again."))
    user.notice_version, user.notice_read_at = version, timezone.now()
    user.save(update_fields=["notice_version", "notice_read_at"])
    trail.note("notice_read", actor=user, user=user, details={"version": version})


def confirm_name(user: User, *, full_name: str, id_tail: str, network: str = "unknown") -> None:
    """Write down that the person behind the code is the one on the roster, or refuse it.

    Wrong answers use up the tries of the code. Office users without a personal record confirm
    their name alone.
    """
    tried = throttle.begin(f"name:{user.pk}", network=network)
    if not _is_this_person(user, _as_stored(full_name), id_tail.strip().upper()):
        _wrong(user)
        trail.note("name_refused", actor=user, user=user)
        raise Refused(
            "name_mismatch",
            _(
                "This is not what the roster says. Check both; if the roster is wrong, ask your office."
            ),
        )
    throttle.succeed(tried)
    user.name_confirmed_at = timezone.now()
    user.save(update_fields=["name_confirmed_at"])
    trail.note("name_confirmed", actor=user, user=user)


def _as_stored(name: str) -> str:
    try:
        return clean(name).name
    except Refused:
        return name.strip()


def _is_this_person(user: User, name: str, id_tail: str) -> bool:
    if user.person is None:
        return name == user.display_name
    known = user.person.id_number[-6:]
    return name == user.person.name and hmac.compare_digest(id_tail.encode(), known.encode())


def _fits(user: User, code: str) -> bool:
    """Return whether this is the live code of the account; a wrong one uses up a try."""
    now = timezone.now()
    with transaction.atomic():
        live = _live(user, now)
        if live is None:
            return False
        if hmac.compare_digest(bytes(live.code_digest), code_digest(user, code)):
            return True
    _wrong(user)
    return False


def _wrong(user: User) -> None:
    now = timezone.now()
    with transaction.atomic():
        live = _live(user, now)
        if live is not None:
            live.wrong_tries += 1
            live.voided_at = now if live.wrong_tries >= TRIES else None
            live.save(update_fields=["wrong_tries", "voided_at"])


def _live(user: User, now: datetime) -> ActivationCode | None:
    rows = ActivationCode.objects.filter(user=user, used_at=None, voided_at=None)
    return rows.filter(expires_at__gt=now).select_for_update().first()
