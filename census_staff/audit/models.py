"""The record of what happened: append-only, chained by a sealer, without personal data."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Now

from census_staff.accounts.scope import ScopedQuerySet


class EntryQuerySet(ScopedQuerySet):
    person_lookup = None


class Entry(models.Model):
    """One change or one deed. Rows of state changes are written by the database itself."""

    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=60)
    # Table and key of what changed; `event` is a field that moved, or the name of a deed.
    subject = models.CharField(max_length=60)
    subject_id = models.BigIntegerField(null=True)
    event = models.CharField(max_length=40)
    old = models.CharField(max_length=40, blank=True)
    new = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    details = models.JSONField(default=dict)
    batch_id = models.BigIntegerField(null=True)
    # Asked for by `entry_office`; of the census nobody asks.
    office = models.ForeignKey(
        "places.Office",
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    census = models.ForeignKey(
        "censuses.Census",
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    # The writing transaction, so that the sealer takes rows only when none can still appear before.
    txid = models.BigIntegerField(db_default=Func(function="txid_current"))

    objects = EntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(actor=""), name="entry_has_an_actor"),
        ]
        indexes = [
            models.Index(fields=["subject", "subject_id", "-id"], name="entry_subject"),
            models.Index(fields=["office", "-id"], name="entry_office"),
            models.Index(fields=["batch_id", "-id"], name="entry_batch"),
            models.Index(fields=["event", "-id"], name="entry_event"),
            models.Index(fields=["actor", "-id"], name="entry_actor"),
            BrinIndex(fields=["at"], name="entry_at"),
            # The order in which entries are sealed.
            models.Index(fields=["txid", "id"], name="entry_order"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id} {self.event}"


class Seal(models.Model):
    """The place of an entry in the chain, and the hash over it and all before it."""

    number = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="seal")
    hash = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField(db_default=Now())


class Jump(models.Model):
    """A move that some life cycle allows: the database's copy of the step tables."""

    subject = models.CharField(max_length=60)
    field = models.CharField(max_length=20)
    # An empty source: the state in which a row may be born.
    source = models.CharField(max_length=20, blank=True)
    target = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "field", "source", "target"], name="jump_once"
            )
        ]
