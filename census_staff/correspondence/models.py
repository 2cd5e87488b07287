"""What the office says to people: rows first, delivery after, receipts when they are read."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from census_staff.accounts.scope import ScopedQuerySet


class NoticeQuerySet(ScopedQuerySet):
    def waiting(self, at: object) -> Self:
        """Keep the notices whose time has come and that were not delivered."""
        return self.filter(sent_at=None, due_at__lte=at)

    def unread(self) -> Self:
        """Keep the delivered notices that nobody has opened."""
        return self.filter(read_at=None, sent_at__isnull=False)


class Notice(models.Model):
    """A message to a person (field staff) or a user (office), told in words by its kind."""

    kind = models.CharField(max_length=40)
    # The indexes below begin with person and user; of census and office alone nobody asks.
    person = models.ForeignKey(
        "people.Person", models.PROTECT, null=True, related_name="notices", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="notices",
        db_index=False,
    )
    census = models.ForeignKey(
        "censuses.Census", models.PROTECT, null=True, related_name="+", db_index=False
    )
    office = models.ForeignKey(
        "places.Office", models.PROTECT, null=True, related_name="+", db_index=False
    )
    # Codes, dates and counts that fill the words; never personal data.
    facts = models.JSONField(default=dict)
    # Says a thing once: (kind, person, subject) of a wave, a batch, a card.
    once_key = models.CharField(max_length=80, null=True, unique=True)
    batch_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(user__isnull=False), name="notice_to_somebody"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(sent_at=None), name="notice_waiting"),
            models.Index(fields=["person", "-id"], name="notice_person"),
            models.Index(fields=["user", "-id"], name="notice_user"),
            models.Index(fields=["batch_id", "person"], name="notice_batch"),
        ]
