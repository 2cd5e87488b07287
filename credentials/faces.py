"""What will be printed on which card, read from the rows: the bridge to the pure faces."""

import io
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F
from PIL import Image

from census_staff.lib.errors import Refused
from census_staff.lib.text_runs import MissingGlyph
from census_staff.people.models import Photo
from census_staff.places.models import Office, Region
from recruitment.models import Staff

from .card_faces import CardFace, blocked
from .models import Card

# A card is a Chinese document whatever language its printer reads.
ROLE_NAMES = {"enumerator": "普查员", "supervisor": "普查指导员"}
MANY = "等{}个村"
SHOWN_VILLAGES = 2


class Drawn(NamedTuple):
    """A face and the photo it was made with."""

    face: CardFace
    photo_id: int | None


def host() -> str:
    """Return the host that a card's QR code names."""
    return urlsplit(settings.SITE_URL).netloc


OF_CARD = {
    "role": F("role"),
    "person": F("person_id"),
    "full_name": F("person__name"),
    "census_title": F("census__name"),
    "regions": F("census__region_edition"),
    "areas": F("staff__areas"),
    "office_region": F("staff__office__region_code"),
    "office_name": F("staff__office__short_name"),
    "number": F("number_id"),
    "issuer": F("issuer__name"),
    "issuer_short": F("issuer__short_name"),
    "hotline": F("issuer__phone"),
}
OF_STAFF = {
    "full_name": F("person__name"),
    "person": F("person_id"),
    "census_title": F("census__name"),
    "regions": F("census__region_edition"),
    "office_region": F("office__region_code"),
    "office_name": F("office__short_name"),
}


def faces_of(keys: Iterable[int]) -> dict[int, Drawn]:
    """Return the face of each of these cards, with its holder's newest photo."""
    return _drawn(_rows_of(keys))


def _drawn(rows: list[dict[str, Any]]) -> dict[int, Drawn]:
    people = {row["x_person"] for row in rows}
    newest = Photo.objects.filter(person__in=people).order_by("person_id", "-pk")
    photos = {
        person: (pk, bytes(jpeg))
        for person, pk, jpeg in newest.distinct("person_id").values_list("person_id", "pk", "jpeg")
    }
    names = region_names(rows)
    found = {}
    for row in rows:
        photo_id, jpeg = photos.get(row["x_person"], (None, b""))
        found[row["pk"]] = Drawn(_face(row, names, jpeg), photo_id)
    return found


def _face(row: Mapping[str, Any], names: "Names", photo: bytes) -> CardFace:
    return CardFace(
        number=row["x_number"],
        token=row["token"],
        full_name=row["x_full_name"],
        role_name=ROLE_NAMES[row["x_role"]],
        census_title=row["x_census_title"],
        edition=row["edition"],
        issuer=row["x_issuer"],
        issuer_short=row["x_issuer_short"],
        area=area_words(row["x_areas"] or [row["x_office_region"]], names, row["x_regions"]),
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        host=host(),
        hotline=row["x_hotline"],
        township=names.get((row["x_regions"], row["x_office_region"])) or row["x_office_name"],
        photo=photo,
    )


def problems_of_staff(keys: Iterable[int], issuer: Office) -> dict[int, Refused]:
    """Return why cards of these staff records could not be printed, before they have numbers."""
    return _problems(_rows_of_staff(keys, issuer))


def faces_of_staff(keys: Iterable[int], issuer: Office) -> dict[int, Drawn]:
    """Return faces as they will be, with a number of noughts."""
    return _drawn(_rows_of_staff(keys, issuer))


def _rows_of_staff(keys: Iterable[int], issuer: Office) -> list[dict[str, Any]]:
    rows = list(
        Staff.objects.filter(pk__in=list(keys))
        .order_by()
        .values(
            "pk",
            *("role", "areas"),
            **{f"x_{name}": value for name, value in OF_STAFF.items()},
            valid_from=F("census__fieldwork_from"),
            valid_until=F("census__fieldwork_until"),
        )
    )
    promised = {
        "x_number": "0" * 16,
        "token": "A" * 32,
        "edition": 1,
        "x_issuer": issuer.name,
        "x_issuer_short": issuer.short_name,
        "x_hotline": issuer.phone,
    }
    for row in rows:
        row |= promised | {"x_role": row["role"], "x_areas": row["areas"]}
    return rows


def problems_of(keys: Iterable[int]) -> dict[int, Refused]:
    """Return why these cards cannot be printed, without looking into their photos."""
    return _problems(_rows_of(keys))


def _rows_of(keys: Iterable[int]) -> list[dict[str, Any]]:
    plain = ("pk", "token", "edition", "valid_from", "valid_until")
    rows = Card.objects.filter(pk__in=list(keys)).order_by()
    return list(rows.values(*plain, **{f"x_{name}": value for name, value in OF_CARD.items()}))


def _problems(rows: list[dict[str, Any]]) -> dict[int, Refused]:
    people = {row["x_person"] for row in rows}
    shown = set(Photo.objects.filter(person__in=people).values_list("person_id", flat=True))
    names = region_names(rows)
    found = {}
    for row in rows:
        photo = _any_photo() if row["x_person"] in shown else b""
        if why := blocked(_face(row, names, photo)):
            found[row["pk"]] = why
    return found


@cache
def _any_photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1, 1)).save(out, "JPEG")
    return out.getvalue()


Names = Mapping[tuple[int, str], str]


def region_names(rows: Iterable[Mapping[str, Any]]) -> Names:
    """Return the names of all regions these rows speak of, with those above them."""
    wanted: dict[int, set[str]] = {}
    for row in rows:
        codes = {*(row["x_areas"] or ()), row["x_office_region"]}
        wanted.setdefault(row["x_regions"], set()).update(
            above for code in codes for above in (code, _township(code), _county(code))
        )
    return {
        (edition, code): name
        for edition, codes in wanted.items()
        for code, name in Region.objects.filter(edition=edition, code__in=codes).values_list(
            "code", "name"
        )
    }


def area_words(codes: Iterable[str], names: Names, edition: int) -> str:
    """Return the area in words: the county on a line, then towns with the villages in them."""
    towns: dict[str, list[str]] = {}
    counties: dict[str, None] = {}
    for code in codes:
        counties[names.get((edition, _county(code)), "")] = None
        villages = towns.setdefault(names.get((edition, _township(code)), ""), [])
        if code not in (_township(code), _county(code)) and (edition, code) in names:
            villages.append(names[edition, code])
    parts = [" ".join(filter(None, (town, _villages(names)))) for town, names in towns.items()]
    lines = ("、".join(filter(None, counties)), "、".join(filter(None, parts)))
    return "\n".join(filter(None, lines))


def _villages(names: list[str]) -> str:
    if len(names) <= SHOWN_VILLAGES:
        return "、".join(names)
    return names[0] + MANY.format(len(names))


def _township(code: str) -> str:
    return code[:9] + "000"


def _county(code: str) -> str:
    return code[:6] + "000000"


def reason_of(why: Refused) -> str:
    """Return a refusal as the short code that an item keeps, naming the characters."""
    if isinstance(why, MissingGlyph):
        return f"{why.code}:{','.join(why.details['characters'])}"[:60]
    return why.code
