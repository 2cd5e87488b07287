"""The summary of the boards above the city: the numbers of each office, and what changed since."""

from django.db import models

from census_staff.accounts.scope import ScopedQuerySet


class TallyQuerySet(ScopedQuerySet):
    person_lookup = None


class Tally(models.Model):
    """The numbers of an office's own people; those of a province are sums of these."""

    census = models.ForeignKey("censuses.Census", models.PROTECT, related_name="+")
    office = models.ForeignKey("places.Office", models.PROTECT, related_name="+")
    # One for each of recruitment/board.py's NUMBERS.
    entered = models.PositiveIntegerField()
    reviewed = models.PositiveIntegerField()
    trained = models.PositiveIntegerField()
    passed = models.PositiveIntegerField()
    pledged = models.PositiveIntegerField()
    carded = models.PositiveIntegerField()
    on_duty = models.PositiveIntegerField()
    supervisors = models.PositiveIntegerField()
    enumerators = models.PositiveIntegerField()
    slow = models.PositiveIntegerField()
    due = models.PositiveIntegerField()
    offline = models.PositiveIntegerField()
    returned = models.PositiveIntegerField()
    reminded = models.PositiveIntegerField()
    disabled = models.PositiveIntegerField()
    experienced = models.PositiveIntegerField()
    educated = models.PositiveIntegerField()

    objects = TallyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["census", "office"], name="tally_once"),
        ]


class TallyTime(models.Model):
    """The moment that a census's numbers are of: all of them were counted in one snapshot."""

    census = models.OneToOneField("censuses.Census", models.PROTECT, related_name="+")
    at = models.DateTimeField()


class TallyMark(models.Model):
    """Something that numbers depend on was written; triggers say so in the same transaction.

    Of a person (wherever they serve when it is counted), of an office, or of the whole census.
    """

    census = models.ForeignKey(
        "censuses.Census", models.DO_NOTHING, related_name="+", db_constraint=False
    )
    office_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
