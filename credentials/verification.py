"""What the public is told about a card: one question to the database, or none at all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.db.models import Case, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from census_staff.accounts.devices import network_of
from census_staff.censuses.models import Phase
from census_staff.lib.crypto import digest
from census_staff.lib.errors import Refused
from census_staff.lib.prepared import Prepared

from . import numbers, tokens
from .keys import token_key
from .models import Card, Lookup
from .querysets import CardQuerySet
from .states import IN_FORCE, PENDING, Showing

# Whoever may be let in, or will be: only of these the page shows a face and a full name.
OPEN_TO_SEE = (Showing.VALID, Showing.NOT_YET)
WINDOW = timedelta(hours=1)
MOST_BY_NETWORK = 30
MOST_BY_NUMBER = 10

# Nobody keeps an answer: neither a browser, nor a proxy, nor a search engine.
UNCACHED = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True)
class Verdict:
    """The answer to a scan; whatever the outcome hides is not in it."""

    showing: Showing
    at: datetime
    number: str = ""
    role: str = ""
    issuer: str = ""
    issuer_short: str = ""
    phone: str = ""
    hours: str = ""
    valid_until: date | None = None
    valid_from: date | None = None
    edition: int | None = None
    full_name: str = ""
    area: str = ""
    census: str = ""
    phase: str = ""
    photo: bytes = b""

    @property
    def is_open(self) -> bool:
        """Return whether the page shows who the holder is."""
        return self.showing in OPEN_TO_SEE

    @property
    def is_before_its_time(self) -> bool:
        """Return whether the first day of the card is still to come; else it awaits its holder."""
        return bool(self.valid_from and timezone.localdate(self.at) < self.valid_from)

    @property
    def is_known(self) -> bool:
        """Return whether there is such a card."""
        return bool(self.number)


# Stands for the token, and any day for today, in the question that is written once.
MARK = "the token"
FIELDS = {
    "n_showing": F("showing"),
    "n_number": F("number_id"),
    "n_issuer": F("issuer__name"),
    "n_issuer_short": F("issuer__short_name"),
    "n_phone": F("issuer__phone"),
    "n_hours": F("issuer__hours"),
    "n_census": F("census__name"),
    "n_person": F("person__name"),
    "n_photo": F("photo__jpeg"),
}
COLUMNS = (
    *("role", "edition", "valid_from", "valid_until", "face", "n_phase"),
    *FIELDS,
)


def verify_token(text: str) -> Verdict:
    """Return what a scanned token stands for; a made-up one costs no question."""
    at = timezone.now()
    token = tokens.normalise(text)
    if token is None:
        return Verdict(Showing.UNREADABLE, at)
    if not tokens.is_genuine(token, token_key(settings.TOKEN_KEY)):
        return Verdict(Showing.UNKNOWN, at)
    row = _row_of(token, timezone.localdate(at))
    return Verdict(Showing.UNKNOWN, at) if row is None else _verdict(row, at)


def _row_of(token: str, today: date) -> dict[str, Any] | None:
    """Return what there is on a token: the queryset's own question, with the parameters of now."""
    try:
        found = _question().first([token, today])
    except OperationalError:
        # The connection may have died since it was last used; if it did not, this fails again.
        found = _question().first([token, today])
    if found is None:
        return None
    row = dict(zip(COLUMNS, found, strict=True))
    return {**row, "face": json.loads(row["face"]) if row["face"] else None}


@cache
def _question() -> Prepared:
    """Return the question: spelled once and planned once, because both cost more than its answer."""
    rows = _asked(Card.objects.filter(token=MARK), timezone.now())
    text, params = rows.values_list(*COLUMNS).query.sql_with_params()
    return Prepared("card_scan", "varchar, date", text % tuple(map(_spelled, params)))


def _spelled(value: Any) -> str:
    """Return a parameter in SQL: the token and today differ, the others are words of ours."""
    if isinstance(value, date):
        return "$2"
    if value == MARK:
        return "$1"
    return str(value) if isinstance(value, int) else "'{}'".format(str(value).replace("'", "''"))


def verify_number(number: str, full_name: str, *, network: str) -> Verdict:
    """Return what a typed number and full name stand for, without the photo.

    A wrong name and an unknown number get the same answer, and cost the same.
    """
    at = timezone.now()
    digits = numbers.tidy(number)
    _count(digits, network, at)
    # In force first; a card being made last: whoever types the number holds an older edition.
    turn = Case(
        When(state__in=IN_FORCE, then=Value(0)),
        When(state__in=PENDING, then=Value(2)),
        default=Value(1),
        output_field=IntegerField(),
    )
    rows = Card.objects.filter(number=digits[:16]).order_by(turn, "-edition")
    row = _asked(rows, at).values(*COLUMNS).first()
    wanted = "".join(full_name.split())
    if row is None or not wanted or wanted not in (_printed_name(row), row["n_person"]):
        return Verdict(Showing.UNKNOWN, at)
    return _verdict({**row, "n_photo": None}, at)


def _asked(rows: CardQuerySet, at: datetime) -> Any:
    today = timezone.localdate(at)
    phase: Any = Phase.objects.filter(census=OuterRef("census"), starts_on__lte=today)
    phase = phase.filter(ends_on__gte=today).order_by("-starts_on").values("name")[:1]
    return rows.with_showing().annotate(n_phase=Subquery(phase), **FIELDS)


def _printed_name(row: Mapping[str, Any]) -> str:
    return str((row["face"] or {}).get("full_name", row["n_person"]))


def _verdict(row: Mapping[str, Any], at: datetime) -> Verdict:
    showing = Showing(row["n_showing"])
    public = {
        "number": row["n_number"],
        "role": row["role"],
        "issuer": row["n_issuer"],
        "issuer_short": row["n_issuer_short"],
        "phone": row["n_phone"],
        "hours": row["n_hours"],
    }
    if showing == Showing.EXPIRED:
        public["valid_until"] = row["valid_until"]
    if showing not in OPEN_TO_SEE:
        return Verdict(showing, at, **public)
    return Verdict(
        showing,
        at,
        **public,
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        edition=row["edition"],
        full_name=_printed_name(row),
        area=(row["face"] or {}).get("area", "").replace("\n", " "),
        census=row["n_census"],
        phase=row["n_phase"] or "",
        photo=bytes(row["n_photo"] or b""),
    )


def _count(digits: str, network: str, at: datetime) -> None:
    """Count this look-up and refuse it where too many came from here, or for this number."""
    by_network = digest("lookup-network", network_of(network))
    by_number = digest("lookup-number", digits)
    recent = Lookup.objects.filter(at__gt=at - WINDOW)
    here, there = Q(network_digest=by_network), Q(number_digest=by_number)
    if (
        recent.filter(here).count() >= MOST_BY_NETWORK
        or recent.filter(there).count() >= MOST_BY_NUMBER
    ):
        raise Refused("too_many_lookups", _("Too many look-ups. Try again in an hour, or call."))
    Lookup.objects.create(network_digest=by_network, number_digest=by_number, at=at)


def sweep_lookups(at: datetime) -> int:
    """Forget the look-ups that no longer count and return how many."""
    gone, _by_table = Lookup.objects.filter(at__lt=at - WINDOW).delete()
    return gone
