"""Print batches: which cards go on which sheets, and what was really printed."""

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from psycopg2.extras import Json, execute_values

from census_staff.audit.services import record
from census_staff.batches.models import Batch
from census_staff.batches.states import ItemState
from census_staff.lib.errors import Refused

from . import private_files
from .card_faces import CardFace, CardSize, blocked
from .card_pdf import unreadable, write_cards
from .faces import Drawn, faces_of, reason_of
from .lifecycle import CARD
from .models import Card, PrintFile
from .receipt_pdf import Receipt, write_receipts
from .states import CardState
from .telling import tell_holders

# Cards of one file: fifty sheets of badges, read back in seconds.
PER_FILE = 200
KEPT_FOR = timedelta(days=30)
SIZES = {"badge": CardSize.BADGE, "id1": CardSize.ID1}


@dataclass(frozen=True)
class Printed:
    """What became of the cards of one file: those printed, and why the others were not."""

    done: list[int]
    refused: dict[int, str]


def print_part(batch: Batch, keys: list[int], *, part: int, first: int, at: datetime) -> Printed:
    """Print these cards, in this order, as one file of the batch, and mark them as printed.

    Runs inside the runner's transaction: a file without its commit is written again.
    """
    refused = _locked_and_asked(keys)
    drawn = faces_of(key for key in keys if key not in refused)
    for key, one in list(drawn.items()):
        if why := blocked(one.face):
            refused[key] = reason_of(why)
            del drawn[key]
    ordered = [key for key in keys if key in drawn]
    pdf, illegible = legible_pdf(batch, [drawn[key].face for key in ordered], part, at)
    for key in ordered:
        if drawn[key].face.number in illegible:
            refused[key] = "qr_unreadable"
    done = [key for key in ordered if key not in refused]
    if done:
        _keep(batch, pdf, part=part, first=first, cards=len(done), at=at)
        _snapshot({key: drawn[key] for key in done})
        CARD.advance(Card.objects.filter(pk__in=done), "print", actor=batch.made_by, batch=batch.pk)
        tell_holders("card_ready", done, at)
    return Printed(done, refused)


def _locked_and_asked(keys: list[int]) -> dict[int, str]:
    """Lock the cards in key order, then return why some of them are not to be printed."""
    rows = Card.objects.filter(pk__in=keys)
    list(rows.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))
    waiting = set(rows.filter(state=CardState.NUMBERED).values_list("pk", flat=True))
    serving = set(rows.serving().values_list("pk", flat=True))
    reasons = {key: "not_serving" for key in keys if key not in serving}
    return reasons | {key: "wrong_state" for key in keys if key not in waiting}


def legible_pdf(
    batch: Batch, faces: list[CardFace], part: int, at: datetime
) -> tuple[bytes, set[str]]:
    """Return the sheets, every code on them read back, and the numbers left out as illegible."""
    left_out: set[str] = set()
    while faces:
        out = io.BytesIO()
        write_cards(
            out, faces, size=SIZES[batch.params["size"]], title=title(batch, part), made_at=at
        )
        pdf = out.getvalue()
        bad = set(unreadable(pdf, faces))
        if not bad:
            return pdf, left_out
        left_out |= bad
        faces = [face for face in faces if face.number not in bad]
    return b"", left_out


def title(batch: Batch, part: int) -> str:
    """Return the line under the cards of a sheet."""
    # Paper is Chinese, whoever prints it.
    return f"{batch.census.short_name} 制证批次 {batch.pk} 第 {part} 册"


def _keep(batch: Batch, pdf: bytes, *, part: int, first: int, cards: int, at: datetime) -> None:
    name = f"{batch.pk}-{part}.pdf.enc"
    private_files.keep(name, pdf)
    PrintFile.objects.create(
        batch=batch,
        part=part,
        first_position=first,
        cards=cards,
        stored=name,
        sha256=hashlib.sha256(pdf).hexdigest(),
        size=len(pdf),
        made_at=at,
        delete_on=timezone.localdate(at) + KEPT_FOR,
    )


def _snapshot(drawn: dict[int, Drawn]) -> None:
    """Write what is on the paper beside each card, in one statement."""
    rows = [
        (key, Json(one.face.snapshot()), one.face.digest(), one.photo_id)
        for key, one in sorted(drawn.items())
    ]
    with connection.cursor() as cursor:
        execute_values(
            cursor.cursor,
            "UPDATE credentials_card AS c SET face = v.face, face_sha256 = v.digest,"
            " photo_id = v.photo FROM (VALUES %s) AS v (id, face, digest, photo) WHERE c.id = v.id",
            rows,
            template="(%s, %s::jsonb, %s, %s::bigint)",
            page_size=len(rows),
        )


def open_file(file: PrintFile, *, actor: Any) -> bytes:
    """Return the PDF, unaltered; that somebody opened it is kept."""
    if not file.stored:
        raise Refused("file_gone", _("This file was deleted on its date."))
    pdf = private_files.contents(file.stored)
    if hashlib.sha256(pdf).hexdigest() != file.sha256:
        raise Refused("file_altered", _("The file is not the one that was printed."))
    _opened("cards.file_opened", file.batch, file.cards, actor)
    return pdf


def receipts(batch: Batch, *, actor: Any) -> bytes:
    """Return the lists on which holders sign for the cards of a batch, township by township."""
    done = batch.items.filter(state=ItemState.DONE).order_by("position")
    keys = list(done.values_list("target_id", flat=True))
    faces = dict(Card.objects.filter(pk__in=keys, face__isnull=False).values_list("pk", "face"))
    out = io.BytesIO()
    lines = [_receipt(faces[key]) for key in keys if key in faces]
    write_receipts(
        out,
        lines,
        census=batch.census.name,
        batch=f"制证批次 {batch.pk}",
        made_at=timezone.now(),
    )
    _opened("cards.receipts_opened", batch, len(lines), actor)
    return out.getvalue()


def _receipt(face: dict[str, Any]) -> Receipt:
    return Receipt(
        township=face["township"],
        full_name=face["full_name"],
        role_name=face["role_name"],
        number=face["number"],
        edition=face["edition"],
    )


def _opened(event: str, batch: Batch, count: int, actor: Any) -> None:
    record(
        event,
        actor=actor,
        subject="batches_batch",
        subject_id=batch.pk,
        office_id=batch.office_id,
        census_id=batch.census_id,
        details={"cards": count},
    )


def sweep(at: datetime) -> int:
    """Delete the files whose date has come and return how many."""
    due = PrintFile.objects.filter(delete_on__lte=timezone.localdate(at)).exclude(stored="")
    for file in due:
        private_files.remove(file.stored)
        PrintFile.objects.filter(pk=file.pk).update(stored="")
    private_files.sweep()
    return len(due)
