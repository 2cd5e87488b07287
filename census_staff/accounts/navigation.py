"""The side menu as a table: where an entry leads, and whose actions open it."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words: TypeAlias = str | Promise


class Entry(NamedTuple):
    route: str
    icon: str
    label: Words
    # Any one of these opens it; none means that every posting sees it.
    needs: tuple[str, ...] = ()


MENU: tuple[tuple[Words, tuple[Entry, ...]], ...] = (
    ("", (
        Entry("board", "board", _("Readiness"), ("board.view",)),
        Entry("staff_list", "people", _("Staff roster"), ("staff.view",)),
    )),
    (_("Recruitment"), (
        Entry("roster_home", "upload", _("Import roster"), ("roster.import",)),
        Entry("review_queue", "review", _("To review"), ("staff.review",)),
        Entry("activation_home", "enter", _("Activation"), ("staff.activate",)),
    )),
    (_("Training and exams"), (
        Entry("course_list", "train", _("Courses"), ("course.view",)),
        Entry("exam_list", "exam", _("Exams and papers"), ("exam.view",)),
    )),
    (_("Cards"), (
        Entry("card_batches", "card", _("Card batches"), ("card.issue",)),
        Entry("card_ledger", "list", _("Card ledger"), ("card.view",)),
        Entry(
            "reissue_list", "swap", _("Reissues"), ("card.reissue_apply", "card.reissue_approve")
        ),
    )),
    (_("Administration"), (
        Entry("batch_list", "layers", _("Bulk operations"), ("batch.view",)),
        Entry("run_list", "off", _("Scheduled disabling"), ("run.view",)),
        Entry(
            "exemption_list",
            "shield",
            pgettext_lazy("page", "Exemptions"),
            ("access.exempt", "access.exempt_approve"),
        ),
        Entry("audit_list", "clock", _("Audit trail"), ("audit.view",)),
        Entry("posting_list", "user", _("Postings"), ("posting.view",)),
        Entry("office_list", "flag", _("Offices"), ("office.view",)),
        Entry("appeal_list", "ask", _("Appeals"), ("access.switch",)),
        Entry("pledge_texts", "pledge", _("Confidentiality pledge"), ("census.view",)),
        Entry("census_settings", "gear", _("Census settings"), ("census.view",)),
    )),
)  # fmt: skip

DOCK: tuple[Entry, ...] = (
    Entry("phone_home", "home", _("Home")),
    Entry("phone_courses", "train", _("Study")),
    Entry("phone_card", "qr", _("Show card")),
    Entry("phone_me", "user", _("Me")),
)


@dataclass(frozen=True)
class Link:
    url: str
    icon: str
    label: Words
    count: int
    is_here: bool


@dataclass(frozen=True)
class Group:
    label: Words
    links: list[Link]


def groups_for(*, may: Container[str], path: str, counts: Mapping[str, int]) -> list[Group]:
    """Return the menu of someone with these actions, marking the entry the path lies under."""
    urls = {
        entry.route: url
        for _label, entries in MENU
        for entry in entries
        if _opens(entry, may) and (url := _url(entry.route))
    }
    here = max((url for url in urls.values() if path.startswith(url)), key=len, default="")
    groups = [
        Group(
            label,
            [_link(one, urls[one.route], here, counts) for one in entries if one.route in urls],
        )
        for label, entries in MENU
    ]
    return [group for group in groups if group.links]


def dock_for(path: str, census_code: str = "") -> list[Link]:
    """Return the phone's bottom menu in a census, marking the entry the path lies under."""
    urls = {entry.route: url for entry in DOCK if (url := _url(entry.route, census_code))}
    here = max((url for url in urls.values() if path.startswith(url)), key=len, default="")
    return [_link(entry, urls[entry.route], here, {}) for entry in DOCK if entry.route in urls]


def _opens(entry: Entry, may: Container[str]) -> bool:
    return not entry.needs or any(action in may for action in entry.needs)


def _url(route: str, *place: str) -> str:
    # A room whose pages are not installed has no entry.
    try:
        return reverse(route, args=place)
    except NoReverseMatch:
        return ""


def _link(entry: Entry, url: str, here: str, counts: Mapping[str, int]) -> Link:
    return Link(url, entry.icon, entry.label, counts.get(entry.route, 0), url == here)
