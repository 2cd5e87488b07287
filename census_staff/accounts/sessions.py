"""Signed-in browsers as rows: they end when idle, when old, and when somebody ends them."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core.exceptions import SuspiciousOperation
from django.db import connection
from django.utils import timezone
from django.utils.crypto import get_random_string

# Whoever holds a posting works at a desk; field staff show their card at doors all day.
IDLE = {"office": timedelta(hours=1), "field": timedelta(days=1)}
LONGEST = {"office": timedelta(hours=12), "field": timedelta(days=7)}
# A look at the clock is written down at most once a minute.
STEP = timedelta(minutes=1)

# Sessions that ended, forgotten at each entry: a few at a time, because on a Monday morning the
# first to come would wait for all of last week's.
MOST_SWEPT = 100
COME_IN = """
UPDATE accounts_user SET last_login = %(now)s WHERE id = %(user)s;
DELETE FROM accounts_session WHERE session_key IN (
  SELECT session_key FROM accounts_session WHERE expire_date < %(now)s
   ORDER BY expire_date LIMIT %(most)s FOR UPDATE SKIP LOCKED)
"""


def note_come_in(user_id: int) -> None:
    """Note when this account came in last, and forget some of the sessions that ended."""
    with connection.cursor() as cursor:
        cursor.execute(COME_IN, {"now": timezone.now(), "user": user_id, "most": MOST_SWEPT})


class SessionStore(DatabaseStore):
    """Sessions that know their user, their age and when they were last seen."""

    @classmethod
    def get_model_class(cls) -> Any:
        """Return the model of the rows (Django asks late, when the models are known)."""
        from .models import Session

        return Session

    def get_session_cookie_age(self) -> int:
        """Return how long the browser keeps the cookie; the row is what decides."""
        return int(LONGEST[self.get("place", "office")].total_seconds())

    # What this request has stored already: saying it again would be a second commit.
    _stored: bytes | None = None

    def cycle_key(self) -> None:
        """Leave the present key; the contents are stored under the next one with all that follows."""
        contents, key = dict(self.items()), self.session_key
        if key:
            self.delete(key)
        self._session_key, self._session_cache = None, contents
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Store the contents, unless this request has stored the same before."""
        # Django's stubs leave out its own way to the contents.
        given = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        contents = self.serializer().dumps(given)
        if self.session_key is None or must_create or contents != self._stored:
            super().save(must_create)
            self._stored = contents

    def _get_new_session_key(self) -> str:
        # Nobody asks whether it is taken: the row that is then created would be refused.
        return get_random_string(32, VALID_KEY_CHARS)

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """Return the row for these contents."""
        row: Any = super().create_model_instance(data)
        now = timezone.now()
        place = data.get("place", "office")
        started = data.get("started")
        row.started_at = datetime.fromisoformat(started) if started else now
        row.seen_at = now
        row.ends_at = row.started_at + LONGEST[place]
        row.expire_date = min(now + IDLE[place], row.ends_at)
        row.user_id = int(data["_auth_user_id"]) if "_auth_user_id" in data else None
        row.device = data.get("device", "")[:60]
        return row

    def _get_session_from_db(self) -> Any:
        now = timezone.now()
        model: Any = self.model
        rows = model.objects.filter(expire_date__gt=now, ends_at__gt=now)
        try:
            row = rows.get(session_key=self.session_key)
        except (model.DoesNotExist, SuspiciousOperation):
            self._session_key = None
            return None
        if now - row.seen_at > STEP:
            idle = IDLE[self.decode(row.session_data).get("place", "office")]
            rows.filter(pk=row.pk).update(seen_at=now, expire_date=min(now + idle, row.ends_at))
        return row
