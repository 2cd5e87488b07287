"""Accounts: who signs in, and what an office has entrusted to whom."""

import hashlib
import hmac
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from census_staff.censuses.models import Census
from census_staff.lib.crypto import EncryptedTextField
from census_staff.people.models import Person
from census_staff.places.models import Office

from .notice import present_notice
from .roles import ROLES, Duty, Role, roles_that_may
from .scope import ScopedQuerySet


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with this account name."""
        return self.get(login=username)


class User(AbstractBaseUser):
    """An account. It opens the door; what is behind it comes from postings and staff records."""

    login = models.CharField(max_length=40, unique=True)
    phone_digest = models.BinaryField(max_length=32, unique=True, null=True, editable=False)
    person = models.OneToOneField(Person, models.PROTECT, null=True, related_name="user")
    display_name = models.CharField(max_length=50, blank=True)
    activated_at = models.DateTimeField(null=True)
    notice_read_at = models.DateTimeField(null=True)
    notice_version = models.CharField(max_length=20, blank=True)
    name_confirmed_at = models.DateTimeField(null=True)
    password_changed_at = models.DateTimeField(null=True)
    # A lock (lost phone, attack) ends every session; it says nothing about any census.
    locked_at = models.DateTimeField(null=True)
    locked_reason = models.CharField(max_length=200, blank=True)
    session_epoch = models.PositiveIntegerField(default=0)
    added_at = models.DateTimeField(auto_now_add=True)

    # Set by the API's door: the one token through which this user is seen.
    token: "ApiToken | None" = None

    objects = UserManager()
    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        indexes = [
            models.Index(
                fields=["display_name"], name="user_display_name", condition=Q(display_name__gt="")
            ),
        ]

    def __str__(self) -> str:
        return self.login

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Return whether sign-in is open at all (a lock is not a census's decision)."""
        return self.locked_at is None

    def get_session_auth_hash(self) -> str:
        """Return the hash that ends sessions when the password or the epoch changes."""
        return self._epoch_hash(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Any:
        """Return the hashes under retired secrets."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._epoch_hash(str(secret))

    def _epoch_hash(self, secret: str) -> str:
        text = f"{self.password}\0{self.session_epoch}"
        return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    def first_step(self) -> str | None:
        """Return the name of the page that a new account must finish before all others."""
        if self.notice_read_at is None or self._has_old_notice():
            return "read_notice"
        if self.name_confirmed_at is None:
            return "confirm_name"
        return "set_password" if self.password_changed_at is None else None

    def _has_old_notice(self) -> bool:
        """Return whether the notice changed since it was read (where its version was kept)."""
        return self.notice_version not in ("", present_notice().version)

    def reach(self, action: str) -> list[tuple[str, int | None]]:
        """Return (office path, census or None for all) under which this user may do `action`."""
        postings = self.held_postings().filter(role__in=roles_that_may(action))
        return list(postings.values_list("office__path", "census_id"))

    def actions(self) -> frozenset[str]:
        """Return every action that some posting of this user allows."""
        roles = self.held_postings().values_list("role", flat=True)
        return frozenset().union(*(ROLES[role].actions for role in roles))

    def held_postings(self) -> "PostingQuerySet":
        """Return the postings in force; through a token, only the one it is bound to."""
        held = self.postings.filter(ended_at=None)
        return held if self.token is None else held.filter(pk=self.token.posting_id)

    @property
    def census_id(self) -> int | None:
        """Return the only census that this user is seen in, if a token says so."""
        return None if self.token is None else self.token.census_id


class PostingQuerySet(ScopedQuerySet):
    person_lookup = None


class Posting(models.Model):
    """A user holds a role at an office, over that office and all below it."""

    user = models.ForeignKey(User, models.PROTECT, related_name="postings")
    role = models.CharField(max_length=20, choices=Role.choices)
    duty = models.CharField(max_length=10, choices=Duty.choices, editable=False)
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    census = models.ForeignKey(Census, models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    started_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = PostingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "office", "census"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="posting_once",
            ),
            models.UniqueConstraint(
                fields=["office", "census"],
                condition=Q(role=Role.COORDINATOR, ended_at=None),
                name="one_coordinator",
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.COORDINATOR) | Q(census__isnull=False),
                name="coordinator_of_a_census",
            ),
            # Auditor, system and security administrator exclude one another and all business.
            ExclusionConstraint(
                name="duties_kept_apart",
                expressions=[("user", "="), ("duty", "<>")],
                condition=Q(ended_at=None),
            ),
            models.CheckConstraint(
                condition=Q(duty__in=Duty.values) & Q(role__in=Role.values), name="posting_words"
            ),
            models.CheckConstraint(
                name="posting_duty_of_role",
                condition=Q(
                    *[Q(role=role, duty=grant.duty) for role, grant in ROLES.items()],
                    _connector=Q.OR,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role} at {self.office}"


class ActivationCode(models.Model):
    """A code on a printed slip that opens an account once."""

    user = models.ForeignKey(User, models.PROTECT, related_name="activation_codes")
    code_digest = models.BinaryField(max_length=32, unique=True, editable=False)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(used_at=None, voided_at=None), name="one_live_code"
            ),
            models.CheckConstraint(condition=Q(wrong_tries__lte=5), name="code_five_tries"),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(voided_at=None, wrong_tries__lt=5),
                name="code_used_while_live",
            ),
        ]


class SignInFailure(models.Model):
    """A wrong sign-in, counted by account and by network (both as keyed digests)."""

    account_digest = models.BinaryField(max_length=32, editable=False)
    network_digest = models.BinaryField(max_length=32, editable=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["account_digest", "-at"], name="failure_account"),
            models.Index(fields=["network_digest", "-at"], name="failure_network"),
            models.Index(fields=["at"], name="failure_age"),
        ]


class PasswordPolicy(models.Model):
    """What a password must be: one row for field staff, one for office users."""

    class Audience(models.TextChoices):
        FIELD = "field"
        OFFICE = "office"

    audience = models.CharField(max_length=8, choices=Audience.choices, unique=True)
    min_length = models.PositiveSmallIntegerField()
    min_classes = models.PositiveSmallIntegerField()
    rotate_days = models.PositiveSmallIntegerField(null=True, blank=True)


class SecondFactor(models.Model):
    """The secret that an office user's phone makes one-time codes from."""

    user = models.OneToOneField(User, models.CASCADE, related_name="second_factor")
    secret = EncryptedTextField()
    made_at = models.DateTimeField(auto_now_add=True)
    # Until the first code was typed the phone may not have it: nothing is asked yet.
    confirmed_at = models.DateTimeField(null=True)
    # The newest time step whose code was taken: no code is good twice.
    last_step = models.BigIntegerField(default=0)


class RecoveryCode(models.Model):
    """A code on paper that stands in for the phone once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    code_digest = models.BinaryField(max_length=32, unique=True, editable=False)
    made_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)


class RolePolicy(models.Model):
    """What the holders of a role must have: a row for each role that asks for something."""

    role = models.CharField(max_length=20, choices=Role.choices, unique=True)
    needs_second_factor = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="policy_of_a_role")
        ]


class ApiToken(models.Model):
    """A token for programs, bound to one posting or to one census of a field worker."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    posting = models.ForeignKey(Posting, models.CASCADE, null=True, related_name="+")
    census = models.ForeignKey(Census, models.CASCADE, null=True, related_name="+")
    label = models.CharField(max_length=60)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    session_epoch = models.PositiveIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(posting__isnull=False, census=None)
                | Q(posting=None, census__isnull=False),
                name="token_bound_once",
            ),
        ]


class Session(AbstractBaseSession):
    """A browser that is signed in: since when, and how long it may stay."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    device = models.CharField(max_length=60, blank=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    @classmethod
    def get_session_store_class(cls) -> Any:
        """Return the store that reads and writes these rows."""
        return import_string(f"{settings.SESSION_ENGINE}.SessionStore")


class RevealQuerySet(ScopedQuerySet):
    census_lookup = None


class Reveal(models.Model):
    """Somebody looked at masked personal data: what, whose, why (the value is not here)."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="reveals")
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    field = models.CharField(max_length=20)
    reason = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    objects = RevealQuerySet.as_manager()
