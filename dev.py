#!/usr/bin/env python3
"""Everything from a bare machine: `python3 dev.py run` and `python3 dev.py test`.

Standard library only, and readable by an old Python, so that it can say what is missing.
"""

import sys

OLDEST = (3, 11)
if sys.version_info < OLDEST:
    sys.exit(
        "Census Staff needs Python 3.11 or newer; this is {}.{}.\n"
        "Debian 12, Ubuntu 24.04 and newer have it: apt install python3 python3-venv.\n"
        "If a newer one is installed beside this one: python3.12 dev.py run".format(
            *sys.version_info
        )
    )

import argparse
import ctypes.util
import hashlib
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
RUNTIME = ("requirements.txt", "requirements/embedded.txt")
TESTING = (*RUNTIME, "requirements/dev.txt")
ONLY_TEXTS = {"texts": "python manage.py messages compile"}
STEPS = {
    "format": "ruff format --check .",
    "lint": "ruff check --output-format concise .",
    "types": "mypy",
    "imports": "lint-imports",
    **ONLY_TEXTS,
    "migrations": "python manage.py makemigrations --check --dry-run",
    "deploy": "python manage.py check --deploy --fail-level WARNING",
    "compose": "check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml",
}
AS_IN_PRODUCTION = {"deploy"}
NEED_TESTING = {"test", "check", "bench", "faults"}


def main() -> int:
    """Do what the command line asks for and return the exit code."""
    wanted, rest = parse()
    try:
        install(TESTING if wanted.command in NEED_TESTING else RUNTIME)
        if not VENV.samefile(sys.prefix):
            os.execv(PYTHON, [str(PYTHON), str(CHECKOUT / "dev.py"), *sys.argv[1:]])
        os.chdir(CHECKOUT)
        return begin(wanted, rest)
    except subprocess.CalledProcessError as problem:
        return problem.returncode
    except KeyboardInterrupt:
        return 130


def begin(wanted: argparse.Namespace, rest: list[str]) -> int:
    """Do the work, now that we are the Python of .venv."""
    from census_staff.embedded.errors import CannotStart

    try:
        if wanted.command == "run":
            return run(wanted)
        doers = {"test": test, "check": check, "manage": manage, "bench": bench, "faults": faults}
        return doers[wanted.command](rest)
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 1


