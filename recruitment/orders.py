"""Orders that opened or shut a person's access, and exemptions from standards."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from census_staff.accounts.scope import ScopedQuerySet
from census_staff.lib.crypto import EncryptedTextField


class OfStaffQuerySet(ScopedQuerySet):
    office_lookup = "staff__office"
    census_lookup = "staff__census"
    person_lookup = "staff__person"


class AccessOrder(models.Model):
    """A reminder or a disabling, with the standards it names; open until it is lifted."""

    class Kind(models.TextChoices):
        REMIND = "remind"
        DISABLE = "disable"

    class Reason(models.TextChoices):
        RUN = "run"
        LEFT = "left"
        UNFIT = "unfit"
        IRREGULAR = "irregular"
        UNTRAINED = "untrained"
        VIOLATION = "violation"
        OTHER = "other"

    staff = models.ForeignKey("recruitment.Staff", models.PROTECT, related_name="orders")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    sentence = models.CharField(max_length=300, blank=True)
    standards = ArrayField(models.CharField(max_length=20), default=list)
    until = models.DateField(null=True)
    made_by = models.CharField(max_length=60)
    batch_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=60, blank=True)

    objects = OfStaffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "kind"], condition=Q(ended_at=None), name="one_open_order"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("remind", "disable")), name="order_kind_word"
            ),
        ]
        indexes = [models.Index(fields=["batch_id"], name="order_batch")]


class Exemption(models.Model):
    """Leave from standards until a date, with a reason and a second person."""

    staff = models.ForeignKey("recruitment.Staff", models.PROTECT, related_name="exemptions")
    standards = ArrayField(models.CharField(max_length=20))
    reason = models.CharField(max_length=300)
    until = models.DateField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)

    objects = OfStaffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(approved_by=F("made_by")), name="exemption_second_person"
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None) | Q(approved_by__isnull=False),
                name="exemption_approved_by_somebody",
            ),
        ]


class Appeal(models.Model):
    """Somebody who is disabled says that it is a mistake; a person of the office answers.

    What they write may tell of an illness or a family: it is stored encrypted.
    """

    staff = models.ForeignKey("recruitment.Staff", models.PROTECT, related_name="appeals")
    text = EncryptedTextField()
    made_at = models.DateTimeField()
    answer = EncryptedTextField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    objects = OfStaffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff"], condition=Q(answered_at=None), name="one_open_appeal"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(answered_by__isnull=False, answer__isnull=False),
                name="appeal_answered_by_somebody",
            ),
        ]
