"""What a record says, field by field: for the eyes of a reviewer, and as digests of what was seen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from census_staff.lib import idcard, wording
from census_staff.lib.crypto import digest
from census_staff.lib.errors import Refused
from census_staff.lib.text_runs import missing
from census_staff.people.models import Photo
from census_staff.places.models import Region

from .models import Staff
from .words import SCHOOLING_RANK, Hiring, IdKind, Role, Schooling, Source

Words = str | Promise


def _word(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else value


@dataclass(frozen=True)
class RecordField:
    """A field: its label, its value as stored text, and how it is shown (masked)."""

    key: str
    label: Words
    raw: Callable[[Staff], str]
    shown: Callable[[Staff], str]


def _plain(key: str, label: Words, read: Callable[[Staff], Any]) -> RecordField:
    def text(staff: Staff) -> str:
        value = read(staff)
        return str(value) if value else ""

    return RecordField(key, label, text, text)


def _choice(key: str, label: Words, choices: Any) -> RecordField:
    def raw(staff: Staff) -> str:
        return str(getattr(staff, key))

    return RecordField(key, label, raw, lambda staff: _word(choices, raw(staff)))


def birth_and_sex(staff: Staff) -> str:
    """Return what the ID number says of itself, as 男 / 1974年5月; empty where it says nothing."""
    if staff.person.id_kind not in (IdKind.RESIDENT, IdKind.PERMIT):
        return ""
    try:
        said = idcard.parse(staff.person.id_number)
    except Refused:
        return ""
    sex = pgettext("sex", "Male") if said.sex == "male" else pgettext("sex", "Female")
    # Translators: a month of birth. Chinese 1974年5月, English 1974-05.
    month = pgettext("month of birth", "%(year)d-%(month)02d") % {
        "month": said.birth_on.month,
        "year": said.birth_on.year,
    }
    return f"{sex} / {month}"


def photo_of(staff: Staff) -> Photo | None:
    """Return the newest portrait without its bytes."""
    return Photo.objects.filter(person=staff.person_id).defer("jpeg").order_by("-pk").first()


def _photo_sha(staff: Staff) -> str:
    photo = photo_of(staff)
    return photo.sha256 if photo else ""


def _photo_shown(staff: Staff) -> str:
    return _("See left.") if photo_of(staff) else ""


def area_names(staff: Staff) -> dict[str, str]:
    """Return the areas of a record with their names in the census's edition of the regions."""
    known = Region.objects.filter(edition=staff.census.region_edition, code__in=staff.areas)
    found = dict(known.values_list("code", "name"))
    return {code: found.get(code, "") for code in staff.areas}


def _areas_shown(staff: Staff) -> str:
    return "、".join(
        f"{name}（{code}）" if name else code for code, name in area_names(staff).items()
    )


def _supervisor_shown(staff: Staff) -> str:
    above = staff.supervisor
    if above is None:
        return ""
    return f"{above.person.name} · {wording.masked_phone(above.person.phone or '')}"


FIELDS: tuple[RecordField, ...] = (
    _plain("name", gettext_lazy("Full name"), lambda staff: staff.person.name),
    RecordField(
        "id_number",
        gettext_lazy("ID number"),
        lambda staff: staff.person.id_number,
        lambda staff: wording.masked_id(staff.person.id_number),
    ),
    RecordField(
        "phone",
        gettext_lazy("Mobile number"),
        lambda staff: staff.person.phone or "",
        lambda staff: wording.masked_phone(staff.person.phone or ""),
    ),
    RecordField(
        "backup_phone",
        gettext_lazy("Second telephone"),
        lambda staff: staff.person.backup_phone or "",
        lambda staff: wording.masked_phone(staff.person.backup_phone or ""),
    ),
    _choice("role", gettext_lazy("Kind of staff"), Role),
    _choice("schooling", gettext_lazy("Schooling"), Schooling),
    _plain("employer", gettext_lazy("Employer and position"), lambda staff: staff.employer),
    _choice("source", gettext_lazy("Comes from"), Source),
    _choice("hiring", gettext_lazy("How chosen"), Hiring),
    _plain(
        "experience", gettext_lazy("Earlier censuses"), lambda staff: "、".join(staff.experience)
    ),
    RecordField(
        "areas",
        pgettext_lazy("field", "Areas"),
        lambda staff: ";".join(staff.areas),
        _areas_shown,
    ),
    RecordField(
        "supervisor",
        gettext_lazy("Own supervisor"),
        lambda staff: str(staff.supervisor_id or ""),
        _supervisor_shown,
    ),
    RecordField("photo", gettext_lazy("Photo"), _photo_sha, _photo_shown),
)
BY_KEY = {each.key: each for each in FIELDS}


