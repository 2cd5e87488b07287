"""Signed-in browsers as rows: they end when idle, when old, and when somebody ends them."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core.exceptions import SuspiciousOperation
from django.utils import timezone

# Whoever holds a posting works at a desk; field staff show their card at doors all day.
IDLE = {"office": timedelta(hours=1), "field": timedelta(days=1)}
LONGEST = {"office": timedelta(hours=12), "field": timedelta(days=7)}
# A look at the clock is written down at most once a minute.
STEP = timedelta(minutes=1)


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
