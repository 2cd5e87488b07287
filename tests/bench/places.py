"""The offices of a census as large as is wanted, and who works in them."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from census_staff.accounts.roles import Role
from census_staff.censuses.models import Census, Phase
from census_staff.places.models import Office, OfficeLevel, Region
from exams.services.load_bank import load_bank
from exams.services.make import create_exam, publish_exam
from recruitment.evidence import PledgeText
from recruitment.pledges import load_pledge_text
from tests.standing import make_census, make_user

PER_TOWNSHIP = 100
TOWNSHIPS = 25  # of a county
COUNTIES = 8  # of a city: 20,000 staff, as a city of an agricultural census has
CITIES = 12  # of a province
VILLAGES = 3  # of a township, named on cards


@dataclass
class Ground:
    """What the rows of people point to."""

    census: Census
    townships: list[Office]
    counties: dict[int, Office]
    users: dict[str, int]
    exams: dict[str, int]
    texts: dict[str, tuple[int, str]]


def make_ground(size: int) -> Ground:
    """Enter offices, regions, a census with its exams and pledge, and office users."""
    top = _office("00", OfficeLevel.PROVINCE, None, "全国普查办")
    top.save()
    townships = _tree(top, -(-size // PER_TOWNSHIP))
    _regions()
    at = timezone.now()
    census = make_census(execute_at=at + timedelta(days=11), deadline_at=at + timedelta(days=10))
    today = timezone.localdate()
    Phase.objects.create(
        census=census, code="field", name="登记阶段",
        starts_on=today - timedelta(days=30), ends_on=today + timedelta(days=200),
    )  # fmt: skip
    counties = {office.pk: office for office in Office.objects.filter(level=OfficeLevel.COUNTY)}
    users = {
        role: make_user(role, top)
        for role in (Role.CITY_STEWARD, Role.CITY_APPROVER, Role.TRAINING_OFFICER, Role.CARD_ISSUER)
    }
    county = next(iter(counties.values()))
    for role in (Role.COUNTY_RECRUITER, Role.COUNTY_REVIEWER):
        users[role] = make_user(role, county if role == Role.COUNTY_REVIEWER else top)
    load_bank()
    exams = {}
    texts = {}
    load_pledge_text(census, actor=users[Role.CITY_STEWARD])
    for text in PledgeText.objects.filter(census=census):
        texts[text.role] = (text.pk, text.sha256)
    for role in ("enumerator", "supervisor"):
        exam = create_exam(
            actor=users[Role.TRAINING_OFFICER], census=census, office=top, role=role,
            title="上岗考试", opens_at=at - timedelta(days=10), closes_at=at + timedelta(days=40),
        )  # fmt: skip
        exams[role] = publish_exam(exam, actor=users[Role.TRAINING_OFFICER]).pk
    keys = {str(role): user.pk for role, user in users.items()}
    return Ground(census, townships, counties, keys, exams, texts)


def _office(code: str, level: int, parent: Office | None, name: str) -> Office:
    return Office(
        code=code, region_code=code.ljust(12, "0"), name=name, short_name=name[:40], level=level,
        parent=parent, path=(parent.path if parent else "") + f"{code}.", phone="0564-000 0000",
    )  # fmt: skip


def _tree(top: Office, wanted: int) -> list[Office]:
    """Return so many townships, with the counties, cities and provinces above them."""
    provinces = cities = counties = 0
    found: list[Office] = []
    above: dict[int, Office] = {}
    for number in range(wanted):
        if number % (TOWNSHIPS * COUNTIES * CITIES) == 0:
            provinces, cities = provinces + 1, 0
            above[2] = _saved(
                _office(f"{10 + provinces}", OfficeLevel.PROVINCE, top, f"第{provinces}省普查办")
            )
        if number % (TOWNSHIPS * COUNTIES) == 0:
            cities, counties = cities + 1, 0
            above[4] = _saved(
                _office(
                    f"{above[2].code}{cities:02}", OfficeLevel.CITY, above[2], f"第{cities}市普查办"
                )
            )
        if number % TOWNSHIPS == 0:
            counties += 1
            above[6] = _saved(
                _office(
                    f"{above[4].code}{counties:02}",
                    OfficeLevel.COUNTY,
                    above[4],
                    f"第{counties}县普查办",
                )
            )
        place = 100 + number % TOWNSHIPS
        found.append(
            _office(f"{above[6].code}{place}", OfficeLevel.TOWNSHIP, above[6], f"第{place}镇普查办")
        )
    return Office.objects.bulk_create(found, batch_size=2000)


def _saved(office: Office) -> Office:
    office.save()
    return office


def _regions() -> None:
    """Name the places, so that areas are checked and cards say where."""
    rows: list[Region] = []
    for office in Office.objects.exclude(code="00").order_by("path"):
        level = {4: "city", 6: "county", 9: "township"}.get(office.level, "province")
        rows.append(
            Region(edition=2023, code=office.region_code, level=level, name=office.name[:-3])
        )
        if office.level == OfficeLevel.TOWNSHIP:
            rows += [
                Region(
                    edition=2023,
                    code=area_of(office.code, n),
                    level="village",
                    parent_code=office.region_code,
                    name=f"第{n + 1}村委会",
                )
                for n in range(VILLAGES)
            ]
    Region.objects.bulk_create(rows, batch_size=5000)


def area_of(township: str, number: int) -> str:
    """Return the code of a village of this township."""
    return f"{township}{200 + number % VILLAGES}"
