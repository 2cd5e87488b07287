"""The files of units: those shipped with the product, and those an office put in; pages of PDFs as pictures."""

import hashlib
import io
import secrets
import threading
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from census_staff.lib.errors import Refused

from .content_files import CONTENT

# Unit.file of an upload begins with this; everything else is shipped.
OURS = "uploads/"
MOST_BYTES = 20 * 2**20
MOST_PAGES = 200
WIDTH, TALLEST = 1080, 3000

# The library behind may be used by one thread at a time.
_one_at_a_time = threading.Lock()


def path_of(name: str) -> Path:
    """Return where a unit's file lies; a name that leads elsewhere is a ValueError."""
    base = settings.PRIVATE_DIR / "courses" if name.startswith(OURS) else CONTENT
    path = (base / name.removeprefix(OURS)).resolve()
    if not path.is_relative_to(base.resolve()):
        raise ValueError("a unit's file lies outside its folder")
    return path


def keep_pdf(data: bytes) -> tuple[str, int]:
    """Return the name under which an uploaded document is kept, and how many pages it has."""
    if len(data) > MOST_BYTES:
        raise Refused("pdf_too_large", _("The document is larger than 20 MB."), field="file")
    pages = _count_pages(data)
    if not 1 <= pages <= MOST_PAGES:
        raise Refused(
            "pdf_pages", _("The document has no page, or more than 200 pages."), field="file"
        )
    name = f"{OURS}{secrets.token_hex(16)}.pdf"
    path = path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(data)
    return name, pages


def page_picture(name: str, number: int) -> bytes:
    """Return one page of a document as a JPEG for a phone, drawn once and kept."""
    path = path_of(name)
    told = path.stat()
    key = hashlib.sha256(f"{name} {told.st_mtime_ns} {told.st_size} {number}".encode()).hexdigest()
    kept: Path = settings.PRIVATE_DIR / "course-pages" / f"{key}.jpg"
    if kept.is_file():
        return kept.read_bytes()
    picture = _draw(path, number)
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Written aside and moved: another worker never reads half a picture.
    beside = kept.with_name(f"{key}.{secrets.token_hex(4)}")
    beside.touch(mode=0o600)
    beside.write_bytes(picture)
    beside.replace(kept)
    return picture


def _count_pages(data: bytes) -> int:
    import pypdfium2  # a large library: only who needs it loads it

    try:
        with _one_at_a_time, pypdfium2.PdfDocument(data) as document:
            return len(document)
    except pypdfium2.PdfiumError as error:
        raise Refused(
            "pdf_unreadable",
            _("The file is no PDF document, is damaged, or is protected by a password."),
            field="file",
        ) from error


def _draw(path: Path, number: int) -> bytes:
    import pypdfium2  # see above

    with _one_at_a_time, pypdfium2.PdfDocument(path) as document:
        page = document[number - 1]
        wide, high = page.get_size()
        scale = min(WIDTH / max(wide, 1), TALLEST / max(high, 1))
        picture = page.render(scale=scale).to_pil().convert("RGB")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82, optimize=True, progressive=True)
    return out.getvalue()
