"""The confidentiality pledge: its versions, and who signed which text."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from census_staff.accounts.scope import ScopedQuerySet


class PledgeText(models.Model):
    """A version of the pledge of a census and role; the newest that is not superseded is asked."""

    census = models.ForeignKey("censuses.Census", models.PROTECT, related_name="+")
    role = models.CharField(max_length=12)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=100)
    body = models.TextField()
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    # Set when a new version asks everybody to sign again; else old signatures go on counting.
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["census", "role", "version"], name="pledge_text_version"
            ),
            models.UniqueConstraint(fields=["id", "sha256"], name="pledge_text_whole"),
            # Target of the pledges' composite foreign key.
            models.UniqueConstraint(
                fields=["id", "sha256", "census", "role"], name="pledge_text_of_role"
            ),
        ]


class PledgeQuerySet(ScopedQuerySet):
    pass


class Pledge(models.Model):
    """A signature under a text, with the hash of what was read."""

    person = models.ForeignKey("people.Person", models.PROTECT, related_name="pledges")
    census = models.ForeignKey("censuses.Census", models.PROTECT, related_name="+")
    role = models.CharField(max_length=12)
    office = models.ForeignKey("places.Office", models.PROTECT, related_name="+")
    text = models.ForeignKey(PledgeText, models.PROTECT, related_name="pledges")
    text_sha256 = models.CharField(max_length=64)
    signature_kind = models.CharField(max_length=6)
    # A drawn signature as PNG; a typed one is the person's own name.
    drawing = models.BinaryField(null=True)
    typed_name = models.CharField(max_length=50, blank=True)
    device = models.CharField(max_length=300, blank=True)
    signed_at = models.DateTimeField()

    objects = PledgeQuerySet.as_manager()

    class Meta:
        constraints = [
            # Target of the cards' composite foreign key.
            models.UniqueConstraint(fields=["id", "person", "census", "role"], name="pledge_whole"),
            models.UniqueConstraint(fields=["person", "text"], name="pledge_once_per_text"),
            models.CheckConstraint(
                condition=Q(signature_kind="drawn", drawing__isnull=False)
                | (Q(signature_kind="typed") & ~Q(typed_name="")),
                name="pledge_signed",
            ),
        ]


class PledgeVoid(models.Model):
    """A signature that no longer counts, with who says so and why."""

    pledge = models.OneToOneField(Pledge, models.PROTECT, related_name="void")
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
