"""The two commands start from a bare machine and nothing in the checkout names a registry."""

import ast
import hashlib
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from django.db.backends.postgresql.psycopg_any import is_psycopg3

CHECKOUT = Path(__file__).resolve().parent.parent
REGISTRIES = (
    "py" + "pi.org",
    "python" + "hosted",
    "npmjs" + ".org",
    "debian" + ".org",
    "crates" + ".io",
)
LOCKS = ("requirements.txt", "requirements/embedded.txt", "requirements/dev.txt")


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """dev.py with a .venv of its own that has no pip, so that any installation fails."""
    spec = importlib.util.spec_from_file_location("dev", CHECKOUT / "dev.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    monkeypatch.setattr(module, "VENV", tmp_path / "venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / "venv/bin/python")
    return module


def stamp(dev: ModuleType, locks: tuple[str, ...]) -> None:
    digests = [
        f"{lock} {hashlib.sha256((CHECKOUT / lock).read_bytes()).hexdigest()}" for lock in locks
    ]
    (dev.VENV / "installed").write_text("\n".join([str(dev.VENV), *digests]))


def test_what_is_installed_is_not_installed_again(dev: ModuleType) -> None:
    stamp(dev, LOCKS)
    dev.install(dev.RUNTIME)
    dev.install(dev.TESTING)


def test_a_lock_that_was_not_installed_is_installed(dev: ModuleType) -> None:
    stamp(dev, LOCKS[:2])
    dev.install(dev.RUNTIME)
    with pytest.raises(subprocess.CalledProcessError):
        dev.install(dev.TESTING)


def test_an_old_python_can_read_why_it_is_too_old() -> None:
    source = (CHECKOUT / "dev.py").read_text("utf-8")
    tree = ast.parse(source, feature_version=(3, 7))
    first = [type(node) for node in tree.body[:4]]
    assert first == [ast.Expr, ast.Import, ast.Assign, ast.If]


def tracked() -> Iterator[Path]:
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=CHECKOUT, text=True)
    return (CHECKOUT / name for name in listed.split("\0") if name)


def test_no_file_names_a_registry() -> None:
    guilty = [
        path.name
        for path in tracked()
        if path.is_file() and any(name.encode() in path.read_bytes() for name in REGISTRIES)
    ]
    assert guilty == []


def test_every_requirement_is_pinned_by_hashes() -> None:
    for lock in LOCKS:
        lines = (CHECKOUT / lock).read_text("utf-8").splitlines()
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            if not line.startswith((" ", "#")):
                assert "==" in line
                assert "--hash=sha256:" in following


def test_only_psycopg2_is_installed() -> None:
    assert is_psycopg3 is False
    for lock in LOCKS:
        assert "\npsycopg==" not in (CHECKOUT / lock).read_text("utf-8")
