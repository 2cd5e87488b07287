"""The tags and filters every page may use: `{% load census %}`."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.forms import BoundField, CheckboxInput, Select
from django.forms.widgets import CheckboxSelectMultiple, ChoiceWidget, Input, RadioSelect, Textarea
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from census_staff.accounts.drawings import drawings, public_sheet
from census_staff.accounts.navigation import Group, Link, dock_for, groups_for
from census_staff.lib import wording
from census_staff.lib.gates import GATES, Gate

register = template.Library()

# Where the icons of one page are remembered until its sprite is written.
SHEET = "_icons"

TONES = {"success": "ok", "info": "go", "debug": "off", "warning": "warn", "error": "bad"}
# A state word anywhere in the house -> how it looks.
STATES = {
    "ok": "done appointed on_duty enabled handed_over submitted published valid approved",
    "go": "draft frozen under_review running proposed numbered printed open pending undoing",
    "warn": "returned reminded undo_asked stopped lost damaged spared kept not_yet reserve",
    "bad": "refused disabled stolen confiscated",
}
STATE_TONES = {word: tone for tone, words in STATES.items() for word in words.split()}
ICONS = {"ok": "ok", "go": "info", "warn": "warn", "bad": "bad", "off": "info"}


@register.simple_tag(takes_context=True)
def icon(context: Context, name: str, label: str = "") -> SafeString:
    """Return an icon: a pointer to the page's sprite, or its own lines in a fragment."""
    drawing = drawings()[name]
    hidden = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    used = context.get(SHEET)
    if used is None:
        inside = f'viewBox="0 0 20 20">{drawing}'
    else:
        used.add(name)
        inside = f'><use href="#i-{name}"/>'
    return mark_safe(f'<svg class="i" {hidden} {inside}</svg>'.replace(" >", ">"))  # noqa: S308


@register.simple_tag(takes_context=True)
def collect_icons(context: Context) -> str:
    """Start remembering which icons the page uses."""
    context.dicts[0][SHEET] = set()
    return ""


@register.simple_tag(takes_context=True)
def icon_sprite(context: Context) -> SafeString:
    """Return the symbols of the icons the page has used so far, once."""
    symbols = "".join(
        f'<symbol id="i-{name}" viewBox="0 0 20 20">{drawings()[name]}</symbol>'
        for name in sorted(context.get(SHEET) or ())
    )
    return mark_safe(f'<svg class="sprite" aria-hidden="true">{symbols}</svg>')  # noqa: S308


@register.simple_tag
def public_css() -> SafeString:
    """Return the style sheet that the public page inlines."""
    return mark_safe(public_sheet())  # noqa: S308


@register.inclusion_tag("parts/badge.html", takes_context=True)
def badge(context: Context, word: object, tone: str = "off", name: str = "") -> dict[str, Any]:
    """Return a state as icon, word and colour."""
    return {SHEET: context.get(SHEET), "word": word, "tone": tone, "icon_name": name or ICONS[tone]}


@register.filter
def tone(level: str) -> str:
    """Return the tone of a Django message level."""
    return next((TONES[word] for word in level.split() if word in TONES), "go")


@register.filter
def state_tone(state: str) -> str:
    """Return the tone of a state word; what is over or not begun is quiet."""
    return STATE_TONES.get(str(state), "off")


@register.filter
def tone_icon(value: str) -> str:
    """Return the icon that goes with a tone."""
    return ICONS.get(value, "info")


@register.filter
def moment(value: datetime | None) -> str:
    """Return 12月21日 18:00, or a dash."""
    return wording.moment(value) if value else "–"


@register.filter
def exact(value: datetime | None) -> str:
    """Return 2026年12月21日 18:00:05, or a dash."""
    return wording.exact_moment(value) if value else "–"


@register.filter
def day(value: date | None) -> str:
    """Return 12月21日, or a dash."""
    return wording.day(value) if value else "–"


@register.filter
def full_day(value: date | None) -> str:
    """Return 2026年12月21日, or a dash."""
    return wording.full_day(value) if value else "–"


@register.filter
def deadline(value: datetime | None) -> str:
    """Return 12月20日24时 for midnight, otherwise 12月21日 18:00."""
    return wording.deadline(value) if value else "–"


@register.filter
def listed(words: Iterable[object]) -> str:
    """Return words one after another, as the reader's language separates them."""
    return wording.listed(words)


