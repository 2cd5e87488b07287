"""Accounts come into being closed: no password, no code, until a slip is printed."""

import re
import secrets
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from census_staff.lib.errors import Refused
from census_staff.lib.names import parse as parse_name
from census_staff.people.models import Person

from .. import trail
from ..models import User

LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,39}")


def create_field_accounts(people: Iterable[Person], *, actor: Any) -> list[User]:
    """Return the account of each person in the order given; those without one get one.

    A phone number that already opens somebody else's account opens nothing here: such people
    sign in by the account name on their slip.
    """
    wanted = list(people)
    with transaction.atomic():
        known = {
            user.person_id: user
            for user in User.objects.filter(person__in=[person.pk for person in wanted])
        }
        digests = [person.phone_digest for person in wanted if person.phone_digest]
        taken = {
            bytes(found)
            for found in User.objects.filter(phone_digest__in=digests).values_list(
                "phone_digest", flat=True
            )
            if found is not None
        }
        fresh: dict[int, User] = {}
        for person in wanted:
            if person.pk not in known and person.pk not in fresh:
                fresh[person.pk] = _closed_account(person, taken)
        User.objects.bulk_create(fresh.values())
        trail.note_field_accounts("account_made", actor=actor, users=fresh.values())
    return [known.get(person.pk) or fresh[person.pk] for person in wanted]


def create_field_account(person: Person, *, actor: Any) -> User:
    """Return the person's account, made now if there was none."""
    return create_field_accounts([person], actor=actor)[0]


def create_office_user(login: str, display_name: str, *, actor: Any) -> User:
    """Return a new account for an office; it has no password and no posting yet."""
    login = login.strip().lower()
    if not LOGIN.fullmatch(login):
        raise Refused(
            "login_invalid",
            _(
                "An account name has 3 to 40 small letters, digits, dots or hyphens and begins"
                " with a letter."
            ),
            field="login",
        )
    user = User(login=login, display_name=parse_name(display_name))
    user.set_unusable_password()
    with transaction.atomic():
        if User.objects.filter(login=login).exists():
            raise Refused("login_taken", _("This account name is taken."), field="login")
        user.save()
        trail.note("account_made", actor=actor, user=user)
    return user


def follow_phone(person: Person, *, actor: Any) -> None:
    """Let the person sign in by the phone number they have now, and no longer by the old one."""
    user = User.objects.filter(person=person).first()
    if user is None or user.phone_digest == person.phone_digest:
        return
    others = User.objects.filter(phone_digest=person.phone_digest).exclude(pk=user.pk)
    if person.phone_digest is not None and others.exists():
        raise Refused(
            "phone_taken",
            _("Another account already signs in by this phone number."),
            field="phone",
        )
    with transaction.atomic():
        user.phone_digest = person.phone_digest
        user.save(update_fields=["phone_digest"])
        trail.note("phone_moved", actor=actor, user=user)


def _closed_account(person: Person, taken: set[bytes]) -> User:
    mine = bytes(person.phone_digest) if person.phone_digest else None
    # Drawn, not derived: an account name must say nothing about the person.
    user = User(login=f"p{secrets.randbelow(10**10):010}", person=person)
    user.set_unusable_password()
    if mine is not None and mine not in taken:
        user.phone_digest = mine
        taken.add(mine)
    return user
