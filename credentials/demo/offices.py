"""The desks of the demonstration: who works where, with passwords made at loading."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db.models import Case, When
from django.utils import timezone

from census_staff.accounts.models import Posting, User
from census_staff.accounts.roles import ROLES, Role
from census_staff.censuses.models import Census
from census_staff.places.models import Office, OfficeLevel

from .people import plain_names

# The county and the township whose accounts are printed.
COUNTY, TOWNSHIP = "341524", "341524112"
# Told apart on paper and on a screen: no small L, no I, O, 0 and 1.
LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
COUNTY_ROLES = (
    Role.COUNTY_RECRUITER,
    Role.COUNTY_REVIEWER,
    Role.COORDINATOR,
    Role.CARD_ISSUER,
    Role.TRAINING_OFFICER,
)
CITY_ROLES = (
    Role.CITY_STEWARD,
    Role.CITY_APPROVER,
    Role.TRAINING_OFFICER,
    Role.AUDITOR,
    Role.SYSTEM_ADMIN,
    Role.SECURITY_ADMIN,
)
WORDS = {
    Role.TOWNSHIP_CLERK: "乡镇经办员",
    Role.COUNTY_RECRUITER: "县级选聘员",
    Role.COUNTY_REVIEWER: "县级审核员",
    Role.COORDINATOR: "综合管理员",
    Role.CARD_ISSUER: "发证员",
    Role.TRAINING_OFFICER: "培训考试管理员",
    Role.CITY_STEWARD: "市级业务管理员",
    Role.CITY_APPROVER: "市级批准人",
    Role.AUDITOR: "审计员",
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.SECURITY_ADMIN: "安全管理员",
}


def in_township(code: str) -> Case:
    """Return an order in which the printed township, by this path to its code, comes first."""
    return Case(When(**{code: TOWNSHIP}, then=0), default=1)


@dataclass
class Desks:
    """The users of the offices, by role and office code, and the accounts to print."""

    users: dict[tuple[str, str], User] = field(default_factory=dict)
    printed: list[tuple[str, str, str]] = field(default_factory=list)
    names: Iterator[str] = field(default_factory=lambda: plain_names(1949))

    def of(self, role: str, code: str) -> User:
        """Return the user who holds `role` at the office with this code."""
        return self.users[role, code]


def password() -> str:
    """Return a random password that meets the policy of offices."""
    body = "".join(secrets.choice(LETTERS) for _ in range(12))
    return f"{body[:4]}-{body[4:8]}-{body[8:]}7k"


def open_desks(censuses: list[Census]) -> Desks:
    """Return the desks: every county has its own, one of each role is printed with a password."""
    desks = Desks()
    for office in Office.objects.filter(level=OfficeLevel.COUNTY):
        for role in COUNTY_ROLES:
            _seat(desks, role, office, censuses, is_printed=office.code == COUNTY)
    city = Office.objects.get(code=COUNTY[:4])
    for role in CITY_ROLES:
        is_new = not any(word.startswith(WORDS[role]) for word, *_rest in desks.printed)
        _seat(desks, role, city, censuses, is_printed=is_new)
    township = Office.objects.get(code=TOWNSHIP)
    _seat(desks, Role.TOWNSHIP_CLERK, township, censuses, is_printed=True)
    return desks


def _seat(
    desks: Desks, role: Role, office: Office, censuses: list[Census], *, is_printed: bool
) -> None:
    at = timezone.now()
    user = User(login=f"{role.replace('_', '-')}-{office.code}", display_name=next(desks.names))
    user.set_unusable_password()
    if is_printed:
        secret = password()
        user.set_password(secret)
        user.activated_at = user.notice_read_at = at
        user.name_confirmed_at = user.password_changed_at = at
        desks.printed.append((f"{WORDS[role]} · {office.short_name}", user.login, secret))
    user.save()
    bound = censuses if role == Role.COORDINATOR else [None]
    Posting.objects.bulk_create(
        Posting(user=user, role=role, duty=ROLES[role].duty, office=office, census=census)
        for census in bound
    )
    desks.users[role, office.code] = user


def write_accounts(desks: Desks, path: Path) -> None:
    """Write the printed accounts beside the state, for its owner's eyes alone."""
    width = max(len(login) for _word, login, _secret in desks.printed)
    lines = [f"{login:<{width}}  {secret}  {word}" for word, login, secret in desks.printed]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
