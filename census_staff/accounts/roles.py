"""Who may do what. A role says *what*; a posting says *where*."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from census_staff.places.models import OfficeLevel as Level


class Role(TextChoices):
    TOWNSHIP_CLERK = "township_clerk", _("Township clerk")
    COUNTY_RECRUITER = "county_recruiter", _("County recruiter")
    COUNTY_REVIEWER = "county_reviewer", _("County reviewer")
    COORDINATOR = "coordinator", _("County coordinator")
    CARD_ISSUER = "card_issuer", _("Card issuer")
    TRAINING_OFFICER = "training_officer", _("Training and exam officer")
    CITY_STEWARD = "city_steward", _("City steward")
    CITY_APPROVER = "city_approver", _("City approver")
    AUDITOR = "auditor", _("Auditor")
    SYSTEM_ADMIN = "system_admin", _("System administrator")
    SECURITY_ADMIN = "security_admin", _("Security administrator")


class Duty(TextChoices):
    """Kinds of role that one user never holds together (三员分立)."""

    BUSINESS = "business"
    AUDIT = "audit"
    SYSTEM = "system"
    SECURITY = "security"


@dataclass(frozen=True)
class Grant:
    """What a role may do, at offices of which levels, and which duty it belongs to."""

    levels: frozenset[int]
    actions: frozenset[str]
    duty: Duty = Duty.BUSINESS


def _grant(levels: set[int], *groups: str, duty: Duty = Duty.BUSINESS) -> Grant:
    return Grant(frozenset(levels), frozenset(" ".join(groups).split()), duty)


_SEE = "board.view staff.view card.view batch.view"
_ENTER = "staff.propose staff.photo roster.import"
_CARD_FIELD = "card.report card.reissue_apply card.recall"
_OFFICE = "staff.reveal staff.export staff.activate staff.leave access.switch"

ROLES: dict[str, Grant] = {
    Role.TOWNSHIP_CLERK: _grant({Level.TOWNSHIP}, _SEE, _ENTER, _CARD_FIELD),
    Role.COUNTY_RECRUITER: _grant({Level.COUNTY}, _SEE, _ENTER, "staff.leave"),
    Role.COUNTY_REVIEWER: _grant({Level.COUNTY}, _SEE, "staff.review staff.reveal staff.activate"),
    Role.COORDINATOR: _grant(
        {Level.COUNTY},
        _SEE,
        _OFFICE,
        _CARD_FIELD,
        "staff.review run.view access.exempt course.view exam.view evidence.void",
    ),
    Role.CARD_ISSUER: _grant(
        {Level.COUNTY, Level.CITY},
        _SEE,
        _CARD_FIELD,
        "card.issue card.hand_over card.cancel card.confiscate card.reissue_approve",
    ),
    Role.TRAINING_OFFICER: _grant(
        {Level.COUNTY, Level.CITY},
        "board.view staff.view",
        "course.view course.manage exam.view exam.manage evidence.void",
    ),
    Role.CITY_STEWARD: _grant(
        {Level.CITY},
        _SEE,
        "staff.export access.switch access.exempt run.view run.prepare"
        " census.view census.change course.view exam.view",
    ),
    Role.CITY_APPROVER: _grant(
        {Level.CITY},
        _SEE,
        "run.view run.approve census.view census.approve access.exempt_approve",
    ),
    Role.AUDITOR: _grant(
        {Level.COUNTY, Level.CITY},
        _SEE,
        "audit.view run.view census.view course.view exam.view",
        duty=Duty.AUDIT,
    ),
    Role.SYSTEM_ADMIN: _grant({Level.CITY}, "office.view office.manage", duty=Duty.SYSTEM),
    Role.SECURITY_ADMIN: _grant(
        {Level.COUNTY, Level.CITY}, "posting.view posting.manage user.lock", duty=Duty.SECURITY
    ),
}


def roles_that_may(action: str) -> list[str]:
    """Return the roles whose holders may do `action`."""
    return [role for role, granted in ROLES.items() if action in granted.actions]
