"""The second step of signing in for office accounts: one-time codes and recovery codes.

The codes are reckoned by django-otp (RFC 6238); secrets and codes are kept in our own rows,
encrypted or as keyed digests, so that a copy of the database opens nothing.
"""

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.oath import TOTP

from census_staff.lib.crypto import digest
from census_staff.lib.errors import Refused
from census_staff.places.models import OfficeLevel

from .. import trail
from ..models import RecoveryCode, RolePolicy, SecondFactor, User
from ..roles import Role
from ..standing import standing_of
from . import throttle
from .activation import new_code, read_code
from .locks import need_other, need_reach

SECRET_BYTES = 20
DIGITS = 6
# A phone's clock may be one step of thirty seconds away from ours.
TOLERANCE = 1
RECOVERY_CODES = 10


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the phone must learn: the secret to type, and the address that a QR code holds."""

    secret: str
    address: str


def is_asked(user: User) -> bool:
    """Return whether this account's sign-in has a second step."""
    return standing_of(user).is_asked_second


def is_required(user: User) -> bool:
    """Return whether a role of this user, or the installation, asks for the second step."""
    return standing_of(user).needs_second


def prepare(user: User) -> Enrolment:
    """Return what the phone must learn, the same until a code of it is confirmed."""
    if not standing_of(user).is_office:
        raise Refused("not_office", _("Two-step sign-in is for office accounts."))
    if SecondFactor.objects.filter(user=user).exists():
        raise Refused("second_factor_on", _("Two-step sign-in is on already."))
    secret = _offered(user)
    words = {"secret": secret, "issuer": "Census Staff", "digits": DIGITS, "period": 30}
    label = quote(f"Census Staff:{user.login}")
    return Enrolment(secret, f"otpauth://totp/{label}?{urlencode(words, quote_via=quote)}")


def _offered(user: User) -> str:
    """Return the secret that this account would get now.

    Reckoned from our key, so that looking at the page writes nothing; turning the second step on
    ends the epoch, so that no secret is offered twice.
    """
    seed = digest("second", f"{user.pk}:{user.session_epoch}")
    return base64.b32encode(seed[:SECRET_BYTES]).decode()


def confirm(user: User, code: str, *, network: str) -> list[str]:
    """Turn the second step on with the first code of the phone; return the recovery codes.

    Every other browser and every token of the account ends: they came in without it.
    """
    tried = throttle.begin(f"second:{user.pk}", network=network)
    with transaction.atomic():
        held = User.objects.select_for_update().get(pk=user.pk)
        row = SecondFactor(user=user, secret=_offered(held), confirmed_at=timezone.now())
        if SecondFactor.objects.filter(user=user).exists() or not _fits(row, code):
            raise _wrong()
        row.save(force_insert=True)
        user.session_epoch += 1
        user.save(update_fields=["session_epoch"])
        throttle.succeed(tried)
        trail.note("second_factor_on", actor=user, user=user)
        return _new_recovery_codes(user)


def check(user: User, code: str, *, network: str) -> None:
    """Take a code of the phone or a recovery code, each once, or refuse (`wrong_second_code`)."""
    tried = throttle.begin(f"second:{user.pk}", network=network)
    with transaction.atomic():
        rows = SecondFactor.objects.filter(user=user, confirmed_at__isnull=False)
        row = rows.select_for_update().first()
        is_right = row is not None and (_takes(row, code) or _spends(user, code))
    if not is_right:
        trail.note("second_factor_refused", actor=user, user=user)
        raise _wrong()
    throttle.succeed(tried)


def renew_recovery_codes(user: User, code: str, *, network: str) -> list[str]:
    """Return fresh recovery codes for a right code; the earlier ones are void."""
    check(user, code, network=network)
    with transaction.atomic():
        return _new_recovery_codes(user)


def turn_off(user: User, code: str, *, network: str) -> None:
    """Let the account sign in with its password alone again, where no rule forbids it."""
    if is_required(user):
        raise Refused("second_factor_required", _("Your role requires two-step sign-in."))
    check(user, code, network=network)
    with transaction.atomic():
        _forget(user)
        trail.note("second_factor_off", actor=user, user=user)


def reset(user: User, *, actor: Any) -> None:
    """Forget a lost phone and its codes; every session and token of the account ends."""
    need_other(user, actor)
    need_reach(user, actor=actor)
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=user.pk)
        if not _forget(row):
            raise Refused("second_factor_none", _("This account has no two-step sign-in."))
        row.session_epoch += 1
        row.save(update_fields=["session_epoch"])
        row.sessions.all().delete()
        throttle.forget([f"second:{row.pk}"])
        trail.note("second_factor_reset", actor=actor, user=row)


def may_rule(user: Any) -> bool:
    """Return whether this user says who needs the second step: the city's security administrator."""
    held = user.held_postings().filter(role=Role.SECURITY_ADMIN)
    return bool(held.filter(office__level__lte=OfficeLevel.CITY).exists())


def required_roles() -> list[str]:
    """Return the roles whose holders must use the second step."""
    rows = RolePolicy.objects.filter(needs_second_factor=True)
    return list(rows.values_list("role", flat=True))


def require_of(roles: list[str], *, actor: Any) -> None:
    """Let exactly these roles require the second step, from their holders' next sign-in on."""
    with transaction.atomic():
        RolePolicy.objects.exclude(role__in=roles).update(needs_second_factor=False)
        for role in roles:
            RolePolicy.objects.update_or_create(role=role, defaults={"needs_second_factor": True})
        trail.note("second_factor_rules", actor=actor, details={"roles": sorted(roles)})


def _takes(row: SecondFactor, code: str) -> bool:
    """Return whether this is a code of the phone that was not used yet; from now on it is."""
    if not _fits(row, code):
        return False
    row.save(update_fields=["last_step"])
    return True


def _fits(row: SecondFactor, code: str) -> bool:
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == DIGITS):
        return False
    phone = TOTP(base64.b32decode(row.secret), digits=DIGITS)
    # All is reckoned at one moment, also at the turn of a step.
    phone.time = timezone.now().timestamp()
    if not phone.verify(int(digits), tolerance=TOLERANCE, min_t=row.last_step + 1):
        return False
    row.last_step = phone.t()
    return True


def _spends(user: User, code: str) -> bool:
    unused = RecoveryCode.objects.filter(user=user, used_at=None)
    return bool(unused.filter(code_digest=_digest(user, code)).update(used_at=timezone.now()))


def _new_recovery_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = [new_code() for _number in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code_digest=_digest(user, code)) for code in codes
    )
    trail.note("recovery_codes_made", actor=user, user=user)
    return codes


def _forget(user: User) -> bool:
    RecoveryCode.objects.filter(user=user).delete()
    gone, _tables = SecondFactor.objects.filter(user=user).delete()
    return bool(gone)


def _digest(user: User, code: str) -> bytes:
    return digest("recovery", f"{user.pk}:{read_code(code)}")


def _wrong() -> Refused:
    return Refused(
        "wrong_second_code",
        _("This code is not right or was used before. Wait for the next one on your phone."),
    )
