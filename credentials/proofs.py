"""A card as it will look, drawn as a picture, before anything is printed."""

import io
from dataclasses import replace
from typing import Any

import pypdfium2
from django.utils import timezone

from census_staff.batches.models import Batch
from census_staff.batches.states import BatchState

from . import faces
from .card_faces import CardFace, blocked
from .card_pdf import GRID, cards_pdf, places
from .printing import SIZES

# A code of the right shape that no key ever made: scanned, the proof says that there is no card.
NO_TOKEN = "A" * 32
LOOKED_AT = 200
DPI = 150
MM = 72 / 25.4


def picture(batch: Batch, *, is_back: bool) -> bytes | None:
    """Return the card with the longest name of the batch as PNG, or None without a printable one."""
    face = _longest(batch)
    if face is None:
        return None
    size = SIZES[batch.params.get("size", "badge")]
    pdf = cards_pdf([face], size=size, title="", made_at=timezone.now())
    document = pypdfium2.PdfDocument(pdf)
    page = document[1 if is_back else 0]
    left, top = next(iter(places(size, is_back=is_back)))
    width, height = (side * MM for side in size.value)
    page_width, page_height = page.get_size()
    crop = (
        left * MM,
        page_height - top * MM - height,
        page_width - left * MM - width,
        top * MM,
    )
    image = page.render(scale=DPI / 72, crop=crop).to_pil()
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _longest(batch: Batch) -> CardFace | None:
    keys = list(batch.items.order_by("position").values_list("target_id", flat=True)[:LOOKED_AT])
    if batch.kind == "number":
        drawn = faces.faces_of_staff(keys, batch.office)
    else:
        drawn = faces.faces_of(keys)
    printable = [one.face for one in drawn.values() if blocked(one.face) is None]
    if not printable:
        return None
    return replace(max(printable, key=lambda face: len(face.full_name)), token=NO_TOKEN)


def sheets(batch: Batch, cards: int) -> dict[str, Any]:
    """Return how many cards lie on a sheet and how many sheets the batch takes."""
    columns, rows = GRID[SIZES[batch.params.get("size", "badge")]]
    on_each = columns * rows
    places_of = batch.items.exclude(office=None).values("office").distinct().count()
    return {
        "on_each": on_each,
        "sheets": -(-cards // on_each),
        "lists": places_of,
        "is_preview": batch.state == BatchState.DRAFT,
    }
