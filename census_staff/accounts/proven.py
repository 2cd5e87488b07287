"""Browsers whose proof was examined before: the same bytes prove the same, and need no second look.

A session says whom it was opened for, under a signature; and it holds as long as the account's
password and epoch are those of then. Examining that costs more than most questions. What is
remembered here is a digest of everything that was examined, and nothing is believed because of it:
the question that does the work finds the session and the account as they are at that moment, and
does nothing unless their digest is still the same and all that can change is still in order.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from .models import Session, User
from .sessions import IDLE, STEP, SessionStore

# For `$1` the session's key, `$2` the account, `$3` the digest: one row with the moment when this
# browser was last noted, if it is signed in now, whole and ready; else none.
STILL_IN = """
SELECT s.seen_at
  FROM accounts_session s JOIN accounts_user u ON u.id = s.user_id
 WHERE s.session_key = $1 AND u.id = $2
   AND s.expire_date > statement_timestamp() AND s.ends_at > statement_timestamp()
   AND u.locked_at IS NULL AND u.notice_read_at IS NOT NULL
   AND u.name_confirmed_at IS NOT NULL AND u.password_changed_at IS NOT NULL
   AND sha256(convert_to(concat_ws(E'\\n', s.session_data, u.password, u.session_epoch,
                                   u.notice_version, u.person_id), 'UTF8')) = $3
"""
STILL_IN_TYPES = "varchar, bigint, bytea"
MOST = 20_000
_known: dict[str, "Proof"] = {}


@dataclass(frozen=True, slots=True)
class Proof:
    """A browser that was signed in, of somebody who serves or served in a census."""

    key: str
    user_id: int
    person_id: int
    digest: bytes
    idle: timedelta

    @property
    def parameters(self) -> list[Any]:
        """Return what `STILL_IN` asks for."""
        return [self.key, self.user_id, self.digest]


def proof_of(request: HttpRequest) -> Proof | None:
    """Return the proof of the request's session; None sends it through the usual door."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not key or "HTTP_AUTHORIZATION" in request.META:
        return None
    found = _known.get(key) or _examined(key)
    if found is not None:
        if len(_known) >= MOST:
            _known.clear()
        _known[key] = found
    return found


def forget(proof: Proof) -> None:
    """Examine this browser anew when it comes again."""
    _known.pop(proof.key, None)


def note_seen(proof: Proof, seen_at: datetime) -> None:
    """Write down that this browser was here, as seldom as its session does on the usual way."""
    now = timezone.now()
    if now - seen_at <= STEP:
        return
    for row in Session.objects.filter(session_key=proof.key, ends_at__gt=now, expire_date__gt=now):
        Session.objects.filter(pk=row.pk).update(
            seen_at=now, expire_date=min(now + proof.idle, row.ends_at)
        )


def _examined(key: str) -> Proof | None:
    row = Session.objects.select_related("user").filter(session_key=key).first()
    if row is None or row.user is None or row.user.person_id is None:
        return None
    user: User = row.user
    data = SessionStore().decode(row.session_data)
    is_theirs = (
        data.get(SESSION_KEY) == str(user.pk)
        and data.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    )
    if not is_theirs or data.get("second_due") or user.first_step():
        return None
    parts = (row.session_data, user.password, user.session_epoch, user.notice_version)
    text = "\n".join(map(str, (*parts, user.person_id)))
    digest = hashlib.sha256(text.encode()).digest()
    idle = IDLE[data.get("place", "office")]
    return Proof(key, user.pk, int(user.person_id or 0), digest, idle)
