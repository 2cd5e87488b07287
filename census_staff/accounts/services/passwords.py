"""Passwords: the policy is a table, the refusals are sentences."""

import re
from datetime import datetime, timedelta
from functools import cache

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.lib.errors import Refused
from census_staff.lib.names import pinyin_key

from .. import trail
from ..models import PasswordPolicy, User
from ..standing import standing_of
from . import throttle

# What counts as a class: field staff need letters and digits, whatever else they add.
KINDS = {
    "field": (re.compile(r"[^\W\d_]"), re.compile(r"\d")),
    "office": tuple(map(re.compile, (r"[a-z]", r"[A-Z]", r"\d", r"[^a-zA-Z\d]"))),
}
EVERYONES = ("普查", "统计", "农普", "经普", "pucha", "tongji", "nongpu", "jingpu", "census")
# The usual disguises are seen through.
PLAIN = str.maketrans("01345@$!", "oleasasi")
SHORTEST_WORD = 4
LONGEST = 128


def policy_of(user: User) -> PasswordPolicy:
    """Return the policy that holds for this account: whoever holds a posting is an office user."""
    audience = "office" if standing_of(user).is_office else "field"
    return PasswordPolicy.objects.get(audience=audience)


def faults(user: User, password: str) -> list[Refused]:
    """Return everything that speaks against this password for this account."""
    policy = policy_of(user)
    found = []
    if len(password) < policy.min_length:
        found.append(_too_short(policy.min_length))
    if len(password) > LONGEST:
        found.append(Refused("password_long", _("At most 128 characters are possible.")))
    if sum(bool(kind.search(password)) for kind in KINDS[policy.audience]) < policy.min_classes:
        found.append(_too_plain(policy.audience))
    if _is_common(password):
        found.append(
            Refused(
                "password_common", _("This password is among the first that anybody would try.")
            )
        )
    if _holds_own_words(password, own_words(user)):
        found.append(
            Refused(
                "password_own_words",
                _(
                    "Leave out your name, numbers, account name, and words such as 普查 or census:"
                    " others would guess them."
                ),
            )
        )
    return found


def own_words(user: User) -> frozenset[str]:
    """Return what others know of this person and would try first."""
    words = {user.login, user.display_name, pinyin_key(user.display_name).replace(" ", "")}
    if user.person is not None:
        number, phone = user.person.id_number, user.person.phone or ""
        words |= {number[-4:], number[-6:], number[6:14], phone, phone[-6:], phone[-8:]}
        words |= {user.person.name, user.person.name_key.replace(" ", "")}
    long_enough = {
        word.casefold() for word in words if len(word) >= SHORTEST_WORD or not word.isascii()
    }
    return frozenset(long_enough - {""}) | frozenset(EVERYONES)


def set_password(user: User, password: str, *, now: datetime | None = None) -> None:
    """Give the account its password, end its code and every other session and token."""
    now = now or timezone.now()
    for fault in faults(user, password):
        raise fault
    if user.has_usable_password() and user.check_password(password):
        raise Refused("password_same", _("Choose a password that differs from the present one."))
    with transaction.atomic():
        user.activation_codes.filter(used_at=None, voided_at=None).update(used_at=now)
        user.set_password(password)
        user.password_changed_at = now
        user.activated_at = user.activated_at or now
        user.session_epoch += 1
        user.save(
            update_fields=["password", "password_changed_at", "activated_at", "session_epoch"]
        )
        trail.note("password_set", actor=user, user=user)


def change_password(user: User, *, old: str, new: str, network: str) -> None:
    """Replace the password of somebody who knows the present one."""
    tried = throttle.begin(f"password:{user.pk}", network=network)
    if not user.check_password(old):
        raise Refused("wrong_password", _("The present password is not right."), field="old")
    throttle.succeed(tried)
    set_password(user, new)


def demand_rotation(user: User, days: int | None, *, now: datetime) -> None:
    """Ask for a new password where the policy lets passwords grow old in so many days."""
    changed = user.password_changed_at
    if days and changed and changed < now - timedelta(days=days):
        user.password_changed_at = None
        user.save(update_fields=["password_changed_at"])


def _too_short(length: int) -> Refused:
    return Refused("password_short", _("At least %(n)d characters are needed.") % {"n": length})


def _too_plain(audience: str) -> Refused:
    if audience == "field":
        return Refused("password_plain", _("Both letters and digits are needed."))
    return Refused(
        "password_plain",
        _("Three of these four are needed: small letters, capital letters, digits, signs."),
    )


@cache
def _common() -> CommonPasswordValidator:
    return CommonPasswordValidator()


def _is_common(password: str) -> bool:
    try:
        _common().validate(password)
    except ValidationError:
        return True
    return False


def _holds_own_words(password: str, words: frozenset[str]) -> bool:
    folded = password.casefold()
    readings = (folded, folded.translate(PLAIN))
    return any(word in reading for word in words for reading in readings)
