"""Anything in bulk: who wants it, who agreed, what happened to each item, how far it is."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from census_staff.accounts.scope import ScopedQuerySet

from .states import BatchState, ItemState

# States that only a second person opens, for the kinds that need one.
AGREED = (BatchState.APPROVED, BatchState.RUNNING, BatchState.STOPPED, BatchState.DONE)


class BatchQuerySet(ScopedQuerySet):
    person_lookup = None

    def due(self, at: object) -> Self:
        """Keep the batches that wait for their time, or are under way."""
        waiting = Q(state=BatchState.APPROVED) & (Q(due_at=None) | Q(due_at__lte=at))
        return self.filter(waiting | Q(state__in=(BatchState.RUNNING, BatchState.UNDOING)))


class Batch(models.Model):
    """A long job that a person started."""

    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=120, blank=True)
    census = models.ForeignKey("censuses.Census", models.PROTECT, related_name="+")
    office = models.ForeignKey("places.Office", models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=BatchState.choices, default=BatchState.DRAFT)
    params = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    needs_second = models.BooleanField(default=False)
    frozen_at = models.DateTimeField(null=True)
    frozen_sha256 = models.CharField(max_length=64, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    stop_code = models.CharField(max_length=40, blank=True)
    undo_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    undo_approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = BatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=BatchState.values), name="batch_state_word"
            ),
            models.CheckConstraint(
                condition=~Q(approved_by=F("made_by"), needs_second=True),
                name="batch_second_person",
            ),
            models.CheckConstraint(
                condition=Q(needs_second=False)
                | ~Q(state__in=AGREED)
                | Q(approved_by__isnull=False),
                name="batch_approved",
            ),
            models.CheckConstraint(
                condition=~Q(undo_approved_by=F("undo_asked_by")), name="batch_undo_second_person"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(BatchState.UNDOING, BatchState.UNDONE))
                | Q(undo_approved_by__isnull=False),
                name="batch_undo_approved",
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=(BatchState.UNDO_ASKED, BatchState.UNDOING, BatchState.UNDONE)
                )
                | Q(undo_asked_by__isnull=False),
                name="batch_undo_asked_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(BatchState.RUNNING, BatchState.DONE))
                | Q(started_at__isnull=False),
                name="batch_begun",
            ),
            models.CheckConstraint(
                condition=Q(due_at=None) | Q(started_at=None) | Q(started_at__gte=F("due_at")),
                name="batch_begun_when_due",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="batch_due"),
            models.Index(fields=["office", "-id"], name="batch_office"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class BatchItem(models.Model):
    """One target of a batch, what became of it and what it was before."""

    # The constraints below begin with the batch; items of an office are asked for within one.
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="items", db_index=False)
    # Order of work; unique, so that a frozen list has one reading.
    position = models.PositiveIntegerField()
    target_id = models.BigIntegerField()
    office = models.ForeignKey(
        "places.Office", models.PROTECT, null=True, related_name="+", db_index=False
    )
    state = models.CharField(max_length=8, choices=ItemState.choices, default=ItemState.PENDING)
    reason = models.CharField(max_length=60, blank=True)
    facts = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="item_position"),
            models.UniqueConstraint(fields=["batch", "target_id"], name="item_once"),
            models.CheckConstraint(condition=Q(state__in=ItemState.values), name="item_state_word"),
        ]
        indexes = [
            models.Index(
                fields=["batch", "position"],
                condition=Q(state=ItemState.PENDING),
                name="item_pending",
            ),
            models.Index(fields=["batch", "state", "position"], name="item_state"),
        ]
