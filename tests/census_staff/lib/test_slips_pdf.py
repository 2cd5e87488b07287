"""Activation slips say what a person needs to open the account, and to whom they belong."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pypdfium2
import zxingcpp

from census_staff.lib.slips_pdf import PER_PAGE, Slip, grouped_code, write_slips

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ADDRESS = "https://pc.example.gov.cn/activate"


def printed(*townships: str) -> pypdfium2.PdfDocument:
    slips = [
        Slip(one, "𠮷学文", "138****0001", "K7MWP4XHQR", date(2026, 12, 5)) for one in townships
    ]
    out = io.BytesIO()
    count = write_slips(out, slips, census="第四次全国农业普查", address=ADDRESS, made_at=NOW)
    assert count == len(slips)
    return pypdfium2.PdfDocument(out.getvalue())


def test_a_slip_holds_name_masked_phone_code_and_last_day() -> None:
    text = printed("流波䃥镇")[0].get_textpage().get_text_bounded()
    for said in ("𠮷学文", "138****0001", "K7MWP-4XHQR", "2026 年 12 月 5 日", ADDRESS):
        assert said in text


def test_townships_do_not_share_a_sheet() -> None:
    document = printed(*["流波䃥镇"] * (PER_PAGE + 1), "梅山镇")
    texts = [page.get_textpage().get_text_bounded() for page in document]
    assert len(texts) == 3
    assert "梅山镇" in texts[2] and "流波䃥镇" not in texts[2]


def test_the_code_leads_to_the_sign_in_page() -> None:
    image = printed("流波䃥镇")[0].render(scale=2).to_pil()
    assert [found.text for found in zxingcpp.read_barcodes(image)] == [ADDRESS]


def test_a_code_is_printed_in_two_groups() -> None:
    assert grouped_code("K7MWP4XHQR") == "K7MWP-4XHQR"


def test_an_office_slip_names_the_account_and_the_longer_password() -> None:
    out = io.BytesIO()
    slip = Slip("金寨县普查办", "陈文", "jinzhai-chen", "K7MWP4XHQR", date(2026, 12, 5), True)
    write_slips(out, [slip], census="普查", address=ADDRESS, made_at=NOW)
    text = pypdfium2.PdfDocument(out.getvalue())[0].get_textpage().get_text_bounded()
    assert "登录账号" in text and "jinzhai-chen" in text and "至少 12 位" in text


def test_a_name_that_no_font_has_is_spelled_so_that_the_township_gets_its_slips() -> None:
    slip = Slip("梅山镇", "王\U0003fffd", "138****0001", "K7MWP4XHQR", date(2026, 12, 5))
    out = io.BytesIO()
    assert write_slips(out, [slip], census="第四次全国农业普查", address=ADDRESS, made_at=NOW) == 1
    [page] = pypdfium2.PdfDocument(out.getvalue())
    assert "U+3FFFD" in page.get_textpage().get_text_bounded()
