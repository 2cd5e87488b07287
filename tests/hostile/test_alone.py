"""A child that opens other people's files reaches nobody: no network, no database, no program."""

import errno
import json
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from census_staff.lib import sandbox
from census_staff.lib.sandbox import Bounds

BOUNDS = Bounds(memory=256 * 2**20, cpu_seconds=5, wall_seconds=20, output=2**20)
CHILD = """
import json, os, socket, subprocess, sys
place, said = json.loads(sys.stdin.buffer.read()), {}
def tried(name, what):
    try:
        what()
        said[name] = 0
    except OSError as error:
        said[name] = error.errno
tried("network", lambda: socket.create_connection(("127.0.0.1", place["port"]), 2))
tried("file", lambda: socket.socket(socket.AF_UNIX).connect(place["path"]))
tried("datagram", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 53)))
tried("program", lambda: subprocess.run(["/bin/true"]))
sys.stdout.write(json.dumps(said))
"""


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Give the addresses of two doors that anybody may knock at."""
    path = str(tmp_path / "door")
    with socket.socket() as far, socket.socket(socket.AF_UNIX) as near:
        far.bind(("127.0.0.1", 0))
        near.bind(path)
        far.listen()
        near.listen()
        yield {"port": far.getsockname()[1], "path": path}


def told(listener: dict[str, Any], tmp_path: Path) -> Any:
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    with tempfile.TemporaryFile() as ask:
        ask.write(json.dumps(listener).encode())
        ended = sandbox.run(str(script), ask, BOUNDS)
    with ended.output as output:
        return json.loads(output.read())


def test_a_child_connects_to_nothing_and_starts_nothing(
    listener: dict[str, Any], tmp_path: Path
) -> None:
    assert set(told(listener, tmp_path).values()) == {errno.EACCES}


def test_where_the_kernel_filters_nothing_python_refuses(
    listener: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weak = tmp_path / "boot.py"
    weak.write_text(
        sandbox.BOOT.read_text().replace('"x86_64": (', '"vax": (').replace("aarch64", "pdp")
    )
    monkeypatch.setattr(sandbox, "BOOT", weak)

    assert set(told(listener, tmp_path).values()) == {errno.EACCES}


def test_the_doors_are_open_to_whoever_is_not_shut_in(
    listener: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The two tests above would pass on doors that nobody can open."""
    free = tmp_path / "boot.py"
    free.write_text("import runpy, sys\nrunpy.run_path(sys.argv[1], run_name='__main__')\n")
    monkeypatch.setattr(sandbox, "BOOT", free)

    assert set(told(listener, tmp_path).values()) == {0}


def test_a_kernel_that_filters_nothing_is_told_of_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    unknown = os.uname_result((*os.uname()[:4], "vax"))
    monkeypatch.setattr(os, "uname", lambda: unknown)
    sandbox._say_who_shuts_them_in.cache_clear()
    for _turn in range(3):
        sandbox._say_who_shuts_them_in()
    sandbox._say_who_shuts_them_in.cache_clear()

    assert len(caplog.records) == 1
