"""PostgreSQL and Valkey together: shared by all who use them, stopped by the last to leave."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from census_staff.embedded.account import server_account
from census_staff.embedded.directory import prepare, socket_directory
from census_staff.embedded.errors import CannotStart
from census_staff.embedded.keys import keys
from census_staff.embedded.locks import Lock, alone
from census_staff.embedded.postgres import Postgres
from census_staff.embedded.valkey import Valkey

GIVEN = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


class Servers:
    """Starts what the environment does not name; use it as a context manager."""

    def __init__(self, state: Path, environ: Mapping[str, str] | None = None) -> None:
        self.environ = os.environ if environ is None else environ
        self.state = prepare(state)
        (self.state / "logs").mkdir(mode=0o700, exist_ok=True)
        (self.state / "programs").mkdir(exist_ok=True)
        self.keys = keys(self.state, self.environ)
        self.account = server_account(self.state / "postgres")
        sockets = self.account.directory(socket_directory(self.state))
        if not self.account.can_enter(sockets):
            raise CannotStart(
                f"The account that runs the servers cannot enter {sockets}. "
                "Set CENSUS_STATE_DIR to a directory that other accounts can pass through."
            )
        self.postgres = (
            None if self._given("DATABASE_URL") else Postgres(self.state, sockets, self.account)
        )
        self.valkey = (
            None if self._given("REDIS_URL") else Valkey(self.state, sockets, self.account)
        )
        self._users = Lock(self.state / "users.lock")

    def __enter__(self) -> Self:
        with alone(self.state / "start.lock"):
            self._users.take(shared=True)
            try:
                self._start()
            except BaseException:
                self._leave()
                raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with alone(self.state / "start.lock"):
            self._leave()

    def ensure(self) -> list[str]:
        """Start again whatever has died, and return its names."""
        with alone(self.state / "start.lock"):
            return self._start()

    def environment(self) -> dict[str, str]:
        """Return what the settings read: addresses, secrets and the state directory."""
        values = {name: self.environ[name] for name in GIVEN if self._given(name)}
        if self.postgres:
            values["DATABASE_URL"] = self.postgres.url("census_app")
            values["DATABASE_OWNER_URL"] = self.postgres.url("census_owner")
        if self.valkey:
            values["REDIS_URL"] = self.valkey.url()
        return values | self.keys | {"CENSUS_STATE_DIR": str(self.state)}

    def _given(self, name: str) -> bool:
        return bool(self.environ.get(name))

    def _start(self) -> list[str]:
        dead = [
            server for server in (self.postgres, self.valkey) if server and not server.answers()
        ]
        for server in dead:
            server.start()
        return [type(server).__name__ for server in dead]

    def _leave(self) -> None:
        """Stop the servers unless someone else still uses them."""
        last = self._users.take(wait=False)
        try:
            if last:
                for server in (self.valkey, self.postgres):
                    if server:
                        server.stop()
        finally:
            self._users.release()
