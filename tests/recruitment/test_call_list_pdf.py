"""The call list names whom to telephone and says who has not read the notice."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pypdfium2

from recruitment.call_list_pdf import Call, write_call_list


def printed(*calls: Call) -> list[str]:
    out = io.BytesIO()
    now = datetime(2026, 12, 14, tzinfo=UTC)
    write_call_list(out, calls, title="电话提醒名单", subtitle="金寨县", made_at=now)
    document = pypdfium2.PdfDocument(out.getvalue())
    return [page.get_textpage().get_text_bounded() for page in document]


def test_a_line_says_name_office_masked_phone_reason_and_whether_it_was_read() -> None:
    [page] = printed(Call("𠮷学文", "流波䃥镇农普办", "138****0001", "未参加网上考试", False))
    for said in ("𠮷学文", "流波䃥镇农普办", "138****0001", "未参加网上考试", "未读"):
        assert said in page


def test_a_long_list_goes_on_with_its_head() -> None:
    pages = printed(*[Call("李道芳", "梅山镇", "139****0002", "未通过考试", True)] * 60)
    assert len(pages) == 3
    assert all("未达标事项" in page for page in pages)


def test_an_empty_list_is_a_page_that_says_so_by_having_no_lines() -> None:
    assert len(printed()) == 1


def test_a_name_that_no_font_has_is_spelled_and_stops_nobody_elses_line() -> None:
    [page] = printed(
        Call("王\U0003fffd", "梅山镇", "139****0002", "未通过考试", True),
        Call("李道芳", "梅山镇", "139****0003", "未通过考试", True),
    )
    assert "U+3FFFD" in page
    assert "李道芳" in page
