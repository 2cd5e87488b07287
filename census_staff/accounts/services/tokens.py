"""Tokens for programs: shown once, bound to one posting or to one census of one's own."""

import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.censuses.models import Census
from census_staff.lib.errors import Refused

from .. import trail
from ..api_auth import token_digest
from ..models import ApiToken, Posting, User
from ..service_record import records_of

LONGEST_DAYS = 90
MOST = 20


def make_token(
    user: User,
    *,
    label: str,
    days: int,
    posting: Posting | None = None,
    census: Census | None = None,
) -> tuple[ApiToken, str]:
    """Return the token's row and its value, which is known to nobody afterwards."""
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused("token_days", _("A token lasts for 1 to 90 days."), field="days")
    if (posting is None) == (census is None):
        raise Refused("token_binding", _("A token is bound to one posting or to one census."))
    if posting is not None and (posting.user_id != user.pk or posting.ended_at is not None):
        raise Refused("not_allowed", _("This is not your posting."))
    if census is not None and census.pk not in _own_censuses(user):
        raise Refused("not_allowed", _("You have no record in this census."))
    now = timezone.now()
    if user.api_tokens.filter(revoked_at=None, expires_at__gt=now).count() >= MOST:
        raise Refused("token_many", _("You already have 20 tokens. Revoke one first."))
    text = f"cs_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            posting=posting,
            census=census,
            label=label.strip(),
            digest=token_digest(text),
            session_epoch=user.session_epoch,
            expires_at=now + timedelta(days=days),
        )
        trail.note("token_made", actor=user, user=user, details={"token": token.pk})
    return token, text


def revoke(token: ApiToken, *, actor: Any) -> None:
    """End a token at once."""
    with transaction.atomic():
        rows = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
        if rows.update(revoked_at=timezone.now()):
            trail.note("token_revoked", actor=actor, user=token.user, details={"token": token.pk})


def _own_censuses(user: User) -> set[int]:
    return {record.census_id for record in records_of(user.person_id)} if user.person_id else set()
