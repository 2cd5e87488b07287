"""The database of a test session: migrated once by the owner, then copied whenever needed."""

import ast
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from census_staff.embedded.locks import alone

CHECKOUT = Path(__file__).resolve().parent.parent
APPS = ("census_staff", "training", "exams", "recruitment", "credentials")
GRANTS = CHECKOUT / "census_staff" / "embedded" / "grants.sql"
KEPT_TEMPLATES = 3


def make_anew() -> None:
    """Give this session an untouched copy of the migrated database."""
    name, source = own_name(), template()
    drop()
    administer(
        f"CREATE DATABASE {name} OWNER {owner()} TEMPLATE {source}",
        f"REVOKE CREATE, TEMPORARY ON DATABASE {name} FROM PUBLIC",
    )


def drop() -> None:
    """Remove this session's database, with whoever is still connected."""
    administer(f"DROP DATABASE IF EXISTS {own_name()} WITH (FORCE)")


def own_name() -> str:
    """Return the name of this session's database."""
    return urlsplit(os.environ["DATABASE_URL"]).path.lstrip("/")


def owner() -> str:
    """Return the role that migrates."""
    return urlsplit(os.environ["DATABASE_OWNER_URL"]).username or ""


@cache
def template() -> str:
    """Return the name of a database that holds the migrations as they are now."""
    name = f"census_template_{fingerprint()[:16]}"
    with alone(Path(os.environ["CENSUS_TEST_STATE"], "template.lock")):
        known = [row[0] for row in administer(LIST_TEMPLATES)]
        if name not in known:
            migrate(unfinished := f"unfinished_{name}")
            administer(f"ALTER DATABASE {unfinished} RENAME TO {name}")
            for old in known[: -KEPT_TEMPLATES + 1]:
                administer(f"DROP DATABASE IF EXISTS {old}")
    return name


LIST_TEMPLATES = (
    "SELECT datname FROM pg_database WHERE starts_with(datname, 'census_template_') ORDER BY oid"
)


def migrate(name: str) -> None:
    """Make the database `name` as an installation would: grants first, then the migrations."""
    administer(
        f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
        f"CREATE DATABASE {name} OWNER {owner()} ENCODING 'UTF8' TEMPLATE template0",
    )
    urls = {
        variable: urlsplit(os.environ[variable])._replace(path=name).geturl()
        for variable in ("DATABASE_URL", "DATABASE_OWNER_URL")
    }
    administer(GRANTS.read_text(), url=urls["DATABASE_OWNER_URL"])
    command = ("migrate", "--database", "owner", "--verbosity", "0", "--skip-checks")
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=CHECKOUT,
        env=os.environ | urls,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"The migrations fail.\n{done.stdout}{done.stderr}")


def administer(*statements: str, url: str = "") -> list[tuple[str, ...]]:
    """Run statements outside a transaction and return the rows of the last one."""
    connection = psycopg2.connect(url or os.environ["CENSUS_TEST_ADMIN_URL"])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def fingerprint() -> str:
    """Return a digest of all that the migrations say, with our modules that they import."""
    digest = hashlib.sha256(GRANTS.read_bytes() + Path(__file__).read_bytes())
    for path in sorted(migration_files()):
        digest.update(str(path.relative_to(CHECKOUT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def migration_files() -> set[Path]:
    """Return the migrations, the SQL files and every module of ours that they lead to."""
    found: set[Path] = set()
    waiting = [path for app in APPS for path in (CHECKOUT / app).rglob("migrations/*.py")]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += imported_files(path)
    return found | {path for app in APPS for path in (CHECKOUT / app).rglob("*.sql")}


def imported_files(path: Path) -> Iterator[Path]:
    """Yield the files of ours that a module imports."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            if name.split(".")[0] in APPS:
                module = CHECKOUT.joinpath(*name.split("."))
                yield from (
                    file
                    for file in (module.with_suffix(".py"), module / "__init__.py")
                    if file.is_file()
                )
