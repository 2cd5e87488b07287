"""The frames, parts and tags that every page is built from."""

import re
from datetime import datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.translation import override

from census_staff.accounts.drawings import drawings, public_sheet
from census_staff.accounts.navigation import groups_for
from census_staff.accounts.views_display import set_language, set_view
from census_staff.lib import wording

SHANGHAI = ZoneInfo("Asia/Shanghai")


def draw(text: str, **names: object) -> str:
    """Return a template's text with our tags at hand."""
    return Template("{% load census %}" + text).render(Context(names))


def test_a_page_carries_only_the_icons_it_uses_and_each_once():
    page = draw(
        '{% collect_icons %}{% icon "ok" %}{% icon "ok" %}{% icon "bad" %}{% icon_sprite %}'
    )
    assert re.findall(r'symbol id="([\w-]+)"', page) == ["i-bad", "i-ok"]
    assert page.count('href="#i-ok"') == 2


def test_a_fragment_carries_the_lines_of_its_icons():
    assert drawings()["ok"] in draw('{% icon "ok" %}')


def test_the_public_page_is_small_and_has_no_script():
    request = RequestFactory().get("/")
    request.csp_nonce = "once"
    page = render_to_string("base_public.html", {"request": request})
    assert len(page.encode()) < 15_000
    assert "<script" not in page and " style=" not in page
    assert '<style nonce="once">' in page
    assert "/*" not in public_sheet()


class Asked(forms.Form):
    name = forms.CharField(help_text="As on the ID card.")
    role = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)


def test_an_error_stands_above_its_input_and_the_input_names_both_hint_and_error():
    shown = draw("{% field form.name %}", form=Asked({}))
    names = re.search(r'aria-describedby="([^"]*)"', shown)
    assert names and all(f'id="{name}"' in shown for name in names[1].split())
    assert shown.index("field-hint") < shown.index("field-error") < shown.index("<input")
    assert 'aria-invalid="true"' in shown


def test_a_group_of_choices_is_a_fieldset_that_names_its_error():
    shown = draw("{% field form.role %}", form=Asked({}))
    assert '<fieldset class="field is-bad" aria-describedby="id_role_error">' in shown


def test_a_refused_step_stays_in_sight_with_its_reason():
    step = {"name": "number", "label": "Number", "refusal": "The pledge is missing."}
    shown = render_to_string("parts/offer.html", {"offers": [step]})
    assert 'aria-disabled="true"' in shown and 'aria-describedby="offer-number"' in shown
    assert '<p id="offer-number">The pledge is missing.</p>' in shown


def test_the_menu_shows_only_what_the_actions_open():
    assert groups_for(may=(), path="/", counts={}) == []


def test_a_query_string_keeps_the_rest_and_drops_none():
    request = RequestFactory().get("/?q=a&after=9&role=1&role=2")
    shown = draw('{% query after=None before="x y" %}', request=request)
    assert shown == "?q=a&amp;role=1&amp;role=2&amp;before=x+y"


@pytest.mark.parametrize("page", ["400", "403", "403_csrf", "404", "413", "429", "500"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_error_page_needs_nothing_and_says_what_to_do(page, language):
    with override(language):
        shown = render_to_string(f"{page}.html")
    assert shown.count("<p>") == 2
    assert 'href="/"' in shown


def test_large_text_is_chosen_and_unchosen_by_the_server():
    request = RequestFactory().post("/", {"view": "clear", "next": "/staff/?q=a"})
    chosen = set_view(request)
    assert (chosen.status_code, chosen["Location"]) == (302, "/staff/?q=a")
    assert chosen.cookies["view"].value == "clear"
    assert set_view(RequestFactory().post("/", {"view": "usual"})).cookies["view"]["max-age"] == 0


@pytest.mark.parametrize("away", ["https://elsewhere.example/", "//elsewhere.example/", "x"])
def test_a_switch_never_leads_to_another_site(away):
    assert set_language(RequestFactory().post("/", {"next": away}))["Location"] == "/"


def test_an_unknown_language_is_not_kept():
    assert not set_language(RequestFactory().post("/", {"language": "xx"})).cookies


def test_time_left_never_runs_below_nothing():
    now = datetime(2026, 12, 9, 9, 40, tzinfo=SHANGHAI)
    until = datetime(2026, 12, 21, 18, tzinfo=SHANGHAI)
    assert wording.time_left(until, now=now) == (12, 8, 20)
    assert wording.time_left(now - timedelta(days=1), now=now) == (0, 0, 0)


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (wording.masked_id("341524190001010032"), "3415**********0032"),
        (wording.masked_phone("13800002217"), "138****2217"),
        (wording.in_fours("2034152420018946"), "2034 1524 2001 8946"),
        (wording.grouped(18240), "18,240"),
        (wording.grouped(None), "–"),
    ],
)
def test_values_are_written_as_agreed(shown, wanted):
    assert shown == wanted


def test_a_place_is_said_with_the_one_above_it():
    zone = SimpleNamespace(name="Zone", parent=SimpleNamespace(name="County"))
    assert draw("{{ zone|place }}", zone=zone) == "County Zone"
