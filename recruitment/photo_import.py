"""A zip of portraits named by ID number: matched, cleaned, kept, with a report of the rest."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from census_staff.censuses.models import Census
from census_staff.lib import idcard, photos
from census_staff.lib.crypto import digest
from census_staff.lib.errors import Refused
from census_staff.people.models import Photo
from census_staff.places.models import Office

from . import files, uploads
from .models import RosterFile, RosterRow, Staff
from .roster_words import remark

Outcome = RosterRow.Outcome
MOST_BYTES = 300 * 2**20
# Read while the user waits; larger ones are read by the worker.
AT_ONCE_BYTES = 2_000_000
CHUNK = 25
NUMBER = re.compile(r"(?<!\d)\d{17}[\dX](?!\d)")


def take_in(
    pieces: Iterable[bytes], *, name: str, census: Census, office: Office, actor: Any
) -> RosterFile:
    """Return the stored zip, waiting to be read; what is no honest zip is refused at once."""
    return uploads.keep(
        pieces,
        require=_require_zip,
        most=MOST_BYTES,
        too_large=Refused(
            "photo_zip_too_large",
            _("The zip file holds too many or too large files. Please split it by township."),
            field="photos",
        ),
        name=name,
        census=census,
        office=office,
        made_by_id=actor.pk,
        kind=RosterFile.Kind.PHOTOS,
    )


def _require_zip(path: Path) -> None:
    if not photos.list_zip(path):
        raise Refused("photo_zip_empty", _("The zip file holds no photos. Please pack them again."))


def read_waiting() -> None:
    """Read every zip that waits. The poller's work."""
    waiting = RosterFile.objects.filter(
        reading=RosterFile.Reading.WAITING, kind=RosterFile.Kind.PHOTOS
    )
    for key in list(waiting.order_by("pk").values_list("pk", flat=True)):
        read(key)


def read(file_id: int) -> None:
    """Take the photos of a waiting zip; a reader that is killed is followed by one that goes on."""
    if not uploads.begin(file_id):
        return
    file = RosterFile.objects.get(pk=file_id)
    try:
        with files.opened(file.stored) as path:
            entries = photos.list_zip(path)
            for at in range(0, len(entries), CHUNK):
                if not _take(file_id, path, entries[at : at + CHUNK], len(entries)):
                    return
    except Refused as refused:
        with transaction.atomic():
            waiting = uploads.claim(file_id)
            if waiting is not None:
                uploads.give_up(waiting, refused)
        return
    with transaction.atomic():
        done = uploads.claim(file_id)
        if done is not None:
            done.reading = RosterFile.Reading.READ
            done.save(update_fields=["reading"])


def _take(file_id: int, path: Path, chunk: list[photos.ZipEntry], total: int) -> bool:
    """Keep some photos with their marks in one transaction; return whether the file is ours."""
    with transaction.atomic():
        file = uploads.claim(file_id)
        if file is None:
            return False
        seen = set(
            RosterRow.objects.filter(
                file=file, number__in=[entry.number for entry in chunk]
            ).values_list("number", flat=True)
        )
        rows = list(_rows(file, path, [entry for entry in chunk if entry.number not in seen]))
        RosterRow.objects.bulk_create(rows)
        counts = dict(file.counts)
        for row in rows:
            counts[row.outcome] = counts.get(row.outcome, 0) + 1
        # Progress begins the tries anew: only a photo that kills its reader repeatedly counts.
        file.counts = counts | {"rows": total, "tries": 1 if rows else counts.get("tries", 1)}
        file.save(update_fields=["counts"])
        return True


def _rows(file: RosterFile, path: Path, fresh: list[photos.ZipEntry]) -> Iterator[RosterRow]:
    staff = _staff_by_number(file, [entry.stem for entry in fresh])
    newest = _newest([one.person_id for one in staff.values()])
    matched = {
        entry.number: match
        for entry in fresh
        if not entry.refused and (match := staff.get(number_in(entry.stem)))
    }
    # Pictures of nobody are not even opened; the others share one child.
    drawn = {one.number: one for one in photos.portraits(path, list(matched))}
    for entry in fresh:
        row = RosterRow(file=file, number=entry.number, line=json.dumps({"photo": entry.name}))
        match, made = matched.get(entry.number), drawn.get(entry.number)
        refused = entry.refused or (made.refused if made else None)
        if refused or match is None or made is None:
            row.errors = [remark("photo_name", refused.code if refused else "photo_unmatched")]
            row.outcome = Outcome.ERROR
        else:
            row.staff_id = match.pk
            row.outcome = _keep(file, match, made.jpeg, newest)
        yield row


def _keep(file: RosterFile, match: Staff, jpeg: bytes, newest: dict[int, str]) -> str:
    """Keep a portrait that is not the person's newest already; return what became of it."""
    sha = hashlib.sha256(jpeg).hexdigest()
    if newest.get(match.person_id) == sha:
        return str(Outcome.UNCHANGED)
    Photo.objects.create(
        person_id=match.person_id, jpeg=jpeg, sha256=sha, added_by_id=file.made_by_id
    )
    newest[match.person_id] = sha
    return str(Outcome.CREATE)


def number_in(stem: str) -> str:
    """Return the ID number in a file name, empty without one."""
    found = NUMBER.search(idcard.normalise(stem))
    return found[0] if found else ""


def _staff_by_number(file: RosterFile, stems: list[str]) -> dict[str, Staff]:
    """Return the records within the uploader's reach, by the ID numbers in the names."""
    digests = {digest("id", number): number for number in map(number_in, stems) if number}
    rows = Staff.objects.allowed(file.made_by, "staff.photo").live().filter(census=file.census_id)
    chosen = rows.filter(person__id_digest__in=list(digests)).select_related("person")
    return {digests[bytes(one.person.id_digest)]: one for one in chosen}


def _newest(people: list[int]) -> dict[int, str]:
    rows = Photo.objects.filter(person__in=people).order_by("person_id", "-pk")
    return dict(rows.distinct("person_id").values_list("person_id", "sha256"))
