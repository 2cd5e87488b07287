"""An uploaded roster: the file, and each of its rows read, checked and accounted for."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from census_staff.accounts.scope import ScopedQuerySet
from census_staff.lib.crypto import EncryptedTextField


class RosterFileQuerySet(ScopedQuerySet):
    person_lookup = None


class RosterFile(models.Model):
    """A workbook or a zip of photos somebody uploaded. Kept encrypted, deleted on its date."""

    class Reading(models.TextChoices):
        WAITING = "waiting"
        READ = "read"
        UNREADABLE = "unreadable"

    class Kind(models.TextChoices):
        ROSTER = "roster"
        PHOTOS = "photos"

    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.ROSTER)
    census = models.ForeignKey("censuses.Census", models.PROTECT, related_name="+")
    office = models.ForeignKey("places.Office", models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    # Path in private storage; empty once the date of deletion has come.
    stored = models.CharField(max_length=200, blank=True)
    size = models.PositiveIntegerField()
    reading = models.CharField(max_length=10, choices=Reading.choices, default=Reading.WAITING)
    refusal = models.CharField(max_length=300, blank=True)
    # create, update, unchanged, repaired, error; unknown columns; header row; the marked copy.
    counts = models.JSONField(default=dict)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    delete_on = models.DateField()
    batch = models.OneToOneField("batches.Batch", models.PROTECT, null=True, related_name="roster")

    objects = RosterFileQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["office", "-id"], name="roster_file_office"),
            models.Index(fields=["id"], condition=Q(reading="waiting"), name="roster_file_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} file {self.pk}"


class RosterRow(models.Model):
    """One row of a roster file: what it says (encrypted) and what will become of it."""

    class Outcome(models.TextChoices):
        CREATE = "create"
        UPDATE = "update"
        UNCHANGED = "unchanged"
        ERROR = "error"

    file = models.ForeignKey(RosterFile, models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    # The parsed line as JSON, personal data included; emptied with the file.
    line = EncryptedTextField(null=True)
    # [{"column", "code", ...}] with masked values only.
    repairs = models.JSONField(default=list)
    errors = models.JSONField(default=list)
    staff_id = models.BigIntegerField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="roster_row_once"),
        ]
        indexes = [
            models.Index(
                fields=["file", "number"], condition=~Q(errors=[]), name="roster_row_errors"
            ),
        ]
