"""One person after another as the lines that COPY reads: who they are and how far they came."""

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from census_staff.accounts.notice import present_notice
from census_staff.lib.crypto import digest, encrypt
from census_staff.lib.idcard import make_checked
from census_staff.lib.names import pinyin_key
from credentials import numbers, tokens
from credentials.demo.people import RARE_GIVEN, SURNAMES, plain_names
from credentials.keys import token_key
from exams import papers, questions
from tests.bench.places import PER_TOWNSHIP, Ground, area_of

GOLDEN = 0.618033988749895
PASSWORD = "Bench-Census-9"
FIRST_USER = 1000
NAMES = 20_000
PAPERS = 100
PHOTOS = 100

# A person's fate is a number from 0 to 1, evenly spread. Of those with open access 17 % have not
# sat online; of all, 62 % hold a card, and of these two in five hold its second edition.
UNDER_REVIEW = 0.04
SAT = UNDER_REVIEW + 0.96 * 0.17
PASSED = 0.25
CARDED = 0.30
SECOND = 0.42

Cell = Any
COLUMNS = {
    "people_person": "id id_kind id_number id_digest name name_key phone phone_digest added_at",
    "accounts_user": "id password login phone_digest person_id display_name activated_at"
    " notice_read_at notice_version name_confirmed_at password_changed_at locked_reason"
    " session_epoch added_at",
    "recruitment_staff": "id person_id census_id office_id role service access recruited_by_id"
    " entered_by_id entered_at submitted_at reviewed_by_id reviewed_office_id reviewed_at"
    " activated_at schooling hiring source employer experience areas supervisor_id wants_reserve"
    " supplementary left_reason moves",
    "training_completion": "id person_id census_id role round completed_at courses",
    "exams_attempt": "id exam_id person_id census_id role office_id number mode seed paper pass_mark"
    " started_at deadline_at late_until page state submitted_at closed_by answered score passed"
    " by_category",
    "recruitment_pledge": "id person_id census_id role office_id text_id text_sha256"
    " signature_kind typed_name device signed_at",
    "credentials_cardnumber": "number person_id census_id role training_id attempt_id"
    " attempt_passed pledge_id given_at",
    "credentials_card": "id number_id edition token staff_id person_id census_id role training_id"
    " attempt_id attempt_passed pledge_id issuer_id state valid_from valid_until made_at"
    " printed_at handed_at ended_at face face_sha256 photo_id",
}


def fate(place: int) -> float:
    """Return how far the person at this place came."""
    return (place + 1) * GOLDEN % 1


def line(cells: Iterator[Cell]) -> str:
    """Return one line of COPY's text format; our own values hold nothing to be escaped but bytes."""
    return "\t".join(map(_cell, cells)) + "\n"


def _cell(value: Cell) -> str:
    if value is None:
        return "\\N"
    if value is True or value is False:
        return "t" if value else "f"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    return str(value)


