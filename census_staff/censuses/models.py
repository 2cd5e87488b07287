"""A census is data: its calendar, standards, marks, deadlines and legal basis."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class CensusKind(models.TextChoices):
    AGRICULTURE = "agriculture", _("Agricultural census")
    ECONOMIC = "economic", _("Economic census")
    POPULATION = "population", _("Population census")


class CensusStage(models.TextChoices):
    LIVE = "live", _("Live")
    CLOSED = "closed", _("Closed")


class Census(models.Model):
    """One census with everything that rules ask of it. Nothing here is a constant in code."""

    code = models.CharField(max_length=2, unique=True)
    kind = models.CharField(max_length=12, choices=CensusKind.choices)
    name = models.CharField(max_length=60)
    short_name = models.CharField(max_length=20)
    stage = models.CharField(max_length=8, choices=CensusStage.choices, default=CensusStage.LIVE)
    zone = models.CharField(max_length=40, default="Asia/Shanghai")
    deadline_at = models.DateTimeField()
    execute_at = models.DateTimeField()
    fieldwork_from = models.DateField()
    fieldwork_until = models.DateField()
    # What a card needs (recruitment/standards.py holds what each code means).
    card_standards = ArrayField(models.CharField(max_length=20))
    pass_mark = models.PositiveSmallIntegerField(default=80)
    exam_questions = models.PositiveSmallIntegerField(default=50)
    exam_minutes = models.PositiveSmallIntegerField(default=60)
    exam_attempts = models.PositiveSmallIntegerField(default=3)
    staff_per_supervisor = models.PositiveSmallIntegerField(default=6)
    min_schooling = models.CharField(max_length=20, blank=True)
    min_age = models.PositiveSmallIntegerField(null=True, blank=True)
    max_age = models.PositiveSmallIntegerField(null=True, blank=True)
    run_cap_percent = models.PositiveSmallIntegerField(default=30)
    area_suffix_digits = models.PositiveSmallIntegerField(default=3)
    legal_basis = models.TextField()
    legal_checked_on = models.DateField()
    # setting -> citation; a setting that is not named here is the office's own (本机构设定).
    sources = models.JSONField(default=dict)
    region_edition = models.PositiveSmallIntegerField(default=2023)
    opened_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^\d{2}$"), name="census_code_digits"),
            models.CheckConstraint(
                condition=Q(execute_at__gte=F("deadline_at")), name="census_execute_after_deadline"
            ),
            models.CheckConstraint(
                condition=Q(pass_mark__gte=1, pass_mark__lte=100), name="census_pass_mark"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def local(self, at: datetime) -> datetime:
        """Return `at` on the clock of this census."""
        return at.astimezone(ZoneInfo(self.zone))


class Phase(models.Model):
    """A stretch of the census calendar."""

    census = models.ForeignKey(Census, models.CASCADE, related_name="phases")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["census", "code"], name="phase_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="phase_ends"),
        ]
        ordering = ("starts_on",)

    def __str__(self) -> str:
        return self.name


class TimeChange(models.Model):
    """A wish to move the deadline or the execution time; it takes effect with a second person."""

    census = models.ForeignKey(Census, models.PROTECT, related_name="time_changes")
    deadline_at = models.DateTimeField()
    execute_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(approved_by=F("made_by")), name="time_change_second_person"
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None) | Q(approved_by__isnull=False),
                name="time_change_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None) | Q(refused_at=None), name="time_change_one_decision"
            ),
            models.CheckConstraint(
                condition=Q(execute_at__gte=F("deadline_at")), name="time_change_order"
            ),
            models.UniqueConstraint(
                fields=["census"],
                condition=Q(approved_at=None, refused_at=None),
                name="one_open_time_change",
            ),
        ]
