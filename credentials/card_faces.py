"""Draw one card, front and back, as badge (90 × 130 mm) and as ID-1 (85.6 × 54 mm)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import Enum

from django.utils.translation import gettext_lazy as _

from census_staff.lib.errors import Refused
from census_staff.lib.pdf import Document, Drawing
from census_staff.lib.pdf_images import UnreadablePicture, jpeg
from census_staff.lib.pdf_text import Style, box, paragraph
from census_staff.lib.text_runs import MissingGlyph, missing
from credentials import qr
from credentials.numbers import grouped

NAVY, INK, DIM, RULE, SEAL = "#14304f", "#111111", "#4a5563", "#9aa5b1", "#b5271f"
WHITE = "#ffffff"
BLEED = 2.0

# A card is a Chinese document whatever language its printer reads, so its words stand here.
NEVER_ASKED = ("不收取任何费用", "不索要短信验证码和密码", "不问银行卡号，不要求转账")
DUTIES = (
    "持证人应当主动出示本证。未出示的，您有权拒绝调查（统计法第三十三条）。",
    "本证限本人在{census}中使用，不得涂改、复制、转借、赠送、买卖。",
    "遗失、被盗、损毁的，立即报告所属普查机构；不再从事普查工作的，交回本证。",
)


class CardSize(Enum):
    """The two sizes a card is printed in, width and height in millimetres."""

    BADGE = (90.0, 130.0)
    ID1 = (85.6, 54.0)


@dataclass(frozen=True, slots=True)
class CardFace:
    """Everything that is printed on one card; what the snapshot of a card keeps."""

    number: str
    token: str
    full_name: str
    role_name: str
    census_title: str
    edition: int
    issuer: str
    issuer_short: str
    area: str
    valid_from: date
    valid_until: date
    host: str
    hotline: str
    township: str
    photo: bytes = field(repr=False)
    seal: bytes = field(default=b"", repr=False)

    @property
    def address(self) -> str:
        """Return what the QR code says."""
        return qr.address(self.host, self.token)

    @property
    def validity(self) -> str:
        """Return the days between which the card is valid, as printed."""
        return f"{self.valid_from:%Y.%m.%d} – {self.valid_until:%Y.%m.%d}"

    def words(self) -> tuple[str, ...]:
        """Return every text of the face that comes from people or offices."""
        return (
            self.full_name,
            self.role_name,
            self.census_title,
            self.issuer,
            self.issuer_short,
            self.area.replace("\n", ""),
            self.hotline,
            self.township,
        )

    def snapshot(self) -> dict[str, str | int]:
        """Return the face as plain values, pictures as their SHA-256."""
        values = asdict(self)
        for name in ("photo", "seal"):
            values[name] = hashlib.sha256(values[name]).hexdigest() if values[name] else ""
        for name in ("valid_from", "valid_until"):
            values[name] = values[name].isoformat()
        return values

    def digest(self) -> str:
        """Return the SHA-256 of the snapshot: proof of what was printed."""
        text = json.dumps(self.snapshot(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def blocked(face: CardFace) -> Refused | None:
    """Return why this one card cannot be printed, naming what is missing, or nothing."""
    lost = [character for text in face.words() for character in missing(text)]
    if lost:
        return MissingGlyph(lost)
    if not face.photo:
        return Refused("photo_missing", _("There is no photo. Add one, then print this card."))
    try:
        jpeg(face.photo)
    except UnreadablePicture:
        return Refused("photo_unreadable", _("The photo cannot be read. Take in another one."))
    return None


def common(face: CardFace) -> tuple[str | bytes, ...]:
    """Return what the cards of one form have in common."""
    return (
        face.census_title,
        face.role_name,
        face.issuer,
        face.issuer_short,
        face.host,
        face.hotline,
        face.seal,
    )


def draw_common_front(drawing: Drawing, face: CardFace, size: CardSize, seal: str) -> None:
    """Draw what the fronts of these cards share; `seal` names a picture or is empty."""
    (_badge_common_front if size is CardSize.BADGE else _id1_common_front)(drawing, face, seal)


def draw_common_back(drawing: Drawing, face: CardFace, size: CardSize) -> None:
    """Draw what the backs of these cards share."""
    (_badge_common_back if size is CardSize.BADGE else _id1_common_back)(drawing, face)


def draw_front(drawing: Drawing, x: float, y: float, face: CardFace, size: CardSize) -> None:
    """Draw the holder's own part of a front whose top left corner is here."""
    photo = drawing.document.photo(face.photo)
    if size is CardSize.BADGE:
        drawing.place(photo, x + 8, y + 43, 35, 49)
        drawing.fill(INK)
        box(
            drawing,
            x + 48,
            y + 47.4,
            face.full_name,
            Style(9, True, 1.1),
            width=37,
            height=12.6,
        )
        box(drawing, x + 48, y + 67, face.area, Style(4.1, True, 1.3), width=37, height=16)
        drawing.text(x + 48, y + 87.6, face.validity, 3.1, bold=True)
        drawing.text(x + 8, y + 104.4, grouped(face.number), 4.8, bold=True)
        drawing.fill(DIM)
        drawing.text(x + 58, y + 99.9, f"第 {face.edition} 版", 3.1, align="right")
    else:
        drawing.place(photo, x + 5, y + 17.2, 22, 30.8)
        drawing.fill(INK)
        box(
            drawing,
            x + 31,
            y + 19.6,
            face.full_name,
            Style(5.8, True, 1.1),
            width=30,
            height=7.4,
        )
        box(
            drawing, x + 31, y + 30.4, _short_area(face), Style(3, True, 1.25), width=28, height=7.8
        )
        drawing.text(x + 31, y + 42.2, grouped(face.number), 3.7, bold=True)
        drawing.text(x + 31, y + 48.2, f"有效期 {face.validity}", 2.4)
        drawing.fill(DIM)
        drawing.text(x + 80.6, y + 48.2, f"第 {face.edition} 版", 2.4, align="right")


