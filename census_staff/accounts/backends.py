"""Sign-in by phone number or account name."""

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password

from census_staff.lib.crypto import digest
from census_staff.lib.phones import MOBILE, normalise

from .models import User


def find_account(name: str) -> User | None:
    """Return the account with this phone number or account name."""
    phone = normalise(name)
    if MOBILE.fullmatch(phone):
        return User.objects.filter(phone_digest=digest("phone", phone)).first()
    return User.objects.filter(login=name.strip().lower()).first()


def knows_password(user: User | None, password: str) -> bool:
    """Return whether this is the password of an open account; the same work is done without one."""
    if user is None or user.activated_at is None or not user.has_usable_password():
        make_password(password)
        return False
    # The user's own check also renews a hash of older parameters.
    return user.check_password(password) and user.is_active


class AccountBackend(BaseBackend):
    """Sessions of accounts that are not locked; passwords are asked for at our own door alone."""

    def get_user(self, user_id: int) -> User | None:
        """Return the account of a session, unless it was locked since."""
        return User.objects.filter(pk=user_id, locked_at=None).first()
