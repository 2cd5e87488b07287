"""The page from the mold is, letter for letter, the page that the template draws."""

import base64
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from credentials import public_mold
from credentials.public_views import draw_scan
from credentials.states import Showing
from credentials.verification import OPEN_TO_SEE, Verdict

AT = datetime(2026, 12, 21, 18, 0, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
KNOWN = Verdict(
    Showing.VALID,
    AT,
    number="0434152420000014",
    role="enumerator",
    issuer="金寨县<普查办> & 其他",
    issuer_short="金寨县农普办",
    phone="0564-735 0000",
    hours="工作日 8:00–18:00",
)
OPEN = replace(
    KNOWN,
    valid_from=date(2026, 12, 1),
    valid_until=date(2027, 5, 31),
    edition=2,
    full_name='张"三" <b>',
    area="金寨县 流波䃥镇",
    census="第四次全国农业普查",
    phase="登记",
    photo=b"\xff\xd8 a photo",
)


def both(verdict: Verdict) -> tuple[str, str]:
    photo = base64.b64encode(verdict.photo).decode()
    with override("zh-hans"):
        filled = public_mold.page(
            verdict, photo, "the-nonce", language="zh-hans", host="testserver", draw=draw_scan
        )
        return filled, draw_scan(verdict, photo, "the-nonce")


@pytest.mark.parametrize("showing", list(Showing))
def test_every_outcome_is_the_same_page(showing: Showing) -> None:
    verdict = replace(OPEN if showing in OPEN_TO_SEE else KNOWN, showing=showing)
    if showing == Showing.EXPIRED:
        verdict = replace(verdict, valid_until=date(2026, 12, 1))
    if showing in (Showing.UNKNOWN, Showing.UNREADABLE):
        verdict = Verdict(showing, AT)
    for each in (verdict, replace(verdict, at=AT.replace(hour=9))):
        filled, drawn = both(each)
        assert filled == drawn


@pytest.mark.parametrize(
    "changed",
    [
        {"photo": b""},
        {"area": ""},
        {"phase": ""},
        {"hours": ""},
        {"phone": ""},
        {"role": "supervisor"},
        {"edition": 13, "full_name": "阿卜杜热合曼·阿卜杜克里木", "number": "0434152410099999"},
        {"showing": Showing.NOT_YET, "valid_from": date(2026, 12, 25)},
        {"showing": Showing.NOT_YET, "valid_from": date(2026, 12, 21)},
    ],
)
def test_what_a_card_lacks_or_holds_changes_the_page_alike(changed: dict[str, object]) -> None:
    filled, drawn = both(replace(OPEN, **changed))  # type: ignore[arg-type]
    assert filled == drawn


def test_nothing_of_one_card_is_on_the_page_of_the_next() -> None:
    both(OPEN)
    other = replace(OPEN, full_name="李四", number="0434152420000022", photo=b"other")
    filled, _drawn = both(other)
    assert "三" not in filled.replace("第三十三条", "") and "0001 4" not in filled
    assert not any("\ue000" <= sign <= "\ue0ff" for sign in filled)
