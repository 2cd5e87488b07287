"""What an enumerator does with a phone, from the slip to the pledge."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from census_staff.lib.portraits import draw_portrait
from exams.models import Attempt
from recruitment.models import Staff
from tests.browser.screens import fits
from tests.exams.standing import key
from training.models import Unit

PASSWORD = "jinzhai2026"


def open_account(page: Page, staff: Staff, code: str) -> None:
    """Enter the slip's code, read the notice, say who is there, set a password."""
    page.goto("/activate/")
    page.get_by_role("textbox", name="手机号码或账号").fill(staff.person.phone)
    page.get_by_role("textbox", name="激活码").fill(code)
    page.get_by_role("button", name="激活账户").click()
    assert fits(page)
    page.get_by_label("我已阅读本告知书").check()
    page.get_by_role("button", name="下一步：核对姓名").click()
    page.get_by_role("textbox", name="姓名").fill(staff.person.name)
    page.get_by_role("textbox", name="身份证号码后六位").fill(staff.person.id_number[-6:])
    page.get_by_role("button", name="核对").click()
    page.get_by_role("textbox", name="新密码").fill(PASSWORD)
    page.get_by_role("textbox", name="再输入一遍").fill(PASSWORD)
    page.get_by_role("button", name="设置密码，开始使用").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(staff.person.name)
    assert fits(page)


def add_photo(page: Page, folder: Path) -> None:
    """Send a portrait from the phone."""
    picture = folder / "portrait.jpg"
    picture.write_bytes(draw_portrait("the holder"))
    page.goto("/my/04/me/")
    page.set_input_files('input[name="photo"]', picture)
    page.get_by_role("button", name="上传这张照片").click()
    expect(page.get_by_alt_text("我的照片")).to_be_visible()


def study(page: Page) -> None:
    """Read every unit that is asked for, and answer the question of each."""
    page.goto("/my/04/courses/")
    page.locator(".rows a").first.click()
    page.get_by_role("link", name="开始学").click()
    while True:
        pk = re.search(r"/units/(\d+)/", page.url)
        assert pk
        unit = Unit.objects.get(pk=pk[1])
        _reach_end(page, unit)
        right = unit.content["check"]["answer"]
        page.locator(f'[data-check] input[value="{right}"]').check()
        page.get_by_role("button", name="提交答案").click()
        expect(page.locator("[data-check]")).to_contain_text("已答对")
        following = page.get_by_role("link", name="下一节")
        if not following.count():
            return
        following.click()
        page.wait_for_url(lambda url, before=pk[0]: before not in url)


def _reach_end(page: Page, unit: Unit) -> None:
    if unit.kind == "page":
        with page.expect_response(lambda answered: "progress" in answered.url):
            page.locator("[data-end]").scroll_into_view_if_needed()
        return
    pages = unit.content["pages"]
    for number in range(1, pages + 1):
        expect(page.locator("[data-leaf]")).to_have_attribute("data-leaf", str(number))
        page.get_by_role("button", name="看完了" if number == pages else "下一页").click()


def sit_exam(page: Page) -> Attempt:
    """Touch the right answer of every question, hand in, and return the attempt."""
    page.goto("/my/04/exam/")
    page.get_by_role("button", name="开始考试").click()
    expect(page.locator("#paper")).to_be_visible()
    assert fits(page)
    attempt = Attempt.objects.get(state="open")
    answers = key(attempt)
    for number, letters in answers.items():
        expect(page.locator("#place")).to_contain_text(f"{number}")
        for letter in letters:
            page.locator(f'#choices label:has(input[value="{letter}"])').click()
        if number < len(answers):
            page.locator("#after").click()
    expect(page.locator("#count")).to_have_text(f"{len(answers)}/{len(answers)}")
    expect(page.locator("#saved")).to_have_attribute("data-waiting", "0")
    page.locator("#open-sheet").click()
    page.locator("#hand-in").click()
    page.locator("#do-hand-in").click()
    expect(page.locator(".score")).to_contain_text("100")
    expect(page.locator(".score")).to_contain_text("合格")
    assert fits(page)
    attempt.refresh_from_db()
    return attempt


def sign_pledge(page: Page) -> None:
    """Draw a name with the finger and sign."""
    page.goto("/my/04/pledge/")
    pad = page.locator("[data-pad]")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    for step in range(1, 12):
        page.mouse.move(box["x"] + 30 + 18 * step, box["y"] + 40 + 60 * (step % 2))
    page.mouse.up()
    page.get_by_label("我已读完全文").check()
    page.get_by_role("button", name="签署承诺书").click()
    expect(page.get_by_text("已签署").first).to_be_visible()
