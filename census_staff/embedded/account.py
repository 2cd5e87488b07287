"""The account that runs the servers: ours, or an unprivileged one when we are root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from census_staff.embedded.errors import CannotStart

UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """Numbers of the account to become, or None when we stay who we are."""

    uid: int | None = None
    gid: int | None = None

    def options(self) -> dict[str, Any]:
        """Return what `subprocess` needs to run a program as this account, and nothing of ours."""
        plain: dict[str, Any] = {
            "cwd": "/",
            "env": {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
        }
        if self.uid is not None:
            plain |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return plain

    def directory(self, path: Path) -> Path:
        """Return `path` as a directory that this account alone may enter."""
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            owners = {os.getuid(), os.getuid() if self.uid is None else self.uid}
            if path.is_symlink() or path.stat().st_uid not in owners:
                raise CannotStart(
                    f"{path} belongs to another account. Move it away, or start as its owner."
                ) from None
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)
        path.chmod(0o700)
        return path

    def can_enter(self, path: Path) -> bool:
        """True where every directory on the way lets this account pass."""
        test = subprocess.run(["/bin/sh", "-c", 'cd "$0"', str(path)], **self._quiet())
        return test.returncode == 0

    def can_run(self, program: Path) -> bool:
        """True where this account can start the program."""
        try:
            return subprocess.run([program, "--version"], **self._quiet()).returncode == 0
        except PermissionError:
            return False

    def _quiet(self) -> dict[str, Any]:
        nothing = subprocess.DEVNULL
        return self.options() | {"stdin": nothing, "stdout": nothing, "stderr": nothing}


def server_account(data: Path) -> Account:
    """Return the account the servers run as; data that exists keep the owner they have."""
    if os.getuid() != 0:
        return Account()
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    for name in UNPRIVILEGED:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(found.pw_uid, found.pw_gid)
    raise CannotStart(
        "PostgreSQL refuses to run as root, and there is neither an account `postgres` nor "
        "`nobody` to run it as. Start as an ordinary user."
    )


def reachable(program: Path, root: Path, copies: Path, account: Account) -> Path:
    """Return `program`, or its copy below `copies` where the account cannot reach the original.

    `root` is the directory the program needs whole; a home directory is often closed to others.
    """
    if account.can_run(program):
        return program
    copy = copies / f"{root.name}-{int(program.stat().st_mtime)}"
    if not copy.exists():
        unfinished = copies / f"{copy.name}.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(root, unfinished, symlinks=True)
        for found in (unfinished, *unfinished.rglob("*")):
            if not found.is_symlink():
                found.chmod(0o755 if found.is_dir() or os.access(found, os.X_OK) else 0o644)
        unfinished.rename(copy)
    copied = copy / program.relative_to(root)
    if not account.can_run(copied):
        raise CannotStart(
            f"The account that runs the servers cannot start {copied}. "
            "Set CENSUS_STATE_DIR to a directory that other accounts can pass through."
        )
    return copied
