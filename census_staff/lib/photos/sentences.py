"""Why a photo or a zip of photos was refused, in full sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

SENTENCES: dict[str, _StrPromise] = {
    "photo_too_large_upload": _(
        "The photo file is larger than 20 MB. Please choose a smaller one."
    ),
    "photo_too_large": _("The photo file is too large and was left out."),
    "photo_too_large_pixels": _(
        "The photo has more than 25 million pixels. Please take it with a lower resolution."
    ),
    "photo_unreadable": _(
        "The photo cannot be read. Please choose an undamaged JPEG or PNG photo."
    ),
    "photo_too_small": _("The photo is too small to print: it needs at least 240 by 336 pixels."),
    "photo_wrong_kind": _("This file is no JPEG or PNG photo and was left out."),
    "photo_zip_damaged": _(
        "The zip file is damaged or no zip file at all. Please pack the photos again."
    ),
    "photo_zip_too_large": _(
        "The zip file holds too many or too large files. Please split it by township."
    ),
    "photo_zip_unsafe": _(
        "The zip file holds links or paths that lead out of it. Please pack the photos "
        "again, without links."
    ),
    "photo_zip_encrypted": _(
        "The zip file is protected by a password. Please pack it without one."
    ),
}
