"""What people sign and are told is read whole, by version, with a digest that notices every change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from census_staff.lib.versioned_texts import Part, VersionedText, read_versioned_text

ROOT = Path(__file__).parents[3]
PLEDGE = ROOT / "recruitment" / "content" / "pledge_zh.md"
NOTICE = ROOT / "census_staff" / "accounts" / "content" / "collection_notice_zh.md"


@pytest.mark.parametrize("path", [PLEDGE, NOTICE], ids=lambda path: path.stem)
def test_every_visible_character_is_in_a_part(path: Path) -> None:
    text = read_versioned_text(path)
    shown = "".join(part.text + "".join(part.items) for part in text.parts)
    assert [sign for sign in text.body if "\u4e00" <= sign <= "\u9fff"] == [
        sign for sign in shown if "\u4e00" <= sign <= "\u9fff"
    ]


@pytest.mark.parametrize(
    "owed",
    [
        "第十一条",
        "第四十二条",
        "普查指导员的，另行承诺",
        "离岗以后继续保密",
        "时间以服务器记录为准",
    ],
)
def test_the_pledge_says_what_it_owes(owed: str) -> None:
    text = read_versioned_text(PLEDGE)
    assert (text.title, text.version) == ("保密承诺书", "2026-11")
    assert owed in text.body


@pytest.mark.parametrize(
    "heading", ["谁在处理", "为什么处理", "处理哪些信息", "怎样处理", "保存多久", "您的权利"]
)
def test_the_notice_has_the_matters_of_article_17(heading: str) -> None:
    headings = [part.text for part in read_versioned_text(NOTICE).parts if part.kind == "heading"]
    assert any(found.startswith(heading) for found in headings)


def test_headings_lists_steps_and_paragraphs_are_told_apart() -> None:
    text = VersionedText("题", "1", "zh-Hans", "开头\n\n## 节\n\n- 甲\n- 乙\n\n1. 先\n2. 后")
    assert text.parts == (
        Part("paragraph", "开头"),
        Part("heading", "节"),
        Part("list", items=("甲", "乙")),
        Part("steps", items=("先", "后")),
    )


def test_the_digest_changes_with_the_smallest_change() -> None:
    text = read_versioned_text(PLEDGE)
    others = [
        replace(text, body=text.body + "。"),
        replace(text, version="2026-12"),
        replace(text, title="承诺书"),
    ]
    assert text.digest not in {other.digest for other in others}
    assert text.digest == read_versioned_text(PLEDGE).digest