def draw_back(drawing: Drawing, x: float, y: float, face: CardFace, size: CardSize) -> None:
    """Draw the holder's own part of a back: the QR code, and the number that pairs the sides."""
    rows = qr.matrix(face.address)
    badge = size is CardSize.BADGE
    module = (30.0 if badge else 25.2) / len(rows)
    left, top = (45 - module * qr.side(rows) / 2, 11.6) if badge else (2.6, 2.6)
    drawing.squares(x + left, y + top, module, qr.path(rows))
    drawing.fill(DIM)
    number = f"{grouped(face.number)}  第 {face.edition} 版"
    if badge:
        drawing.text(x + 82, y + 121.6, number, 2.5, align="right")
    else:
        drawing.text(x + 80.6, y + 50, number, 2.1, align="right")


def _short_area(face: CardFace) -> str:
    """Return the area for the small card: as given where its lines are short, else run together."""
    is_short = max(map(len, face.area.split("\n"))) <= 9
    return face.area if is_short else face.area.replace("\n", " ")


def _band(drawing: Drawing, height: float) -> None:
    drawing.fill(NAVY)
    drawing.rectangle(-BLEED, -BLEED, drawing.width + 2 * BLEED, height + BLEED)
    drawing.fill(WHITE)


def _badge_common_front(drawing: Drawing, face: CardFace, seal: str) -> None:
    _band(drawing, 37)
    drawing.pill(36, 4.5, 18, 3.6)
    title = Style(4.6, align="centre")
    box(drawing, 6, 12.2, face.census_title, title, width=78)
    drawing.text(
        45.5,
        19.8,
        f"{face.role_name}证",
        _role_size(face, 11.5),
        bold=True,
        align="centre",
        spacing=1.2,
    )
    drawing.fill(DIM)
    for y, label in ((43.2, "姓名"), (62.6, "负责区域"), (83.4, "有效期")):
        drawing.text(48, y, label, 3.1)
    for y, label in ((99.9, "证件编号"), (112.2, "发证机关")):
        drawing.text(8, y, label, 3.1)
    drawing.line((8, 97), (82, 97), colour=RULE, width=0.25)
    drawing.fill(INK)
    box(drawing, 8, 116.4, face.issuer, Style(3.9, True, 1.25), width=52, height=9.8)
    _seal(drawing, 73, 114, 11, seal)


def _role_size(face: CardFace, size: float) -> float:
    """Return the size of the role: the longer one must leave room at the edges."""
    return size if len(face.role_name) <= 3 else size * 0.82