@register.filter
def last_day(value: datetime | None) -> str:
    """Return 12月20日 for the midnight that ends it."""
    return wording.last_day(value) if value else "–"


@register.simple_tag
def time_left(until: datetime) -> dict[str, int | bool]:
    """Return the days, hours and minutes left, and whether the time has passed."""
    now = timezone.now()
    days, hours, minutes = wording.time_left(until, now=now)
    return {"days": days, "hours": hours, "minutes": minutes, "passed": until <= now}


@register.filter
def count(value: int | None) -> SafeString:
    """Return a number with thousands separated, in figures of one width."""
    return format_html('<span class="num">{}</span>', wording.grouped(value))


@register.filter
def percent(part: float | None, whole: float | None) -> str:
    """Return `part` of `whole` with one decimal, or a dash when there is nothing to divide."""
    return "–" if not whole or part is None else f"{100 * part / whole:.1f}%"


@register.filter
def share(part: float | None, whole: float | None) -> str:
    """Return how many hundredths `part` is of `whole`, for the width of a bar."""
    return "0" if not whole or part is None else f"{min(100.0, 100 * part / whole):.2f}"


@register.filter
def mask_id(number: str) -> str:
    """Return an ID number as 3415**********0032."""
    return wording.masked_id(number)


@register.filter
def mask_phone(number: str) -> str:
    """Return a telephone number as 138****2217."""
    return wording.masked_phone(number)


@register.filter
def in_fours(number: str) -> str:
    """Return a card number in groups of four."""
    return wording.in_fours(number)


@register.filter
def place(region: Any) -> str:
    """Return a place with the one above it, because the names of towns and zones repeat."""
    if region is None:
        return "–"
    above = getattr(region, "parent_name", "")
    above = above or getattr(getattr(region, "parent", None), "name", "")
    return f"{above} {region.name}".strip()


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: object) -> str:
    """Return the page's query string with some values changed; None removes one."""
    asked = context["request"].GET.copy()
    for name, value in changes.items():
        asked.pop(name, None)
        if value not in (None, ""):
            asked[name] = str(value)
    return "?" + urlencode(list(asked.lists()), doseq=True)


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> list[Group]:
    """Return the groups of the side menu that this user's actions open."""
    request = context.get("request")
    return groups_for(
        may=context.get("may") or (),
        path=getattr(request, "path", ""),
        counts=context.get("nav_counts") or {},
    )


@register.simple_tag(takes_context=True)
def dock_links(context: Context) -> list[Link]:
    """Return the entries of the phone's bottom menu."""
    request = context.get("request")
    record = getattr(request, "record", None)
    # Whoever is disabled has the remedy area alone: no menu that leads into refusals.
    if request is None or record is None or not record.is_open:
        return []
    return dock_for(request.path, record.census_code)


@register.simple_tag
def seven_gates() -> tuple[Gate, ...]:
    """Return the seven gates in their order."""
    return GATES


@register.inclusion_tag("parts/field.html", takes_context=True)
def field(context: Context, bound: BoundField, hint: str = "") -> dict[str, Any]:
    """Return a form field: label, hint, error, then the input that names both."""
    widget = bound.field.widget
    options = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    return {
        SHEET: context.get(SHEET),
        "bound": bound,
        "hint": hint or bound.help_text,
        "kind": "options" if options else "tick" if isinstance(widget, CheckboxInput) else "input",
        "control": "" if options else bound.as_widget(attrs=_attributes(bound, hint)),
    }


def _attributes(bound: BoundField, hint: str) -> dict[str, str | bool]:
    widget = bound.field.widget
    wanted: dict[str, str | bool] = {}
    boxed = isinstance(widget, Input | Textarea) or (
        isinstance(widget, ChoiceWidget) and not isinstance(widget, Select)
    )
    if boxed and not isinstance(widget, CheckboxInput):
        wanted["class"] = f"{widget.attrs.get('class', '')} input".strip()
    if isinstance(widget, Textarea) and widget.attrs.get("rows") == "10":
        # Ten rows is only what Django assumes when nobody said anything.
        wanted["rows"] = "4"
    if hint and not bound.help_text:
        error = f" {bound.auto_id}_error" if bound.errors else ""
        wanted["aria-describedby"] = f"{bound.auto_id}_helptext{error}"
    return wanted
