"""Faces of people who do not exist, for tests of printing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from census_staff.lib.portraits import draw_portrait
from credentials import numbers, tokens
from credentials.card_faces import CardFace

KEY = bytes(range(32))
NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)


def face(order: int = 1, **changes: Any) -> CardFace:
    """Return a face that can be printed, different for every order."""
    made = CardFace(
        number=numbers.make(census="20", county="341524", role="2", sequence=order),
        token=tokens.new(KEY),
        full_name="𠮷学文",
        role_name="普查员",
        census_title="第四次全国农业普查",
        edition=1,
        issuer="金寨县第四次全国农业普查领导小组办公室",
        issuer_short="金寨县农业普查办公室",
        area="金寨县\n流波䃥镇 桃花村",
        valid_from=date(2027, 1, 1),
        valid_until=date(2027, 5, 31),
        host="pc.example.gov.cn",
        hotline="0564-000 0000",
        township="流波䃥镇",
        photo=draw_portrait(str(order)),
    )
    return replace(made, **changes)
