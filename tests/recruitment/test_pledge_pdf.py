"""The signed pledge as a document: text, signature, time, device and hash together."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
from PIL import Image, ImageDraw

from recruitment.pledge_pdf import SignedPledge, pledge_pdf

NOW = datetime(2026, 12, 1, 9, 30, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
TEXT = "本人郑重承诺：\n一、对普查中知悉的资料保密。"


def signed(text: str = TEXT, **way: object) -> list[str]:
    pledge = SignedPledge(
        title="普查人员保密承诺书",
        version="2026-1",
        census="第四次全国农业普查",
        office="金寨县农业普查办公室",
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        full_name="𠮷学文",
        signed_at=NOW,
        device="Android 手机",
        **way,  # type: ignore[arg-type]
    )
    document = pypdfium2.PdfDocument(pledge_pdf(pledge, made_at=NOW))
    return [page.get_textpage().get_text_bounded() for page in document]


def signature() -> bytes:
    image = Image.new("RGBA", (300, 120), (0, 0, 0, 0))
    ImageDraw.Draw(image).line([(10, 90), (150, 20), (290, 80)], fill=(0, 0, 0, 255), width=5)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_a_drawn_signature_is_shown_with_what_proves_it() -> None:
    [page] = signed(signature=signature())
    for said in ("普查人员保密承诺书", "𠮷学文", "2026-12-01 09:30:05", "Android 手机", "手写签名"):
        assert said in page
    assert hashlib.sha256(TEXT.encode()).hexdigest() in "".join(page.split())


def test_a_typed_name_stands_as_the_signature() -> None:
    [page] = signed(typed_name="𠮷学文")
    assert "输入姓名签署" in page


@pytest.mark.parametrize("paragraphs", range(1, 40))
def test_no_word_is_lost_and_no_signature_stands_alone(paragraphs: int) -> None:
    text = "\n".join(
        f"第{n}条，对普查中知悉的国家秘密和个人信息予以保密。" for n in range(paragraphs)
    )
    pages = signed(text, typed_name="𠮷学文")
    whole = "".join("".join(pages).split())
    assert all(f"第{n}条，" in whole for n in range(paragraphs))
    assert "条，" in pages[-1] and "承诺人签名" in pages[-1]
