"""Portraits for demonstration are drawn, small and repeatable."""

from __future__ import annotations

import io

from PIL import Image

from census_staff.lib.portraits import MOST_BYTES, SIZE, draw_portrait


def test_a_portrait_is_a_small_one_inch_jpeg() -> None:
    portrait = draw_portrait("1")
    with Image.open(io.BytesIO(portrait)) as opened:
        assert (opened.format, opened.size) == ("JPEG", SIZE)
    assert len(portrait) <= MOST_BYTES


def test_the_same_seed_gives_the_same_face_and_another_seed_another() -> None:
    draw_portrait.cache_clear()
    first = draw_portrait("1")
    draw_portrait.cache_clear()
    assert draw_portrait("1") == first
    assert len({draw_portrait(str(seed)) for seed in range(20)}) == 20


def test_a_portrait_can_be_asked_for_by_sex() -> None:
    assert draw_portrait("3", female=True) != draw_portrait("3", female=False)