def _badge_common_back(drawing: Drawing, face: CardFace) -> None:
    drawing.fill(INK)
    drawing.text(45, 6, "扫码核验真伪", 5, bold=True, align="centre")
    drawing.text(45, 50.2, "扫码后请核对：网址、照片、姓名", 3.2, align="centre")
    box(drawing, 6, 54.8, face.host.lower(), Style(4.8, True, align="centre"), width=78)
    drawing.fill(DIM)
    drawing.text(45, 61.2, "不能扫码：打开该网址，输入证件编号和姓名查询", 3.1, align="centre")
    drawing.line((8, 66.6), (82, 66.6), colour=RULE, width=0.25)
    drawing.fill(INK)
    drawing.text(8, 69, f"{face.role_name}绝不会这样做", 3.2)
    _never_asked(drawing, 8, 73.8, 3.9, 5.4)
    drawing.line((8, 91.2), (82, 91.2), colour=RULE, width=0.25)
    drawing.fill("#222222")
    y = 93.2
    for order, duty in enumerate(DUTIES, start=1):
        drawing.text(8, y, f"{order}.", 2.6)
        text = duty.format(census=face.census_title)
        y = paragraph(drawing, 11, y, text, Style(2.6, leading=1.36), width=71)
    drawing.fill(DIM)
    drawing.text(8, 116.6, "核实与举报电话", 3)
    drawing.fill(INK)
    box(drawing, 8, 120.4, face.hotline, Style(4.6, True), width=36)


def _id1_common_front(drawing: Drawing, face: CardFace, seal: str) -> None:
    _band(drawing, 13.5)
    box(drawing, 5, 2.2, face.census_title, Style(2.9), width=75)
    drawing.text(5, 6.2, f"{face.role_name}证", 5.4, bold=True, spacing=0.5)
    drawing.fill(DIM)
    for y, label in ((16.4, "姓名"), (27.4, "负责区域"), (38.8, "证件编号")):
        drawing.text(31, y, label, 2.4)
    drawing.text(71.6, 32.6, "发证机关", 2.4, align="centre")
    drawing.fill(INK)
    style = Style(2.4, leading=1.3, align="centre")
    box(drawing, 60.4, 35.8, face.issuer_short, style, width=22.4, height=6.4)
    _seal(drawing, 71.6, 23.9, 8, seal)


def _id1_common_back(drawing: Drawing, face: CardFace) -> None:
    drawing.fill(INK)
    drawing.text(35.6, 4.2, "扫码核验真伪", 3.7, bold=True)
    drawing.text(35.6, 9.4, "请核对：网址、照片、姓名。网址是", 2.4)
    box(drawing, 35.6, 12.6, face.host.lower(), Style(3.9, True), width=47)
    drawing.text(35.6, 17.8, "不能扫码：输入证件编号和姓名查询", 2.4)
    _never_asked(drawing, 35.6, 21.8, 2.8, 3.9)
    drawing.fill(DIM)
    drawing.text(35.6, 34.3, "核实与举报电话", 2.3)
    drawing.fill(INK)
    box(drawing, 53, 33.6, face.hotline, Style(3.6, True), width=29.6)
    drawing.line((5, 38.3), (80.6, 38.3), colour=RULE, width=0.2)
    drawing.fill("#222222")
    text = "".join(duty.format(census=face.census_title) for duty in DUTIES)
    paragraph(drawing, 5, 39.6, text, Style(2.15, leading=1.36), width=75.6)


def _never_asked(drawing: Drawing, x: float, y: float, size: float, step: float) -> None:
    """Draw the three lines, each behind a cross."""
    for line in NEVER_ASKED:
        low, high, right = y + size * 0.22, y + size * 0.78, x + size * 0.56
        for start, end in (((x, low), (right, high)), ((x, high), (right, low))):
            drawing.line(start, end, colour=SEAL, width=size * 0.12)
        drawing.fill(INK)
        drawing.text(x + size * 0.95, y, line, size, bold=True)
        y += step


def _seal(drawing: Drawing, x: float, y: float, radius: float, seal: str) -> None:
    """Draw the issuer's seal, or the place where it is stamped by hand."""
    if seal:
        drawing.place(seal, x - radius, y - radius, 2 * radius, 2 * radius)
        return
    drawing.ring(x, y, radius, colour=SEAL, width=0.3, dash=1.1)
    drawing.fill(SEAL)
    drawing.text(x, y - radius * 0.14, "盖章处", radius * 0.27, align="centre")


def common_forms(document: Document, face: CardFace, size: CardSize, name: str) -> tuple[str, str]:
    """Write the two shared sides as forms and return their names."""
    seal = document.picture(face.seal)[0] if face.seal else ""
    width, height = size.value
    with document.form(f"Front{name}", width, height, bleed=BLEED) as front:
        draw_common_front(front, face, size, seal)
    with document.form(f"Back{name}", width, height, bleed=BLEED) as back:
        draw_common_back(back, face, size)
    return f"Front{name}", f"Back{name}"
