"""Writes on people: found or made by digest, photographed, corrected with history."""

import hashlib
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.lib import names, phones, photos
from census_staff.lib.crypto import digest
from census_staff.lib.errors import Refused

from .models import Correction, Person, Photo

FIELDS = Correction.Field


def find_or_create(
    *,
    id_number: str,
    name: str,
    phone: str,
    id_kind: str = "resident",
    backup_phone: str = "",
) -> tuple[Person, bool]:
    """Return the person with this ID number, made if unknown, and whether they were made.

    All values are in stored form. A known person is returned as they are: whoever finds another
    name or phone in hand proposes a correction.
    """
    known = Person.objects.with_id_number(id_number).first()
    if known is not None:
        return known, False
    made = Person(
        id_kind=id_kind,
        id_number=id_number,
        id_digest=digest("id", id_number),
        name=name,
        name_key=names.pinyin_key(name),
        phone=phone or None,
        phone_digest=digest("phone", phone) if phone else None,
        backup_phone=backup_phone or None,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        # Somebody entered the same person a moment ago.
        return Person.objects.with_id_number(id_number).get(), False
    return made, True


def add_photo(person: Person, data: bytes, *, actor: Any) -> Photo:
    """Return the new portrait of the person; the picture is refused if it cannot be printed."""
    jpeg = photos.normalise(data)
    return Photo.objects.create(
        person=person,
        jpeg=jpeg,
        sha256=hashlib.sha256(jpeg).hexdigest(),
        added_by_id=actor.pk,
    )


def checked(field: str, value: str) -> str:
    """Return a new value of a field in its stored form, or refuse it."""
    if field == FIELDS.NAME:
        return names.parse(value)
    if field == FIELDS.PHONE:
        return phones.parse(value)
    return phones.parse_any(value) if value.strip() else ""


def propose_correction(
    person: Person,
    *,
    field: str,
    value: str,
    actor: Any,
    office_id: int,
    census_id: int | None = None,
    reason: str = "",
) -> Correction | None:
    """Return the open wish to change a field, or None where the field already says so.

    The same wish twice is one wish; a different one takes the place of the older.
    """
    old, new = getattr(person, field) or "", checked(field, value)
    if new == old:
        return None
    with transaction.atomic():
        Person.objects.filter(pk=person.pk).lock()
        waiting = Correction.objects.filter(person=person, field=field, decided_at=None).first()
        if waiting is not None and waiting.new_value == new:
            return waiting
        if waiting is not None:
            waiting.decided_at = timezone.now()
            waiting.save(update_fields=["decided_at"])
        return Correction.objects.create(
            person=person,
            field=field,
            old_value=old,
            new_value=new,
            reason=reason,
            office_id=office_id,
            census_id=census_id,
            made_by_id=actor.pk,
        )


def apply_correction(correction: Correction, *, actor: Any) -> Person:
    """Write the new value into the person and return them; a second person must say so."""
    with transaction.atomic():
        Person.objects.filter(pk=correction.person_id).lock()
        waiting = _waiting(correction, actor)
        person = Person.objects.get(pk=waiting.person_id)
        # What the field said when it changed is the history, not what it said when it was asked.
        waiting.old_value = getattr(person, waiting.field) or ""
        _write(person, waiting.field, waiting.new_value)
        _decide(waiting, actor, applied=True)
        return person


def refuse_correction(correction: Correction, *, actor: Any) -> None:
    """Close the wish without changing the person; a second person must say so."""
    with transaction.atomic():
        Person.objects.filter(pk=correction.person_id).lock()
        _decide(_waiting(correction, actor), actor, applied=False)


def write_directly(
    person: Person, *, field: str, value: str, actor: Any, office_id: int, census_id: int | None
) -> None:
    """Change a field before anybody reviewed the person; the history keeps old and new."""
    old, new = getattr(person, field) or "", checked(field, value)
    if new == old:
        return
    Correction.objects.create(
        person=person,
        field=field,
        old_value=old,
        new_value=new,
        office_id=office_id,
        census_id=census_id,
        made_by_id=actor.pk,
        decided_at=timezone.now(),
        applied=True,
    )
    _write(person, field, new)


def _waiting(correction: Correction, actor: Any) -> Correction:
    found = Correction.objects.select_for_update(no_key=True).get(pk=correction.pk)
    if found.decided_at is not None:
        raise Refused("decided_already", _("Somebody has already decided this correction."))
    if found.made_by_id == actor.pk:
        raise Refused("second_person", _("A second person must approve this."))
    return found


def _decide(correction: Correction, actor: Any, *, applied: bool) -> None:
    correction.decided_by_id = actor.pk
    correction.decided_at = timezone.now()
    correction.applied = applied
    correction.save()


def _write(person: Person, field: str, value: str) -> None:
    setattr(person, field, value or None)
    if field == FIELDS.NAME:
        person.name_key = names.pinyin_key(value)
    if field == FIELDS.PHONE:
        person.phone_digest = digest("phone", value)
    person.save()
