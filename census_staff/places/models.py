"""Places: the statistical regions of each yearly edition, and the tree of offices."""

from django.db import models
from django.db.models import Q


class RegionLevel(models.TextChoices):
    PROVINCE = "province", "Province"
    CITY = "city", "City"
    COUNTY = "county", "County"
    TOWNSHIP = "township", "Township"
    VILLAGE = "village", "Village"


class Region(models.Model):
    """A statistical region of one yearly edition; codes are 12 digits and always text."""

    edition = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=12, db_collation="C")
    level = models.CharField(max_length=10, choices=RegionLevel.choices)
    name = models.CharField(max_length=100)
    parent_code = models.CharField(max_length=12, blank=True, db_collation="C")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="region_once_per_edition"),
            models.CheckConstraint(condition=Q(code__regex=r"^\d{12}$"), name="region_code_digits"),
        ]
        indexes = [models.Index(fields=["edition", "parent_code"], name="region_children")]

    def __str__(self) -> str:
        return f"{self.name} {self.code}"


class OfficeLevel(models.IntegerChoices):
    """From the top of the tree to its leaves; a smaller number reaches further."""

    PROVINCE = 2, "Province"
    CITY = 4, "City"
    COUNTY = 6, "County"
    TOWNSHIP = 9, "Township"


class OfficeQuerySet(models.QuerySet["Office"]):
    def below(self, path: str) -> "OfficeQuerySet":
        """Keep the office at `path` and all below it."""
        return self.filter(path__startswith=path)


class Office(models.Model):
    """A census office. Scope is this tree, not the tree of regions."""

    code = models.CharField(max_length=12, unique=True, db_collation="C")
    region_code = models.CharField(max_length=12, db_collation="C")
    name = models.CharField(max_length=100)
    short_name = models.CharField(max_length=40)
    level = models.PositiveSmallIntegerField(choices=OfficeLevel.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    # Codes from the root, each closed by a dot: "34.3415.341502." so that a prefix is a subtree.
    path = models.CharField(max_length=80, unique=True, db_collation="C")
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)
    hours = models.CharField(max_length=100, blank=True)

    objects = OfficeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(path__endswith="."), name="office_path_closed"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def county_code(self) -> str:
        """Return the six-digit code that numbers issued by this office carry."""
        return self.region_code[:6]
