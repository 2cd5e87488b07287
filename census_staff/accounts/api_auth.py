"""The API's door: tokens bound to a posting or a census, and errors with a code and a sentence."""

import hashlib
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from census_staff.lib.errors import Refused

from .models import ApiToken, User


def token_digest(text: str) -> bytes:
    """Return the digest under which a token is stored (256 random bits need no key)."""
    return hashlib.sha256(text.encode()).digest()


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer …`"""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the user as the token shows them, None without a token, or refuse a bad one."""
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
        user.token = token
        if token.posting_id is not None:
            # Bound to a posting: what the person may do in the field stays out of reach.
            user.person_id = None
        return user, token

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 asks for."""
        return "Bearer"


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's session, with its CSRF check; strangers get 401, not 403."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """Return the user, once the first steps of the account are done."""
        found = super().authenticate(request)
        if found is not None and found[0].first_step():
            raise Refused("first_steps", _("Finish opening your account first."))
        if found is not None and request.session.get("second_due"):
            raise Refused("first_steps", _("Set up two-step sign-in first."))
        return found

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 asks for."""
        return "Session"


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema tells programs about tokens; being defined is being known."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme in the words of OpenAPI."""
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):
    """The browser's cookie."""

    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme in the words of OpenAPI."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
