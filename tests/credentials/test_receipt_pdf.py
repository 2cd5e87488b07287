"""The cover list of a printing batch has a page for every township."""

from __future__ import annotations

import io

import pypdfium2

from credentials.receipt_pdf import Receipt, write_receipts
from tests.credentials.faces import NOW, face


def test_each_township_begins_a_page_of_its_own() -> None:
    places = ["流波䃥镇"] * 30 + ["梅山镇"]
    people = [
        Receipt(place, "𠮷学文", "普查员", face(order).number, 1)
        for order, place in enumerate(places, start=1)
    ]
    out = io.BytesIO()
    townships = write_receipts(
        out, people, census="第四次全国农业普查", batch="第 3 批", made_at=NOW
    )
    document = pypdfium2.PdfDocument(out.getvalue())
    pages = [page.get_textpage().get_text_bounded() for page in document]
    assert townships == 2
    assert len(pages) == 3
    assert "流波䃥镇" in pages[1] and "梅山镇" in pages[2]
    assert "领取人签名" in pages[2] and "2034 1524" in pages[2]
