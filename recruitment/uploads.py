"""Files that wait to be read: kept, claimed by one reader at a time, given up after some tries."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from census_staff.censuses.models import Census, CensusStage
from census_staff.lib.errors import Refused
from census_staff.lib.sheets.sentences import SENTENCES

from . import files
from .models import RosterFile

Reading = RosterFile.Reading
# A file that ended its reader so often is not read again.
TRIES = 3


def keep(
    pieces: Iterable[bytes],
    *,
    require: Callable[[Path], None],
    most: int,
    too_large: Refused,
    name: str,
    census: Census,
    **more: Any,
) -> RosterFile:
    """Return the upload, stored and waiting; what `require` refuses leaves nothing behind."""
    if census.stage != CensusStage.LIVE:
        raise Refused(
            "census_closed",
            _("This census is closed; nothing is entered in it any more. Please choose another."),
        )
    stored = files.store(pieces)
    try:
        if stored.size > most:
            raise too_large
        with files.opened(stored.name, suffix=".xlsx") as path:
            require(path)
        return RosterFile.objects.create(
            census=census,
            name=tidy_name(name),
            stored=stored.name,
            size=stored.size,
            sha256=stored.sha256,
            delete_on=files.day_of_deletion(),
            **more,
        )
    except BaseException:
        files.remove(stored.name)
        raise


def tidy_name(name: str) -> str:
    """Return a file name that can be shown."""
    shown = "".join(one for one in name if one.isprintable())
    return shown.replace("\\", "/").rsplit("/", 1)[-1][-120:] or "roster.xlsx"


def claim(file_id: int) -> RosterFile | None:
    """Return the waiting file locked, or None where another reader has it."""
    rows = RosterFile.objects.select_for_update(skip_locked=True, no_key=True)
    return rows.filter(pk=file_id, reading=Reading.WAITING).exclude(stored="").first()


def begin(file_id: int) -> bool:
    """Count the try before it is made: a file that kills its reader must not kill the next one."""
    with transaction.atomic():
        file = claim(file_id)
        # A full disk is no fault of the file's: it waits, and its tries are not used up.
        if file is None or not files.is_room_for(file.size):
            return False
        tries = file.counts.get("tries", 0) + 1
        if tries > TRIES:
            code = "workbook_too_complex"
            give_up(file, Refused(code, SENTENCES[code]))
            return False
        file.counts = file.counts | {"tries": tries}
        file.save(update_fields=["counts"])
        return True


def give_up(file: RosterFile, refused: Refused) -> None:
    """Keep why the file is not read, in both languages."""
    with override("en"):
        english = str(refused.sentence)
    with override("zh-hans"):
        file.refusal = str(refused.sentence)[:300]
    file.reading = Reading.UNREADABLE
    file.counts = {"refusal": refused.code, "en": english}
    file.save(update_fields=["reading", "refusal", "counts"])
