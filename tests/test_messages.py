"""Chinese is complete: every message of code and templates has its translation."""

import re
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from census_staff.lib import catalogs, wording
from census_staff.lib.catalogs import CHINESE

ROOT = Path(__file__).resolve().parent.parent


def test_no_message_lacks_its_chinese():
    lacking = [f"{found.place}: {found.key[1]!r}" for found in catalogs.missing(ROOT)]
    assert not lacking, "\n".join(lacking)


def test_two_rooms_never_translate_one_message_differently():
    assert not catalogs.conflicts(ROOT)


def test_no_translation_asks_for_a_placeholder_its_message_lacks():
    assert not catalogs.broken_names(ROOT)


def test_messages_in_the_code_are_english():
    # An English sentence may quote the Chinese word that belongs in a cell.
    foreign = [
        found
        for found in catalogs.messages(ROOT)
        if CHINESE.search(found.key[1]) and not re.match(r"[A-Za-z%{]", found.key[1])
    ]
    assert not foreign


def test_templates_hold_no_chinese_outside_their_tags():
    lines = catalogs.chinese_outside_tags(ROOT)
    assert not lines, "\n".join(lines)


def test_a_message_without_chinese_is_found(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "exams").mkdir()
    page = (
        '{% load i18n %}<p title="{% translate "One" context "x" %}">{% blocktranslate count n=m %}'
    )
    page += "{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}{{ _('Two')|lower }}文</p>"
    (tmp_path / "templates" / "a.html").write_text(page, encoding="utf-8")
    (tmp_path / "exams" / "b.py").write_text('_("Three")\npgettext_lazy("c", "Four")\n')
    po = tmp_path / "locale" / "room" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True)
    po.write_text('msgid "Three"\nmsgstr "三"\n', encoding="utf-8")

    lacking = {found.key for found in catalogs.missing(tmp_path)}

    assert lacking == {("x", "One"), ("", "%(n)s row"), ("", "Two"), ("c", "Four")}
    assert catalogs.chinese_outside_tags(tmp_path)


@pytest.mark.parametrize(
    ("language", "said"), [("zh-hans", "12月20日24时"), ("en", "24:00 on 20 Dec")]
)
def test_midnight_is_said_as_the_end_of_the_day_before(language, said):
    midnight = datetime(2026, 12, 21, tzinfo=ZoneInfo("Asia/Shanghai"))
    with override(language):
        assert wording.deadline(midnight, today=date(2026, 12, 1)) == said
