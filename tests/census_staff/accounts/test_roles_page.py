"""The page that says who may do what says what the code asks."""

import ast
from itertools import chain
from pathlib import Path

import pytest
from django.core.management import call_command

from census_staff.accounts.management.commands import roles
from census_staff.accounts.roles import ROLES
from tests.cycles import CYCLES

HOUSE = Path(__file__).parents[3]
APPS = ("census_staff", "training", "exams", "recruitment", "credentials")
DESCRIBED = set(chain.from_iterable(roles.ACTIONS.values()))


def test_the_page_is_that_of_the_role_table() -> None:
    assert roles.PAGE.read_text(encoding="utf-8") == roles.page()


def test_the_readme_leads_to_it() -> None:
    assert "docs/roles.md" in (HOUSE / "README.md").read_text(encoding="utf-8")


def test_every_action_of_the_roles_is_described_and_no_other() -> None:
    assert set(chain.from_iterable(grant.actions for grant in ROLES.values())) == DESCRIBED


def test_every_action_that_the_code_asks_for_is_somebodys() -> None:
    asked = {step.action for cycle in CYCLES for step in cycle.steps.values()} - {"", "own"}
    for app in APPS:
        for path in (HOUSE / app).rglob("*.py"):
            asked |= actions_in(path)
    assert asked - DESCRIBED == set()


def test_an_action_that_no_code_names_says_so() -> None:
    tables = {"accounts/roles.py", "commands/roles.py"}
    code = "".join(
        path.read_text(encoding="utf-8")
        for app in APPS
        for path in (HOUSE / app).rglob("*.py")
        if "/".join(path.parts[-2:]) not in tables
    )
    means = {a: text for group in roles.ACTIONS.values() for a, text in group.items()}

    wrong = [a for a, text in means.items() if (f'"{a}"' in code) == ("no page asks" in text)]

    assert wrong == []


def actions_in(path: Path) -> set[str]:
    """Return the actions that a module asks for by name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        place = {"office_page": 0, "allowed": 1, "reach": 0, "need": 1, "reachable": 2}.get(name)
        if place is not None and len(node.args) > place:
            word = node.args[place]
            if isinstance(word, ast.Constant) and isinstance(word.value, str) and word.value:
                found.add(word.value)
    return found


def test_the_page_is_written_by_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "PAGE", tmp_path / "docs" / "roles.md")

    call_command("roles", "--write")

    assert "| card_issuer | 发证员 | 县 市 | business |" in roles.PAGE.read_text(encoding="utf-8")
