"""The same drawing as it is usually written, and the least that a PDF of it can cost."""

import io
import zlib
from typing import Any

from census_staff.lib.fonts import chain
from credentials.card_faces import CardFace, CardSize
from credentials.card_pdf import places
from credentials.numbers import grouped

PER_SHEET = 8
MM = 72 / 25.4
HEIGHT = 297.0


def reportlab(faces: list[CardFace]) -> int:
    """Return the size of the PDF that ReportLab makes, with the codes of the qrcode package."""
    import qrcode
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    fonts = [str(path) for path in _font_files()]
    pdfmetrics.registerFont(TTFont("R", fonts[0]))
    pdfmetrics.registerFont(TTFont("B", fonts[1]))
    out = io.BytesIO()
    page = Canvas(out, pagesize=(210 * MM, HEIGHT * MM), pageCompression=1)
    for first in range(0, len(faces), PER_SHEET):
        group = faces[first : first + PER_SHEET]
        for (x, y), face in zip(places(CardSize.ID1, is_back=False), group, strict=False):
            _front(page, x, y, face, ImageReader)
        page.showPage()
        for (x, y), face in zip(places(CardSize.ID1, is_back=True), group, strict=False):
            _back(page, x, y, face, qrcode)
        page.showPage()
    page.save()
    return out.tell()


def _font_files() -> list[Any]:
    from pathlib import Path

    import census_staff.lib.fonts as place

    home = Path(next(iter(place.__path__)))
    return [home / "NotoSansSC-Regular.ttf", home / "NotoSansSC-Bold.ttf"]


def _text(page: Any, x: float, y: float, text: str, size: float, bold: bool = False) -> None:
    page.setFont("B" if bold else "R", size * MM)
    page.drawString(x * MM, (HEIGHT - y - 0.88 * size) * MM, text)


def _front(page: Any, x: float, y: float, face: CardFace, reader: Any) -> None:
    page.setFillColorRGB(0.08, 0.19, 0.31)
    page.rect(x * MM, (HEIGHT - y - 15) * MM, 85.6 * MM, 15 * MM, stroke=0, fill=1)
    page.setFillColorRGB(1, 1, 1)
    _text(page, x + 5, y + 3, face.census_title, 3.2)
    _text(page, x + 5, y + 8, f"{face.role_name}证", 5, True)
    page.setFillColorRGB(0.07, 0.07, 0.07)
    page.drawImage(
        reader(io.BytesIO(face.photo)), (x + 5) * MM, (HEIGHT - y - 48) * MM, 22 * MM, 30.8 * MM
    )
    _text(page, x + 31, y + 19.6, face.full_name, 5.8, True)
    for row, part in enumerate(face.area.split("\n")):
        _text(page, x + 31, y + 30.4 + 3.75 * row, part, 3, True)
    _text(page, x + 31, y + 42.2, grouped(face.number), 3.7, True)
    _text(page, x + 31, y + 48.2, f"有效期 {face.validity}", 2.4)
    _text(page, x + 68, y + 48.2, f"第 {face.edition} 版", 2.4)
    page.setDash(1.1 * MM)
    page.circle((x + 72) * MM, (HEIGHT - y - 30) * MM, 9 * MM)
    page.setDash()
    _text(page, x + 66, y + 29, "盖章处", 2.4)
    _crop(page, x, y)


def _back(page: Any, x: float, y: float, face: CardFace, qrcode: Any) -> None:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=0)
    code.add_data(face.address)
    code.make(fit=True)
    rows = code.get_matrix()
    module = 25.2 / len(rows)
    for row, line in enumerate(rows):
        for column, dark in enumerate(line):
            if dark:
                page.rect(
                    (x + 2.6 + column * module) * MM, (HEIGHT - y - 2.6 - (row + 1) * module) * MM,
                    module * MM, module * MM, stroke=0, fill=1,
                )  # fmt: skip
    for place, text in enumerate(
        (
            face.issuer,
            face.hotline,
            face.host,
            "不收取任何费用",
            "不索要短信验证码和密码",
            "不问银行卡号，不要求转账",
        )
    ):
        _text(page, x + 32, y + 4 + 5 * place, text, 2.4)
    for place, text in enumerate(
        (
            "持证人应当主动出示本证。未出示的，您有权拒绝调查（统计法第三十三条）。",
            "本证限本人使用，不得涂改、复制、转借、赠送、买卖。",
        )
    ):
        _text(page, x + 3, y + 38 + 4 * place, text, 2.1)
    _text(page, x + 55, y + 50, f"{grouped(face.number)}  第 {face.edition} 版", 2.1)


def _crop(page: Any, x: float, y: float) -> None:
    page.setLineWidth(0.3)
    for edge in (y, y + 54):
        page.line((x - 2.5) * MM, (HEIGHT - edge) * MM, (x - 6) * MM, (HEIGHT - edge) * MM)


def bare(faces: list[CardFace]) -> int:
    """Return the size of the least PDF: photos as they are, a native code, text without layout.

    It knows every width beforehand, checks nothing, and shows its texts by glyph numbers.
    """
    from credentials import qr

    font = chain()[0]
    font = getattr(font, "font", font)
    out, offsets, glyphs = io.BytesIO(), [], {}

    def put(body: bytes) -> int:
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (len(offsets), body))
        return len(offsets)

    def shown(text: str) -> str:
        return "".join(f"{glyphs.setdefault(c, len(glyphs) + 1):04x}" for c in text)

    for first in range(0, len(faces), PER_SHEET):
        group = faces[first : first + PER_SHEET]
        front, back, images = [], [], []
        for (x, y), face in zip(places(CardSize.ID1, is_back=False), group, strict=False):
            head = b"<</Type/XObject/Subtype/Image/Width 295/Height 413/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode/Length %d>>stream\n"
            images.append(put(head % len(face.photo) + face.photo + b"\nendstream"))
            front.append(f"q 22 0 0 30.8 {x + 5:.2f} {297 - y - 48:.2f} cm /P{images[-1]} Do Q")
            texts = (
                face.full_name,
                face.area,
                grouped(face.number),
                face.validity,
                face.role_name,
                face.census_title,
            )
            front += [
                f"BT /F 4 Tf {x + 31:.2f} {297 - y - 6 * n:.2f} Td <{shown(t)}> Tj ET"
                for n, t in enumerate(texts)
            ]
            rows = qr.matrix(face.address)
            back.append(f"q 0.7 0 0 -0.7 {x + 2.6:.2f} {297 - y:.2f} cm {qr.path(rows)} f Q")
            back += [
                f"BT /F 2 Tf {x + 31:.2f} {297 - y - 6 * n:.2f} Td <{shown(t)}> Tj ET"
                for n, t in enumerate((face.issuer, face.hotline, face.host))
            ]
        for operations in (front, back):
            body = zlib.compress("\n".join(operations).encode(), 5)
            contents = put(
                b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(body), body)
            )
            put(b"<</Type/Page/Contents %d 0 R/MediaBox[0 0 210 297]>>" % contents)
    program = zlib.compress(font.subset([font.glyph(c) for c in glyphs]), 5)
    put(b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(program), program))
    out.write(b"xref\n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    return out.tell()
