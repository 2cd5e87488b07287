"""The audit trail's pen, asked by name: the trail stands a floor above the accounts."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from .models import Posting, User
from .service_record import offices_of
from .standing import standing_of


def note(event: str, *, actor: Any, user: User | None = None, **more: Any) -> None:
    """Write down a deed about an account. Codes and keys only, never personal data."""
    if user is not None:
        if "office_id" not in more:
            more["office_id"] = office_of(user)
        more |= {"subject": "accounts_user", "subject_id": user.pk}
    import_string(settings.AUDIT_RECORD)(event, actor=actor, **more)


def note_field_accounts(event: str, *, actor: Any, users: Iterable[User]) -> None:
    """Write down one deed about many accounts of field staff, who hold no posting."""
    users = list(users)
    places = offices_of([user.person_id for user in users if user.person_id])
    import_string(settings.AUDIT_RECORD_MANY)(
        event,
        actor=actor,
        subject="accounts_user",
        rows=[(user.pk, places.get(user.person_id or 0)) for user in users],
    )


def note_posting(event: str, posting: Posting, *, actor: Any) -> None:
    """Write down a deed about a posting: whose, which role, where."""
    import_string(settings.AUDIT_RECORD)(
        event,
        actor=actor,
        subject="accounts_posting",
        subject_id=posting.pk,
        office_id=posting.office_id,
        census_id=posting.census_id,
        details={"user": posting.user_id, "role": posting.role},
    )


def office_of(user: User) -> int | None:
    """Return the office whose auditors see what this account does: of its highest posting first."""
    return standing_of(user).office_id or service_office_of(user)


def service_office_of(user: User) -> int | None:
    """Return the office where this account's person serves."""
    person = user.person_id
    return offices_of([person]).get(person) if person else None
