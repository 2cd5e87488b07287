"""Activation slips: one for each person of a township, cut apart and handed over in person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, islice
from typing import BinaryIO

from census_staff.lib import qr
from census_staff.lib.pdf import A4, Document, Drawing
from census_staff.lib.pdf_text import Style, box, paragraph
from census_staff.lib.text_runs import spelled

INK, DIM, RULE = "#111111", "#4a5563", "#9aa5b1"
PER_PAGE, HEIGHT, TOP, LEFT, RIGHT = 5, 54.0, 13.5, 15.0, 195.0
STEPS = (
    "扫右边的二维码，或在手机浏览器打开下面的网址，点“首次激活”。",
    "输入本人手机号码和激活码，阅读个人信息收集告知，核对姓名和身份证号码后六位。",
    "自己设一个密码（至少 8 位，含字母和数字），不要告诉任何人。",
)
OFFICE_STEPS = (
    STEPS[0],
    "输入账号和激活码，阅读个人信息收集告知，核对姓名。",
    "自己设一个密码（至少 12 位，大写字母、小写字母、数字、符号中至少三种），不要告诉任何人。",
)
WARNING = "激活码只能用一次，输错五次即作废；工作人员不会索要激活码和密码。请撕毁用过的纸条。"


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed on one slip; the code is shown nowhere else.

    Office users sign in by their account name, which stands in the place of the phone number.
    """

    township: str
    full_name: str
    masked_phone: str
    code: str
    expires_on: date
    is_office: bool = False


def write_slips(
    out: BinaryIO, slips: Iterable[Slip], *, census: str, address: str, made_at: datetime
) -> int:
    """Write the slips, every township on sheets of its own, and return how many slips."""
    document = Document(out, title=f"{census} 账户激活码", made_at=made_at)
    with document.form("Code", 36, 36) as form:
        _draw_code(form, address)
    count = 0
    for township, group in groupby(slips, key=lambda slip: slip.township):
        while sheet := list(islice(group, PER_PAGE)):
            with document.page() as page:
                for order, slip in enumerate(sheet):
                    _draw_slip(page, TOP + order * HEIGHT, slip, census, address)
                foot = f"{census} · {spelled(township)} · 沿虚线剪开，当面交给本人"
                page.fill(DIM)
                page.text(A4[0] / 2, 288, foot, 2.6, align="centre")
            count += len(sheet)
    document.close()
    return count


def grouped_code(code: str) -> str:
    """Return the code as it is printed: groups of at most five characters."""
    return "-".join(code[start : start + 5] for start in range(0, len(code), 5))


def _draw_slip(page: Drawing, y: float, slip: Slip, census: str, address: str) -> None:
    for edge in (y, y + HEIGHT):
        page.line((5, edge), (205, edge), colour=RULE, width=0.2, dash=1.5)
    page.fill(DIM)
    box(page, LEFT, y + 3.5, f"{census} · {spelled(slip.township)}", Style(3), width=130)
    page.text(LEFT, y + 21.4, "激活码", 3)
    page.text(84, y + 21.4, "登录账号" if slip.is_office else "登录手机号码", 3)
    last_day = f"有效至 {slip.expires_on:%Y 年 %m 月 %d 日}".replace(" 0", " ")
    page.text(120, y + 21.4, last_day, 3)
    page.fill(INK)
    box(page, LEFT, y + 8.6, spelled(slip.full_name), Style(8, True, 1.2), width=140)
    page.text(LEFT, y + 25.4, grouped_code(slip.code), 7.4, bold=True, spacing=0.5)
    # A long account name gets smaller letters rather than another line.
    page.text(84, y + 26.4, slip.masked_phone, 5 if len(slip.masked_phone) <= 22 else 3)
    line = y + 35
    for order, step in enumerate(OFFICE_STEPS if slip.is_office else STEPS, start=1):
        page.text(LEFT, line, f"{order}.", 2.9)
        line = paragraph(page, LEFT + 4, line, step, Style(2.9, leading=1.45), width=140)
    page.fill(DIM)
    box(page, LEFT, y + 48.2, WARNING, Style(2.7), width=145)
    page.place("Code", 162, y + 6, 36, 36)
    box(page, 158, y + 41, address, Style(2.8, align="centre"), width=44)


def _draw_code(form: Drawing, address: str) -> None:
    """Draw the QR code of the sign-in page."""
    rows = qr.matrix(address)
    form.squares(0, 0, form.width / qr.side(rows), qr.path(rows))
