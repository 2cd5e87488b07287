"""Sign-in by phone number or account name."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from census_staff.lib.crypto import digest
from census_staff.lib.phones import MOBILE, normalise

from .models import User


def find_account(name: str) -> User | None:
    """Return the account with this phone number or account name."""
    phone = normalise(name)
    if MOBILE.fullmatch(phone):
        return User.objects.filter(phone_digest=digest("phone", phone)).first()
    return User.objects.filter(login=name.strip().lower()).first()


class AccountBackend(BaseBackend):
    """Passwords of activated accounts that are not locked."""

    def authenticate(
        self, request: HttpRequest | None, login: str = "", password: str = "", **_more: Any
    ) -> User | None:
        """Return the account, or None; the same work is done whether or not it exists."""
        user = find_account(login)
        if user is None or user.activated_at is None or not user.has_usable_password():
            make_password(password)
            return None
        # The user's own check also renews a hash of older parameters.
        if not user.check_password(password) or not user.is_active:
            return None
        return user

    def get_user(self, user_id: int) -> User | None:
        """Return the account of a session, unless it was locked since."""
        return User.objects.filter(pk=user_id, locked_at=None).first()
