from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from census_staff.accounts.roles import ROLES
from census_staff.accounts.scope import OWN
from census_staff.workflow import Step, Workflow
from credentials.lifecycle import CARD
from recruitment.lifecycle import ACCESS, SERVICE

README = Path(settings.BASE_DIR) / "README.md"
BEGIN, END = "<!-- lifecycles -->", "<!-- /lifecycles -->"
TABLES = (("选聘 Service", SERVICE), ("账户 Access", ACCESS), ("证件 Card", CARD))


def who(step: Step) -> str:
    """Return who takes the step, as the README says it."""
    if step.action == OWN:
        return "the holder"
    if not step.action:
        return "the system"
    roles = [
        role.replace("_", " ") for role, grant in ROLES.items() if step.action in grant.actions
    ]
    return ", ".join(roles)


def table(title: str, cycle: Workflow) -> str:
    """Return one life cycle as a Markdown table."""
    lines = [f"**{title}**", "", "| step | 中文 | from | to | who |", "|---|---|---|---|---|"]
    for step in cycle.steps.values():
        with translation.override("zh-hans"):
            word = str(step.label)
        sources = ", ".join(sorted(str(s) for s in step.sources))
        lines.append(f"| {step.name} | {word} | {sources} | {step.target} | {who(step)} |")
    return "\n".join(lines)


def tables() -> str:
    """Return the README's section on the life cycles."""
    return "\n\n".join(table(title, cycle) for title, cycle in TABLES)


class Command(BaseCommand):
    """Print the life cycles, or write them into the README."""

    help = "The life cycles as tables, from the code that moves them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether to write."""
        parser.add_argument("--write", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print or write."""
        if not options["write"]:
            self.stdout.write(tables())
            return
        before, _sep, rest = README.read_text(encoding="utf-8").partition(BEGIN)
        _old, _sep, after = rest.partition(END)
        README.write_text(f"{before}{BEGIN}\n{tables()}\n{END}{after}", encoding="utf-8")