def seen_digests(staff: Staff) -> dict[str, str]:
    """Return a keyed digest of every field, so that a later look can tell what changed."""
    return {each.key: digest(f"seen:{each.key}", each.raw(staff)).hex() for each in FIELDS}


def changed_since(staff: Staff, seen: dict[str, str]) -> list[str]:
    """Return the fields that say something else than when they were `seen`."""
    now = seen_digests(staff)
    return [key for key in now if key in seen and seen[key] != now[key]]


@dataclass(frozen=True)
class Look:
    """One line of the review: a field, what it says, and what we noticed about it."""

    key: str
    label: Words
    shown: str
    note: str = ""
    tone: str = ""
    is_changed: bool = False


def looks(staff: Staff, *, phone_is_taken: bool, changed: list[str]) -> Iterator[Look]:
    """Yield the lines of a review in their order."""
    for each in FIELDS:
        shown = each.shown(staff)
        if each.key == "backup_phone" and not shown:
            continue
        note, tone = _notice(each.key, staff, phone_is_taken)
        yield Look(each.key, each.label, shown, note, tone, each.key in changed)
        if each.key == "id_number" and (told := birth_and_sex(staff)):
            yield Look("", _("Sex / birth"), told, _("Read from the ID number."))


def _notice(key: str, staff: Staff, phone_is_taken: bool) -> tuple[str, str]:
    if key == "phone" and phone_is_taken:
        return _("Another account uses this number."), "warn"
    found = _NOTICES.get(key)
    return found(staff) if found else ("", "")


def _name(staff: Staff) -> tuple[str, str]:
    lost = missing(staff.person.name)
    if lost:
        said = _("The card's fonts lack %(characters)s; a card cannot be printed.")
        return said % {"characters": "、".join(lost)}, "warn"
    if any(ord(one) > 0x9FFF or 0x3400 <= ord(one) <= 0x4DBF for one in staff.person.name):
        return _("Holds a rare character; the card's fonts have it."), "ok"
    return "", ""


def _id_number(staff: Staff) -> tuple[str, str]:
    if staff.person.id_kind in (IdKind.RESIDENT, IdKind.PERMIT):
        return _("Check digit right; only once in this census."), "ok"
    return _word(IdKind, staff.person.id_kind), ""


def _schooling(staff: Staff) -> tuple[str, str]:
    least = staff.census.min_schooling
    if least and SCHOOLING_RANK.get(staff.schooling, 0) < SCHOOLING_RANK.get(least, 0):
        said = _("Below what this census asks for (%(least)s); may still be approved.")
        return said % {"least": _word(Schooling, least)}, "warn"
    return "", ""


def _employer(staff: Staff) -> tuple[str, str]:
    return (_("Very short."), "warn") if 0 < len(staff.employer) < 4 else ("", "")


def _areas(staff: Staff) -> tuple[str, str]:
    if not staff.areas:
        return ("", "")
    within = staff.office.region_code[: staff.office.level]
    if all(code.startswith(within) for code in staff.areas):
        return _("Within the reach of the office."), "ok"
    return _("Some lie outside the reach of the office."), "warn"


def _supervisor(staff: Staff) -> tuple[str, str]:
    above = staff.supervisor
    if above is None:
        return (_("Nobody is named yet."), "warn") if staff.role == Role.ENUMERATOR else ("", "")
    size = above.team.live().count()
    said = _("%(state)s; %(size)d people in the team.")
    return said % {"state": above.get_service_display(), "size": size}, "ok"


def _photo(staff: Staff) -> tuple[str, str]:
    return ("", "") if photo_of(staff) else (_("No photo yet; a card needs one."), "warn")


_NOTICES: dict[str, Callable[[Staff], tuple[str, str]]] = {
    "name": _name,
    "id_number": _id_number,
    "schooling": _schooling,
    "employer": _employer,
    "areas": _areas,
    "supervisor": _supervisor,
    "photo": _photo,
}
