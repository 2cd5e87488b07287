"""What holds for the whole house, checked by walking it."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.utils.module_loading import import_string

from census_staff.accounts.roles import ROLES
from census_staff.accounts.scope import OWN, ScopedQuerySet
from census_staff.audit.models import Jump
from census_staff.workflow import Step, Workflow
from tests.cycles import CYCLES

HOUSE = Path(__file__).parent.parent
APPS = ("census_staff", "training", "exams", "recruitment", "credentials")
SOURCES = [
    path
    for app in APPS
    for path in sorted((HOUSE / app).rglob("*.py"))
    if "migrations" not in path.parts
]
STEPS = [(cycle, step) for cycle in CYCLES for step in cycle.steps.values()]
STATE_FIELDS = {cycle.field for cycle in CYCLES}

# Tables whose office says something else than whose rows they are.
UNSCOPED = {
    "accounts.Posting": "postings are what scope is made of",
    "accounts.Reveal": "read through the audit record",
    "batches.BatchItem": "reached through its batch alone",
    "people.Correction": "reached through the person's staff record",
    "places.Office": "the tree itself",
}


def short(path: Path) -> str:
    """Return the path as people say it."""
    return str(path.relative_to(HOUSE))


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_no_room_is_too_large(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= 60, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_only_the_workflow_writes_state(path: Path) -> None:
    if path.name == "workflow.py" or "embedded" in path.parts:
        return
    states = {"state", "access", "service"}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Assign):
            written = {t.attr for t in node.targets if isinstance(t, ast.Attribute)}
            assert not written & states, f"line {node.lineno}"
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "update":
            words = {k.arg for k in node.keywords}
            on_rows = not isinstance(getattr(node.func, "value", None), ast.Dict)
            assert not (words & states and on_rows), f"line {node.lineno}"


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_nobody_dodges_a_circle_with_an_import_inside_a_function(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inside = [
                each
                for each in ast.walk(node)
                if isinstance(each, ast.ImportFrom) and (each.module or "").split(".")[0] in APPS
            ]
            if path.name in ("manage.py",) or "management" in path.parts:
                continue
            assert not inside, f"{node.name} imports inside itself"


@pytest.mark.parametrize(
    "model",
    [m for m in apps.get_models() if any(f.name == "office" for f in m._meta.fields)],
    ids=lambda m: m._meta.label,
)
def test_every_table_with_an_office_is_scoped(model: type) -> None:
    if model._meta.label in UNSCOPED:
        return
    assert isinstance(model._default_manager.all(), ScopedQuerySet)


@pytest.mark.parametrize(
    ("cycle", "step"), STEPS, ids=lambda x: getattr(x, "name", x.__class__.__name__)
)
def test_every_step_can_be_taken_by_some_role(cycle: Workflow, step: Step) -> None:
    assert step.action in ("", OWN) or any(step.action in g.actions for g in ROLES.values())


@pytest.mark.parametrize("cycle", CYCLES, ids=lambda c: f"{c.subject}.{c.field}")
def test_every_state_is_born_or_reached(cycle: Workflow) -> None:
    model = next(m for m in apps.get_models() if m._meta.db_table == cycle.subject)
    words = {str(value) for value, _label in model._meta.get_field(cycle.field).choices or []}
    reached = {str(s.target) for s in cycle.steps.values()} | {str(b) for b in cycle.born}
    assert reached == words


@pytest.mark.parametrize("cycle", CYCLES, ids=lambda c: f"{c.subject}.{c.field}")
def test_the_database_knows_the_same_moves_as_the_table(db: None, cycle: Workflow) -> None:
    known = Jump.objects.filter(subject=cycle.subject, field=cycle.field)
    assert set(known.values_list("source", "target")) == {
        (str(a), str(b)) for a, b in cycle.moves()
    }


def test_whatever_the_settings_name_exists() -> None:
    names = [*settings.BATCH_KINDS.values(), settings.SERVICE_RECORD, settings.SERVICE_RECORDS]
    names += [settings.SERVICE_OFFICES, settings.AUDIT_RECORD, settings.AUDIT_RECORD_MANY]
    names += list(settings.POLLS)
    for name in names:
        assert import_string(name)


def test_every_action_that_code_asks_for_is_given_by_some_role() -> None:
    given = frozenset().union(*(grant.actions for grant in ROLES.values()))
    asked = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(
                node.func, "id", getattr(node.func, "attr", "")
            ) in {"office_page", "allowed", "need", "reachable"}:
                asked |= {
                    a.value
                    for a in node.args
                    if isinstance(a, ast.Constant) and isinstance(a.value, str) and "." in a.value
                }
    assert asked <= given


def test_nothing_under_test_is_a_registry_or_a_machine() -> None:
    hosts = ("pypi" + ".org", "npmjs" + ".org", "deb.debian" + ".org", "/work" + "/main")
    for path in [*SOURCES, HOUSE / "dev.py", HOUSE / "README.md"]:
        if path.exists():
            text = path.read_text()
            assert not any(host in text for host in hosts), short(path)