@dataclass
class Writer:
    """Makes the rows; what is alike for all is made once."""

    ground: Ground

    def __post_init__(self) -> None:
        at = timezone.now()
        self.before, self.now = (at - timedelta(days=9)).isoformat(), at.isoformat()
        self.password = make_password(PASSWORD)
        self.notice = present_notice().version
        self.key = token_key(settings.TOKEN_KEY)
        self.names = [(name, pinyin_key(name)) for name in _names()]
        self.papers = _papers(self.ground)
        self.category = json.dumps(
            {
                c: {"right": 10, "of": 12, "earned": 20, "possible": 25}
                for c in ("law", "basics", "forms", "software")
            }
        )
        self.next_card = 1
        self.sequences: dict[tuple[str, str], int] = {}
        census = self.ground.census
        self.valid = (census.fieldwork_from, census.fieldwork_until)
        self.above = {o.pk: self.ground.counties[o.parent_id] for o in self.ground.townships}

    def person(self, place: int, lines: dict[str, list[str]]) -> None:
        """Add the rows of the person at this place to the lines of each table."""
        ground, now, pk, far = self.ground, self.before, place + 1, fate(place)
        office = ground.townships[place // PER_TOWNSHIP]
        leads = place % PER_TOWNSHIP % 7 == 0
        role = "supervisor" if leads else "enumerator"
        number = make_checked(f"{341500 + place // 364_635}1900{_day(place)}{1 + place % 999:03}")
        phone = f"139{place:08}"
        name, pinyin = self.names[place % NAMES]

        def put(table: str, *cells: Cell) -> None:
            lines[table].append(line(iter(cells)))

        called = digest("phone", phone)
        put("people_person", pk, "resident", encrypt(number.encode()), digest("id", number), name,
            pinyin, encrypt(phone.encode()), called, now)  # fmt: skip
        put("accounts_user", FIRST_USER + pk, self.password, f"field-{pk}", called, pk, "", now, now,
            self.notice, now, now, "", 0, now)  # fmt: skip
        appointed, carded = far >= UNDER_REVIEW, far >= CARDED
        service = "on_duty" if carded else "appointed" if appointed else "under_review"
        reviewer = (
            (ground.users["county_reviewer"], office.parent_id, now, now)
            if appointed
            else (None,) * 4
        )
        put("recruitment_staff", pk, pk, ground.census.pk, office.pk, role, service,
            "enabled" if appointed else "not_activated", office.pk, ground.users["county_recruiter"],
            now, now, *reviewer, "college", "hired", "village", "村委会 委员", "{}",
            "{" + area_of(office.code, place) + "}", None if leads else pk - place % PER_TOWNSHIP % 7,
            False, False, "", 0)  # fmt: skip
        self._evidence(put, pk, role, office.pk, far)
        if carded:
            self._cards(put, pk, role, self.above[office.pk], name, far)

    def _evidence(self, put: Any, pk: int, role: str, office: int, far: float) -> None:
        ground, at, census = self.ground, self.before, self.ground.census
        if far >= 0.12:
            put("training_completion", pk, pk, census.pk, role, 0, at, "[]")
        offline = UNDER_REVIEW <= far < UNDER_REVIEW + 0.02
        if far >= SAT or offline:
            passed = far >= PASSED or offline
            score = 92 if passed else 62
            put("exams_attempt", pk, ground.exams[role], pk, census.pk, role, office, 1,
                "offline" if offline else "online", pk, "{}" if offline else self.papers[pk % PAPERS],
                census.pass_mark, at, at, at, 1, "submitted", at, "hand", 50, score, passed,
                self.category)  # fmt: skip
        if far >= PASSED:
            text, seal = ground.texts[role]
            put("recruitment_pledge", pk, pk, census.pk, role, office, text, seal, "typed", "本人",
                "", at)  # fmt: skip

    def _cards(self, put: Any, pk: int, role: str, county: Any, name: str, far: float) -> None:
        census, at = self.ground.census, self.before
        serial = self.sequences[county.code, role] = self.sequences.get((county.code, role), 0) + 1
        number = numbers.make(
            census=census.code,
            county=county.code,
            role="1" if role == "supervisor" else "2",
            sequence=serial,
        )
        whole = (pk, census.pk, role, pk, pk, True, pk)
        put("credentials_cardnumber", number, *whole, at)
        face = json.dumps({
            "number": number, "full_name": name, "role_name": "普查员", "census_title": census.name,
            "edition": 1, "issuer": county.name, "issuer_short": county.short_name, "area": "某县\n某镇 某村",
            "host": "example.org", "hotline": county.phone, "township": "某镇", "photo": "0" * 64, "seal": "",
            "valid_from": self.valid[0].isoformat(), "valid_until": self.valid[1].isoformat(),
        }, ensure_ascii=False)  # fmt: skip
        second = (far - CARDED) / (1 - CARDED) < SECOND
        for edition in (1, 2) if second else (1,):
            state = "replaced" if second and edition == 1 else "handed_over"
            put("credentials_card", self.next_card, number, edition, tokens.new(self.key), pk, *whole,
                county.pk, state, *self.valid, at, at, at, at if state == "replaced" else None,
                face.replace("\\", "\\\\"),
                hashlib.sha256(face.encode()).hexdigest(), 1 + pk % PHOTOS)  # fmt: skip
            self.next_card += 1


def _day(place: int) -> str:
    number = place // 999 % 365
    return (
        f"{1 + number // 28 % 12:02}{1 + number % 28:02}"
        if number < 336
        else f"{1 + (number - 336) // 3:02}{29 + (number - 336) % 3}"
    )


def _names() -> list[str]:
    """Return names, some of them rare, all of which can be written and printed."""
    found = list(islice(plain_names(2026), NAMES))
    for place in range(7, NAMES, 50):
        found[place] = SURNAMES[place % len(SURNAMES)] + RARE_GIVEN[place % 4]
    return found


def _papers(ground: Ground) -> list[str]:
    bank = questions.in_use()
    blueprint = papers.DEFAULT_BLUEPRINT
    return [
        json.dumps(
            papers.make_paper(
                bank,
                blueprint,
                secrets.randbits(62),
                role="enumerator",
                census_kind=ground.census.kind,
            )
        )
        for _n in range(PAPERS)
    ]
