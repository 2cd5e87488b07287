"""People's numbers go through every room of the house, and none is found outside its locked drawer.

Real processes do real work; then their logs, addresses, broker, answers and all tables are read as
somebody would read them who got hold of a copy.
"""

import json
import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from playwright.sync_api import Browser, Page

from census_staff.accounts.roles import Role
from census_staff.audit.models import Entry
from census_staff.batches.models import BatchItem
from census_staff.correspondence.models import Notice
from credentials import issue
from recruitment.models import Staff
from recruitment.roster_columns import roster_workbook
from tests import privacy
from tests.browser import holder
from tests.browser.screens import PHONE, screen, sign_in
from tests.browser.test_the_whole_chain import XLSX, City, activate, approve
from tests.database import administer
from tests.processes import clock, website, worker
from tests.recruitment.rosters import line
from tests.standing import make_person

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "𠮷学文"


def watched(page: Page, addresses: list[str]) -> Page:
    """Return the page; every address that it asks for is noted."""
    page.on("request", lambda asked: addresses.append(asked.url))
    return page


def import_roster(clerk: Page) -> None:
    """The clerk first uploads a roster with faults, looks at them, then a clean one, and writes it."""
    leader = line()
    member = line(name=NAME, role="enumerator", supervisor_phone=leader.phone)
    faulty = line(id_number=leader.id_number[:-1] + "0", phone=leader.phone, name="重复者")
    for lines in ([leader, member, faulty], [leader, member]):
        clerk.goto("/roster/")
        book = {"name": "名册.xlsx", "mimeType": XLSX, "buffer": roster_workbook(lines)}
        clerk.set_input_files('input[name="file"]', book)
        clerk.get_by_role("button", name="上传并检查").click()
        clerk.get_by_role("table").first.wait_for()
    clerk.get_by_role("button", name="导入 2 行").click()
    clerk.get_by_role("heading", level=1).get_by_text("已写入").wait_for()


def go_wrong(page: Page, phone: str, id_number: str) -> list[str]:
    """Type numbers where they do not belong, and return the pages that answer."""
    pages = []
    for name in (phone, id_number, f"+86 {phone}"):
        page.goto("/sign-in/")
        page.locator("#id_name").fill(name)
        page.locator("#id_password").fill(id_number[-6:])
        page.locator("#id_password").press("Enter")
        page.wait_for_load_state()
        # The form gives back what was typed into it, and to nobody else.
        pages.append(page.content().replace(f'value="{name}"', ""))
    return pages


def fail_inside(reviewer: Page, phone: str) -> str:
    """Search by phone while a table is away, and return the page that says so."""
    url = os.environ["DATABASE_OWNER_URL"]
    reviewer.goto("/staff/")
    administer("ALTER TABLE people_person RENAME TO people_away", url=url)
    try:
        reviewer.locator("#f-q").fill(phone)
        with reviewer.expect_response(lambda answer: answer.status == 500) as coming:
            reviewer.locator("#f-q").press("Enter")
        return str(coming.value.text())
    finally:
        administer("ALTER TABLE people_away RENAME TO people_person", url=url)


def test_no_number_of_a_person_is_found_anywhere(
    transactional_db: None, browser: Browser, tmp_path: Path
) -> None:
    city = City()
    carded = city.world.ready(name="持证人")
    card = issue.number_one(carded, actor=city.world.user(Role.CARD_ISSUER))
    addresses: list[str] = []
    pages: list[str] = []
    desk, state = city.login, Path(settings.STATE_DIR)
    with (
        website() as address,
        worker(CENSUS_SITE_URL=address),
        clock(),
        privacy.overheard() as said,
    ):
        stranger = watched(screen(browser, address), addresses)
        clerk = watched(screen(browser, address), addresses)
        import_roster(sign_in(clerk, desk(Role.TOWNSHIP_CLERK)))
        staff = Staff.objects.select_related("person").get(person__name=NAME)
        reviewer = watched(screen(browser, address), addresses)
        sign_in(reviewer, desk(Role.COUNTY_REVIEWER))
        approve(reviewer, people=2)
        code = activate(reviewer, people=2)
        phone = watched(screen(browser, address, PHONE), addresses)
        holder.open_account(phone, staff, code)

        for number in (staff.person.phone, staff.person.id_number, f"+86 {staff.person.phone}"):
            for field in ("#f-q", ".bar-search input[type=search]"):
                reviewer.goto("/staff/")
                reviewer.locator(field).fill(number)
                reviewer.locator(field).press("Enter")
                reviewer.wait_for_url(f"**/staff/{staff.pk}/")
                pages.append(reviewer.content())
        pages += go_wrong(stranger, staff.person.phone, staff.person.id_number)
        pages.append(fail_inside(reviewer, staff.person.phone))
        for token in (card.token, "A" * 26):
            stranger.goto(f"/v/{token}")
            pages.append(stranger.content())
        # Whoever types a number into the address bar finds it in no log of ours.
        nowhere = stranger.request.get(f"/nowhere/{staff.person.phone}/{staff.person.id_number}/")
        assert nowhere.status == 404
        kept = privacy.kept_by_the_broker()

    people = list(Staff.objects.select_related("person"))
    known = {word for each in people for word in (each.person.id_number, each.person.phone)}
    assert len(known) >= 4
    places = {f"log {name}": text for name, text in privacy.logs(state).items()}
    assert {"log web.log", "log worker.log", "log beat.log"} <= set(places)
    assert '"route": "staff/find/"' in places["log web.log"]
    assert not any(card.token in text for text in (*places.values(), kept, *said))
    places |= {"addresses": "\n".join(addresses), "broker": kept, "said": "\n".join(said)}
    assert any("batches.tasks" in each for each in said)
    places |= {f"page {number}": page for number, page in enumerate(pages)}
    places |= {f"table {name}": text for name, text in privacy.rows().items()}
    found = {place: privacy.numbers_in(text, known=known) for place, text in places.items()}
    assert {place: numbers for place, numbers in found.items() if numbers} == {}
    facts = [*Entry.objects.values(), *BatchItem.objects.values(), *Notice.objects.values()]
    assert facts and not privacy.numbers_in(json.dumps(facts, default=str), known=known)


def test_the_scanner_finds_what_is_put_in_its_way(world: object, tmp_path: Path) -> None:
    person = make_person()
    number, phone = person.id_number, person.phone
    import base64
    from urllib.parse import quote

    wrapped = base64.b64encode(json.dumps({"args": [number]}).encode()).decode()
    for text in (number, f"at 12:00 {number.lower()} came", wrapped, quote(f"?q=a {number}")):
        assert privacy.numbers_in(text)
    for text in (
        phone,
        f"tel:{phone};",
        base64.urlsafe_b64encode(f"x {phone} y".encode()).decode(),
    ):
        assert privacy.numbers_in(text) == {phone}
    assert privacy.numbers_in(number.encode().hex(), known=[number]) == {number}
    for text in ("1763769600123", "0.13800000000", number[:-1] + "?", "2034152420018946", ""):
        assert privacy.numbers_in(text) == set()
    cache.set("probe", f"x {phone}")
    assert privacy.numbers_in(privacy.kept_by_the_broker()) == {phone}
    cache.delete("probe")
    with privacy.overheard() as said:
        privacy.broker().set("k", phone)
    assert phone in "".join(said)
    privacy.broker().delete("k")
