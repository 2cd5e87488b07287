from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from census_staff.accounts.roles import ROLES, Duty, Role
from census_staff.places.models import OfficeLevel as Level

PAGE = Path(settings.BASE_DIR) / "docs" / "roles.md"
LEVELS = {Level.TOWNSHIP: "镇", Level.COUNTY: "县", Level.CITY: "市"}
DUTIES = {
    Duty.BUSINESS: "business",
    Duty.AUDIT: "audit",
    Duty.SYSTEM: "system",
    Duty.SECURITY: "security",
}
# Every action of the role table, in the order in which the work is done.
ACTIONS: dict[str, dict[str, str]] = {
    "Roster and review": {
        "roster.import": "bring in a roster workbook",
        "staff.propose": "enter a person, submit them for review",
        "staff.photo": "bring in portraits",
        "staff.view": "see the people within reach, numbers masked",
        "staff.review": "appoint, return, refuse, put in reserve; decide corrections",
        "staff.reveal": "see an ID number or a phone in full, with a reason that is kept",
        "staff.export": "take the people within reach out as a workbook",
        "staff.activate": "open access and print one-time slips",
        "staff.leave": "let a person go",
    },
    "Access and the run": {
        "access.switch": "remind, disable and enable one by one; answer appeals",
        "access.exempt": "ask for an exemption",
        "access.exempt_approve": "grant an exemption that somebody else asked for",
        "run.view": "see a run, its list and its report",
        "run.prepare": "prepare a run, freeze it, ask to undo it",
        "run.approve": "approve a run or its undo that somebody else made",
    },
    "Study and exams": {
        "course.view": "see courses and how far people are",
        "course.manage": "write, publish and withdraw courses",
        "exam.view": "see exams, papers and results",
        "exam.manage": "write, publish and close exams; enter results of a room",
        "evidence.void": "void a completion, an attempt or a pledge, with a reason",
    },
    "Cards": {
        "card.view": "see the ledger",
        "card.issue": "give numbers, make and print cards",
        "card.hand_over": "hand cards over",
        "card.report": "record a loss, a theft, a damage, a find",
        "card.reissue_apply": "apply for a new edition",
        "card.reissue_approve": "decide such an application, as the office that issued the card",
        "card.recall": "record a card as returned",
        "card.cancel": "cancel a card that came back or is explained",
        "card.confiscate": "take a card away; lift the bar that somebody else set",
    },
    "The office": {
        "board.view": "see the boards",
        "batch.view": "see bulk work and what became of each row",
        "census.view": "see the settings of a census",
        "census.change": "change them; ask for other times",
        "census.approve": "approve other times that somebody else asked for",
    },
    "Record, system and security": {
        "audit.view": "read the record of what happened",
        "office.view": "see the tree of offices",
        "office.manage": "add and change offices",
        "posting.view": "see who holds which post",
        "posting.manage": "open accounts, give and end posts",
        "user.lock": "lock and unlock accounts, end their sessions",
    },
}
HEAD = """# Who may do what

Generated from `census_staff/accounts/roles.py` (`python3 dev.py manage roles --write`); a test keeps it fresh.

A role says *what*, a posting says *where*: whoever is posted at an office reaches that office and everything below it, and
nothing else — out of reach is answered as if it did not exist (404), in reach but not in the role with 403 and a code. A cell
names the levels at which the role is held: 镇 township, 县 county, 市 city; an empty cell means no.
"""
TAIL = """## What no role changes

* One account never holds posts of two duties (三员分立): business, audit, system and security exclude each other.
* A county has one coordinator for each census. A card is reissued only by the office that issued it.
* Nobody approves what they made: not a record they entered, nor a run, an undo, an exemption, a correction, a change of times, a
  reissue or the lifting of a confiscation.
* Field staff have no role. They reach their own record in their own censuses, and while their access is disabled only the pages
  that tell the reason and mend it.
* A stranger reaches the public verification pages and the doors (sign-in, activation), nothing else.

The duties kept apart, the one coordinator and the second person hold whatever path a write takes: the database refuses it
(`tests/illegal/`). What each role reaches is walked, route by route and with another county's objects as probes, by
`tests/test_scope.py`.
"""


def page() -> str:
    """Return the page: who the roles are, then what each may do and where."""
    parts = [HEAD, roles(), *(matrix(title, rows) for title, rows in ACTIONS.items()), TAIL]
    return "\n".join(parts)


def roles() -> str:
    """Return the roles with the levels at which they are held."""
    lines = ["## The roles", "", "| role | 角色 | held at | duty |", "|---|---|---|---|"]
    for role in Role:
        grant = ROLES[role]
        lines.append(f"| {role.value} | {chinese(role)} | {levels(role)} | {DUTIES[grant.duty]} |")
    return "\n".join(lines) + "\n"


def matrix(title: str, rows: dict[str, str]) -> str:
    """Return one group of actions by the roles that have any of them."""
    holders = [role for role in Role if ROLES[role].actions & rows.keys()]
    lines = [
        f"## {title}",
        "",
        f"| action | means | {' | '.join(chinese(role) for role in holders)} |",
        "|---|---|" + ":-:|" * len(holders),
    ]
    for action, means in rows.items():
        cells = (levels(role) if action in ROLES[role].actions else "" for role in holders)
        lines.append(f"| `{action}` | {means} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def levels(role: Role) -> str:
    """Return the levels at which a role is held, from the lowest up."""
    return " ".join(word for level, word in LEVELS.items() if level in ROLES[role].levels)


def chinese(role: Role) -> str:
    """Return the role as the screens call it."""
    with translation.override("zh-hans"):
        return str(role.label)


class Command(BaseCommand):
    """Print who may do what, or write it into the documentation."""

    help = "The roles as a table, from the code that asks for them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether to write."""
        parser.add_argument("--write", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print or write."""
        if not options["write"]:
            self.stdout.write(page())
            return
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page(), encoding="utf-8")
