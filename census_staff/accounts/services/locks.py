"""A lock ends every session and token of an account; it says nothing about any census."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import BooleanField, Exists, Func, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.lib.errors import Refused
from census_staff.places.models import Office

from .. import trail
from ..models import Posting, User
from ..service_record import records_of


class OneOf(Func):
    """True where the first value is an element of the second, an array."""

    template, arg_joiner = "%(expressions)s)", " = ANY("
    output_field = BooleanField()


def lock(user: User, *, actor: Any, reason: str) -> None:
    """Shut the account in every browser and program at once (lost phone, attack)."""
    need_other(user, actor)
    need_reach(user, actor=actor)
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=user.pk)
        if row.locked_at is not None:
            raise Refused("locked_already", _("This account is locked already."))
        row.locked_at, row.locked_reason = timezone.now(), reason[:200]
        row.session_epoch += 1
        row.save(update_fields=["locked_at", "locked_reason", "session_epoch"])
        row.sessions.all().delete()
        trail.note("user_locked", actor=actor, user=row)
    user.refresh_from_db()


def unlock(user: User, *, actor: Any) -> None:
    """Let the account sign in again; what the lock ended stays ended."""
    need_other(user, actor)
    need_reach(user, actor=actor)
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=user.pk)
        if row.locked_at is None:
            raise Refused("not_locked", _("This account is not locked."))
        row.locked_at, row.locked_reason = None, ""
        row.save(update_fields=["locked_at", "locked_reason"])
        trail.note("user_unlocked", actor=actor, user=row)
    user.refresh_from_db()


def office_users(actor: Any) -> QuerySet[User]:
    """Keep the office accounts that lie wholly within the actor's tree."""
    reach = actor.reach("user.lock")
    inside = Q(pk__in=[])
    for path, _census in reach:
        inside |= Q(office__path__startswith=path)
    mine = Posting.objects.filter(user=OuterRef("pk"))
    beyond = mine.filter(ended_at=None).exclude(inside)
    # As an array, so that few accounts are looked up instead of everybody's being asked.
    keys = ArraySubquery(Posting.objects.filter(inside).values("user").distinct())
    return User.objects.filter(OneOf("pk", keys)).exclude(Exists(beyond))


def is_reached(user: User, *, actor: Any) -> bool:
    """Return whether the account lies in the actor's tree, by its postings or, for those who hold
    none, by its newest record in a census."""
    if office_users(actor).filter(pk=user.pk).exists():
        return True
    if user.person_id is None or user.postings.filter(ended_at=None).exists():
        return False
    records = records_of(user.person_id)
    if not records:
        return False
    home = Office.objects.get(pk=records[0].office_id)
    return any(home.path.startswith(path) for path, _census in actor.reach("user.lock"))


def need_reach(user: User, *, actor: Any) -> None:
    """Refuse accounts outside the actor's tree."""
    if not is_reached(user, actor=actor):
        raise Refused("not_allowed", _("This account does not belong to your offices."))


def need_other(user: User, actor: Any) -> None:
    """Refuse what nobody may do with their own account."""
    if actor.pk == user.pk:
        raise Refused("own_account", _("Somebody else must do this with your account."))
