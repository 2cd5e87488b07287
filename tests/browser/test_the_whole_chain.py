"""From a roster workbook to a card that the public scans, and through the scheduled disabling and back.

Everything is real: the web server, the worker and its clock, the files, the browser, the QR code.
"""

import io
import re
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from census_staff.accounts.models import User
from census_staff.accounts.roles import Role
from credentials.models import Card
from recruitment.models import Pledge, Staff
from recruitment.pledges import load_pledge_text
from recruitment.roster_columns import roster_workbook
from recruitment.states import Access
from tests import zbar
from tests.browser import holder
from tests.browser.screens import PHONE, downloaded, fits, pictures_on_failure, screen, sign_in
from tests.exams.standing import publish
from tests.processes import clock, wait_until, website, worker
from tests.recruitment.rosters import line
from tests.standing import World, make_office, move_times
from tests.training.studying import loaded
from training.courses import ask_of
from training.models import Completion, Course

pytestmark = pytest.mark.django_db(transaction=True)
# By then the card is in the enumerator's hands; the run then waits for nobody.
RUN_AFTER = timedelta(seconds=60)
NAME = "𠮷学文"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class City:
    """What is there before the story begins: offices and their people, courses, exam, pledge."""

    def __init__(self) -> None:
        self.world = loaded(World())
        world, at = self.world, timezone.now()
        move_times(deadline_at=at + RUN_AFTER, execute_at=at + RUN_AFTER)
        world.census.refresh_from_db()
        publish(world)
        load_pledge_text(world.census, actor=world.user(Role.CITY_STEWARD))
        # The film of the other course lasts as long as it lasts; it has a test of its own.
        software = Course.objects.get(code="software")
        ask_of(software, roles=[], actor=world.user(Role.TRAINING_OFFICER, world.city))
        # Colleagues on duty: with them, two who never sat are no reason to stop the run.
        self.elsewhere = make_office("341524100", 9, world.county, "梅山镇普查办")
        for _n in range(5):
            world.ready(self.elsewhere)

    def login(self, role: str) -> str:
        """Return the account name of the standing holder of a role: the lowest office that has it."""
        return self.world.user(role).login


@pytest.fixture
def city(transactional_db: None) -> City:
    """Give the city of the story."""
    return City()


def test_a_roster_becomes_cards_and_who_was_disabled_comes_back_by_passing(
    city: City, browser: Browser, tmp_path: Path
) -> None:
    with (
        website() as address,
        worker(CENSUS_SITE_URL=address),
        clock(),
        pictures_on_failure(browser, tmp_path),
    ):
        enter_roster(sign_in(screen(browser, address), city.login(Role.TOWNSHIP_CLERK)))
        staff = Staff.objects.select_related("person").get(person__name=NAME)
        reviewer = sign_in(screen(browser, address), city.login(Role.COUNTY_REVIEWER))
        approve(reviewer, people=2)
        code = activate(reviewer, people=2)

        phone = screen(browser, address, PHONE)
        earn_card(phone, staff, code, tmp_path)
        pdf = make_card(
            sign_in(screen(browser, address), city.login(Role.CARD_ISSUER)), city.world.township.pk
        )
        card = Card.objects.get(staff=staff)
        scanned = scan(pdf)
        assert scanned == f"{address.replace('http', 'HTTPS').upper()}/V/{card.token}"
        public = screen(browser, address, PHONE)
        path = scanned.partition("/V/")[2]
        shows_valid(public, path, card)

        void(sign_in(screen(browser, address), city.login(Role.COORDINATOR)), staff)
        run_the_rule(browser, address, city, staff)
        shows_suspended(public, path)
        come_back(phone, staff)
        shows_valid(public, path, card)
    leader = Staff.objects.get(role="supervisor")
    assert leader.access == Access.DISABLED


def enter_roster(clerk: Page) -> None:
    """The clerk uploads a workbook with a supervisor and an enumerator, looks, and writes it."""
    leader = line()
    member = line(name=NAME, role="enumerator", supervisor_phone=leader.phone)
    clerk.goto("/roster/")
    book = {"name": "名册.xlsx", "mimeType": XLSX, "buffer": roster_workbook([leader, member])}
    clerk.set_input_files('input[name="file"]', book)
    clerk.get_by_role("button", name="上传并检查").click()
    expect(clerk.get_by_role("table")).to_contain_text(NAME)
    assert not Staff.objects.filter(person__name=NAME).exists()
    clerk.get_by_role("button", name="导入 2 行").click()
    expect(clerk.get_by_role("heading", level=1)).to_contain_text("已写入")


def approve(reviewer: Page, *, people: int) -> None:
    """The reviewer approves whoever waits, one after the other."""
    reviewer.goto("/review/")
    for left in range(people, 0, -1):
        expect(reviewer.locator('input[name="who"]')).to_have_count(left)
        reviewer.get_by_role("button", name="通过，看下一位").click()
    expect(reviewer.locator('input[name="who"]')).to_have_count(0)


