"""The API's door: tokens bound to a posting or a census, and errors with a code and a sentence."""

import hashlib

from django.utils import timezone
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from .models import ApiToken, User
from .roles import ROLES


class Bearer:
    """A user seen through one token: only the token's posting, or only the token's census."""

    is_authenticated = True

    def __init__(self, token: ApiToken) -> None:
        self.token = token
        self.user = token.user
        self.pk = token.user_id
        self.person_id = token.user.person_id if token.census_id else None
        self.census_id = token.census_id

    def __str__(self) -> str:
        return str(self.user)

    def reach(self, action: str) -> list[tuple[str, int | None]]:
        """Return the reach of the one posting."""
        posting = self.token.posting
        if posting is None or posting.ended_at or action not in ROLES[posting.role].actions:
            return []
        return [(posting.office.path, posting.census_id)]

    def actions(self) -> frozenset[str]:
        """Return the actions of the one posting."""
        posting = self.token.posting
        if posting is None or posting.ended_at:
            return frozenset()
        return ROLES[posting.role].actions

    def first_step(self) -> None:
        """Return nothing: tokens are made by accounts whose first steps are done."""
        return None


def token_digest(text: str) -> bytes:
    """Return the digest under which a token is stored (256 random bits need no key)."""
    return hashlib.sha256(text.encode()).digest()


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer …`"""

    def authenticate(self, request: Request) -> tuple[Bearer, ApiToken] | None:
        """Return the bearer, None without a token, or refuse a bad one."""
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not text:
            return None
        token = (
            ApiToken.objects.select_related("user", "posting__office", "census")
            .filter(digest=token_digest(text), revoked_at=None, expires_at__gt=timezone.now())
            .first()
        )
        user: User | None = token.user if token else None
        if (
            token is None
            or user is None
            or user.locked_at
            or token.session_epoch != user.session_epoch
        ):
            raise exceptions.AuthenticationFailed()
        return Bearer(token), token

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 asks for."""
        return "Bearer"


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's session, with its CSRF check; strangers get 401, not 403."""

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 asks for."""
        return "Session"
