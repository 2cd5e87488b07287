"""Postings: what an office entrusts to whom. The database keeps duties apart."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.censuses.models import Census
from census_staff.lib.errors import Refused
from census_staff.places.models import Office

from .. import trail
from ..models import Posting, User
from ..roles import ROLES, Role


def grant(user: User, *, role: str, office: Office, census: Census | None, actor: Any) -> Posting:
    """Return the new posting; refused for oneself, out of reach, or at an office of another level."""
    _need_right(user, role, office, census, actor)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        held = Posting.objects.filter(user=user, ended_at=None)
        if held.filter(role=role, office=office, census=census).exists():
            raise Refused("posting_once", _("This account already holds this posting."))
        if user.person_id and not held.exists():
            # From the field to a desk: the longer password of the office is asked for now.
            User.objects.filter(pk=user.pk).update(password_changed_at=None)
        posting = Posting.objects.create(
            user=user,
            role=role,
            duty=ROLES[role].duty,
            office=office,
            census=census,
            started_by_id=actor.pk,
        )
        trail.note_posting("posting_granted", posting, actor=actor)
    return posting


def end_posting(posting: Posting, *, actor: Any) -> None:
    """End a posting; a coordinator's ends only by handing it over while the census is live."""
    _need_reach(posting.office, posting.census_id, actor)
    with transaction.atomic():
        row = _locked(posting)
        if row.role == Role.COORDINATOR and row.census is not None and row.census.stage == "live":
            raise Refused(
                "coordinator_stays",
                _("A county always has its coordinator. Hand the post over instead."),
            )
        _end(row, actor)


def hand_over(posting: Posting, *, successor: User, actor: Any) -> Posting:
    """Return the successor's posting; it starts in the moment in which the other one ends."""
    _need_right(successor, posting.role, posting.office, posting.census, actor)
    with transaction.atomic():
        row = _locked(posting)
        if row.user_id == successor.pk:
            raise Refused("posting_once", _("This account already holds this posting."))
        _end(row, actor)
        return grant(successor, role=row.role, office=row.office, census=row.census, actor=actor)


def _locked(posting: Posting) -> Posting:
    rows = Posting.objects.select_related("office", "census")
    row: Posting = rows.select_for_update(of=("self",)).get(pk=posting.pk)
    if row.ended_at is not None:
        raise Refused("posting_ended", _("This posting has ended already."))
    return row


def _end(row: Posting, actor: Any) -> None:
    row.ended_at, row.ended_by_id = timezone.now(), actor.pk
    row.save(update_fields=["ended_at", "ended_by"])
    trail.note_posting("posting_ended", row, actor=actor)


def _need_right(user: User, role: str, office: Office, census: Census | None, actor: Any) -> None:
    if actor.pk == user.pk:
        raise Refused("own_posting", _("Nobody grants a posting to themselves."))
    _need_reach(office, census.pk if census else None, actor)
    if office.level not in ROLES[role].levels:
        raise Refused(
            "wrong_level", _("Offices of this level do not have this role."), field="office"
        )
    if role == Role.COORDINATOR and census is None:
        raise Refused(
            "census_needed", _("A coordinator belongs to one census. Choose it."), field="census"
        )


def _need_reach(office: Office, census_id: int | None, actor: Any) -> None:
    for path, bound in actor.reach("posting.manage"):
        if office.path.startswith(path) and bound in (None, census_id):
            return
    raise Refused("not_allowed", _("This office is not among yours."))