def parse() -> tuple[argparse.Namespace, list[str]]:
    """Return the wish, and for `test` what goes on to pytest."""
    parser = argparse.ArgumentParser(description="Census Staff on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    runner = commands.add_parser("run", help="start everything and show the address")
    runner.add_argument("--host", default="127.0.0.1", help="0.0.0.0 lets a phone on the LAN in")
    runner.add_argument("--port", default=8000, type=int)
    runner.add_argument("--fresh", action="store_true", help="delete all data first, after asking")
    runner.add_argument("--yes", action="store_true", help="answer yes to the question of --fresh")
    runner.add_argument("--no-demo", action="store_true", help="load no demonstration people")
    commands.add_parser("test", help="check everything; arguments go to pytest", add_help=False)
    commands.add_parser("check", help="the checks alone, or those named: " + ", ".join(STEPS))
    commands.add_parser(
        "manage", help="one of Django's commands, on the data of `run`", add_help=False
    )
    commands.add_parser(
        "bench", help="measure one of the hot paths; without a name, list them", add_help=False
    )
    commands.add_parser(
        "faults", help="kill real processes and ask what holds; alone, explain", add_help=False
    )
    wanted, rest = parser.parse_known_args()
    if rest and wanted.command == "run":
        parser.error("unknown arguments: {}".format(" ".join(rest)))
    return wanted, rest


def install(locks: tuple[str, ...]) -> None:
    """Bring .venv to what the locks say; where it is there already this takes no time."""
    stamp = VENV / "installed"
    present = stamp.read_text().splitlines() if stamp.exists() else []
    # The programs in .venv know its path, so that a moved checkout needs a new one.
    if not works() or (present and str(VENV) not in present):
        make_venv()
        present = []
    wanted = [str(VENV), *map(fingerprint, locks)]
    if set(wanted) <= set(present):
        return
    print("Installing the pinned packages (about half a minute) …", flush=True)
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-input", "--require-hashes"]
    for lock in locks:
        command += ["--requirement", str(CHECKOUT / lock)]
    subprocess.run(command, check=True)
    for packages in VENV.glob("lib/python*/site-packages"):
        (packages / "census_checkout.pth").write_text(str(CHECKOUT) + "\n")
    stamp.write_text("\n".join(wanted) + "\n")


def fingerprint(lock: str) -> str:
    """Return the name and the digest of a lock file."""
    return "{} {}".format(lock, hashlib.sha256((CHECKOUT / lock).read_bytes()).hexdigest())


def works() -> bool:
    """True where .venv has a Python that still starts and is new enough."""
    test = "import sys; sys.exit(sys.version_info < {})".format(OLDEST)
    try:
        return subprocess.run([str(PYTHON), "-c", test], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def make_venv() -> None:
    """Make .venv anew, or say which package of the system is missing."""
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            "Python's venv module is missing.\n"
            "Debian and Ubuntu: apt install python3-venv. Then start again."
        )
    print("Making .venv …", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)


def run(wanted: argparse.Namespace) -> int:
    """Run the installation until it is stopped."""
    from census_staff.embedded.running import Wish
    from census_staff.embedded.running import run as run_all

    run_all(
        Wish(
            checkout=CHECKOUT,
            host=wanted.host,
            port=wanted.port,
            is_fresh=wanted.fresh,
            is_sure=wanted.yes,
            with_demonstration=not wanted.no_demo,
        )
    )
    return 0


def manage(arguments: list[str]) -> int:
    """Run one of Django's commands, beside a running installation or without one."""
    from census_staff.embedded.directory import state_directory
    from census_staff.embedded.servers import Servers

    with Servers(state_directory(CHECKOUT, os.environ, os.getuid())) as servers:
        environment = dict(os.environ, **servers.environment())
        return subprocess.run([str(PYTHON), "manage.py", *arguments], env=environment).returncode


def test(arguments: list[str]) -> int:
    """Run all checks and then all tests; with arguments, only pytest with them."""
    missing = [] if arguments else provide_browser()
    if missing and os.environ.get("CENSUS_REQUIRE_BROWSER") == "1":
        print("The browser tests are required, and missing is: " + ", ".join(missing) + ".")
        return 1
    with test_servers() as servers:
        failed = take_steps(servers, ONLY_TEXTS if arguments else STEPS)
        if missing:
            print("Browser tests are skipped; missing: " + ", ".join(missing) + ".")
        if failed:
            print("Failed before the tests: " + ", ".join(failed) + ".", flush=True)
        # pytest's plugin shares the servers and has a database for each session.
        variables = dict(os.environ, CENSUS_TEST_STATE=str(servers.state))
        pytest = subprocess.run([str(PYTHON), "-m", "pytest", *arguments], env=variables)
    return pytest.returncode or int(bool(failed))


def check(names: list[str]) -> int:
    """Run the checks of those names, or all, without the tests."""
    with test_servers() as servers:
        failed = take_steps(servers, {name: STEPS[name] for name in names or STEPS})
    print("Failed: " + ", ".join(failed) + "." if failed else "All checks passed.")
    return int(bool(failed))


def bench(arguments: list[str]) -> int:
    """Run a bench beside its own servers; tests/bench says which there are."""
    return subprocess.run([str(PYTHON), "-m", "tests.bench", *arguments]).returncode


def faults(arguments: list[str]) -> int:
    """Kill processes of an installation of its own; tests/faults/harness says which and what for."""
    return subprocess.run([str(PYTHON), "-m", "tests.faults.harness", *arguments]).returncode


def test_servers():  # type: ignore[no-untyped-def]
    """Return the servers of the tests, apart from those of `run`."""
    from census_staff.embedded.directory import prepare, state_directory
    from census_staff.embedded.servers import Servers

    return Servers(prepare(state_directory(CHECKOUT, os.environ, os.getuid())) / "test")


def take_steps(servers, steps: dict[str, str]) -> list[str]:  # type: ignore[no-untyped-def]
    """Run every step, show what it says, and return the names of those that failed."""
    failed = []
    for name, command in steps.items():
        print("== {}: {}".format(name, command), flush=True)
        site = "https://census.example.org" if name in AS_IN_PRODUCTION else "http://127.0.0.1"
        variables = dict(os.environ, **servers.environment())
        variables.update(CENSUS_SITE_URL=site, CENSUS_DEBUG="")
        program, *arguments = command.split()
        path = str(VENV / "bin" / program)
        if subprocess.run([path, *arguments], env=variables).returncode:
            failed.append(name)
    return failed


def provide_browser() -> list[str]:
    """Install what the browser tests need where we may, and return what is still missing."""
    missing = missing_packages()
    if missing and os.getuid() == 0 and shutil.which("apt-get"):
        print("Installing for the browser tests: " + ", ".join(missing) + " …", flush=True)
        quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        install_them = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
        for command in (["apt-get", "update", "-qq"], install_them):
            subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL)
        missing = missing_packages()
    return missing


def missing_packages() -> list[str]:
    """Return the Debian packages of the browser tests that are not there."""
    font = subprocess.run(
        ["sh", "-c", "fc-list :lang=zh-cn | grep -q ."], stderr=subprocess.DEVNULL
    )
    present = {
        "chromium": any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
        "poppler-utils": shutil.which("pdftotext"),
        "libzbar0": ctypes.util.find_library("zbar"),
        "fontconfig": shutil.which("fc-list"),
        "fonts-noto-cjk": font.returncode == 0,
    }
    return [package for package, found in present.items() if not found]


if __name__ == "__main__":
    sys.exit(main())
