"""People: all personal data, once, found by keyed digest."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.fields.array import ArrayContains  # type: ignore[attr-defined]
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q

from census_staff.lib.crypto import EncryptedTextField, digest


class NameParts(Func):
    """Every character of a name and every two in a row, as the index of names keeps them: Chinese
    names are looked for by one or two characters, which trigrams know nothing of."""

    function = "people_name_parts"
    output_field = ArrayField(models.TextField())


def is_called(text: str, person: str = "", *, everywhere: bool = True) -> Q:
    """True where `text` is part of the name, or begins its pinyin; `person` leads to the person
    ("person__"). `everywhere` looks names up in their index, however short `text` is; who asks
    about few people does better to read their names."""
    named = Q(**{f"{person}name__contains": text})
    if everywhere:
        parts = [text[at : at + 2] for at in range(len(text) - 1)] or [text]
        named &= Q(ArrayContains(NameParts(f"{person}name"), parts))
    if not text.isascii():
        return named
    return named | Q(**{f"{person}name_key__startswith": text.lower()})


class PersonQuerySet(models.QuerySet["Person"]):
    def with_id_number(self, number: str) -> Self:
        """Keep the person with this ID number (18 characters, normalised)."""
        return self.filter(id_digest=digest("id", number))

    def with_phone(self, phone: str) -> Self:
        """Keep the people with this phone number (11 digits, normalised)."""
        return self.filter(phone_digest=digest("phone", phone))

    def lock(self) -> list[int]:
        """Lock these rows in key order and return their keys: whoever adds, voids or asks
        about evidence stands in this queue, so an answer holds until the commit."""
        return list(self.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))


class Person(models.Model):
    """A person, whatever county or census they serve in."""

    id_kind = models.CharField(max_length=20, default="resident")
    id_number = EncryptedTextField()
    id_digest = models.BinaryField(max_length=32, unique=True, editable=False)
    name = models.CharField(max_length=50)
    name_key = models.CharField(max_length=200, db_collation="C")
    phone = EncryptedTextField(null=True)
    phone_digest = models.BinaryField(max_length=32, null=True, editable=False)
    backup_phone = EncryptedTextField(null=True)
    added_at = models.DateTimeField(auto_now_add=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["phone_digest"], name="person_phone"),
            models.Index(fields=["name"], name="person_name", opclasses=["text_pattern_ops"]),
            models.Index(fields=["name_key"], name="person_pinyin"),
            GinIndex(NameParts("name"), name="person_name_parts"),
        ]

    def __str__(self) -> str:
        return f"person {self.pk}"


class Photo(models.Model):
    """A portrait, already without metadata; the newest one counts."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="photos")
    jpeg = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["person", "-id"], name="photo_newest")]

    def __str__(self) -> str:
        return f"photo {self.pk}"


class Correction(models.Model):
    """A change of a person's field: wished, then applied or refused. Old and new stay here."""

    class Field(models.TextChoices):
        NAME = "name"
        PHONE = "phone"
        BACKUP_PHONE = "backup_phone"

    person = models.ForeignKey(Person, models.PROTECT, related_name="corrections")
    census = models.ForeignKey("censuses.Census", models.PROTECT, null=True, related_name="+")
    office = models.ForeignKey("places.Office", models.PROTECT, related_name="+")
    field = models.CharField(max_length=12, choices=Field.choices)
    old_value = EncryptedTextField(null=True)
    new_value = EncryptedTextField()
    reason = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    applied = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(decided_by=F("made_by")), name="correction_second_person"
            ),
            models.CheckConstraint(
                condition=Q(applied=False) | Q(decided_at__isnull=False), name="correction_decided"
            ),
            models.UniqueConstraint(
                fields=["person", "field"],
                condition=Q(decided_at=None),
                name="one_open_correction",
            ),
        ]