def activate(reviewer: Page, *, people: int) -> str:
    """The reviewer activates the township and opens the slips; return the enumerator's code."""
    reviewer.goto("/activation/")
    reviewer.get_by_label("选择 流波䃥镇普查办").check()
    reviewer.get_by_role("button", name="激活待激活人员").click()
    reviewer.get_by_role("button", name=f"激活 {people} 人").click()
    pdf = downloaded(reviewer, "打开 PDF")
    text = "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))
    slip = text[text.index(NAME) :]
    code = re.search(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", slip)
    assert code, text
    return code[0]


def earn_card(phone: Page, staff: Staff, code: str, folder: Path) -> None:
    """The enumerator opens the account and does everything a card asks for."""
    holder.open_account(phone, staff, code)
    holder.add_photo(phone, folder)
    holder.study(phone)
    assert Completion.objects.filter(person=staff.person).exists()
    holder.sit_exam(phone)
    holder.sign_pledge(phone)
    assert Pledge.objects.get(person=staff.person).signature_kind == "drawn"


def make_card(issuer: Page, township: int) -> bytes:
    """The issuer numbers and prints the township's card and hands it over; return the sheets."""
    issuer.goto(f"/cards/batches/new/?office={township}")
    issuer.get_by_role("button", name="预览编号").click()
    batch = issuer.url
    issuer.get_by_role("button", name="给 1 人编号").click()
    until(issuer, batch, "预览印制 1 张证件")
    issuer.get_by_role("button", name="预览印制 1 张证件").click()
    sheets = issuer.url
    issuer.get_by_role("button", name="生成 1 张证件的 PDF").click()
    until(issuer, sheets, "下载 PDF")
    pdf = downloaded(issuer, "下载 PDF")
    issuer.goto("/cards/hand-over/")
    issuer.get_by_label(NAME).check()
    issuer.get_by_role("button", name="发放勾选的证件").click()
    expect(issuer.get_by_role("status").first).to_be_visible()
    assert Card.objects.get(person__name=NAME).state == "handed_over"
    return pdf


def until(page: Page, url: str, button: str) -> None:
    """Look at a batch until it is done and offers the next button."""
    page.goto(url)
    wanted = page.get_by_role("button", name=button)
    for _look in range(40):
        if wanted.count():
            return
        page.wait_for_timeout(500)
        page.goto(url)
    expect(wanted).to_be_visible()


def scan(pdf: bytes) -> str:
    """Return what zbar reads on the sheets, as a camera would."""
    found = set()
    for page in pypdfium2.PdfDocument(io.BytesIO(pdf)):
        found |= zbar.on_page(page)
    assert len(found) == 1
    return str(found.pop())


def shows_valid(public: Page, token: str, card: Card) -> None:
    """A householder opens the code: valid, with photo, name and number."""
    public.goto(f"/V/{token}")
    expect(public.get_by_role("heading", level=1)).to_have_text("有效")
    expect(public.get_by_alt_text("持证人照片")).to_be_visible()
    expect(public.locator(".name")).to_have_text(NAME)
    number = card.number_id
    expect(public.locator("main")).to_contain_text(
        " ".join(number[n : n + 4] for n in range(0, 16, 4))
    )
    assert fits(public)


def shows_suspended(public: Page, token: str) -> None:
    """The same code once access is shut: suspended, with neither photo nor name."""
    public.goto(f"/V/{token}")
    expect(public.get_by_role("heading", level=1)).to_have_text("已暂停")
    assert NAME not in public.content()
    assert "data:image" not in public.content()


def void(coordinator: Page, staff: Staff) -> None:
    """The county voids the attempt after a technical fault."""
    coordinator.goto(f"/exams/people/{staff.person_id}/")
    coordinator.get_by_role("link", name="作废").click()
    coordinator.get_by_role("textbox", name="原因").fill("考点停电，系统记录不完整")
    coordinator.get_by_role("button", name="作废").click()
    expect(coordinator.get_by_text("作废").first).to_be_visible()


def run_the_rule(browser: Browser, address: str, city: City, staff: Staff) -> None:
    """The steward prepares and freezes, a second person approves, the clock executes."""
    steward = sign_in(screen(browser, address), city.login(Role.CITY_STEWARD))
    steward.goto("/runs/new/")
    steward.get_by_role("button", name="看看会禁用谁").click()
    # The worker writes the list, and writes it once more to freeze it; the page renews itself.
    expect(steward.locator("section:has(#list)")).to_contain_text(NAME, timeout=30_000)
    steward.get_by_role("button", name="冻结名单").click()
    expect(steward.get_by_text("等第二人批准").first).to_be_visible(timeout=30_000)

    approver = sign_in(screen(browser, address), city.login(Role.CITY_APPROVER))
    approver.goto(steward.url)
    approver.locator("#id_typed").fill("2")
    approver.get_by_role("button", name="批准并定时执行").click()

    def is_shut() -> bool:
        return bool(Staff.objects.get(pk=staff.pk).access == Access.DISABLED)

    wait_until(is_shut, seconds=90)
    steward.reload()
    expect(steward.locator("#run-progress")).to_contain_text("2 / 2")


def come_back(phone: Page, staff: Staff) -> None:
    """The disabled holder is led to what is missing, passes, and is let in within a minute."""
    phone.goto("/my/04/")
    expect(phone.get_by_role("heading", level=1)).to_contain_text("账户已停用")
    assert "/remedy/" in phone.url
    assert fits(phone)
    shut = phone.request.get("/api/my/04/card/")
    assert (shut.status, shut.json()["code"]) == (403, "access_disabled")
    phone.get_by_role("link", name="参加考试并合格").click()
    holder.sit_exam(phone)

    def is_open() -> bool:
        return bool(Staff.objects.get(pk=staff.pk).access == Access.ENABLED)

    wait_until(is_open, seconds=60)
    assert User.objects.get(person=staff.person).is_active
    phone.goto("/my/04/")
    expect(phone.get_by_role("heading", level=1)).to_contain_text(NAME)
