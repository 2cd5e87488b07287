"""A small disk of a test's own, to be filled to its last byte."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Volume:
    """A disk and the file that fills it."""

    def __init__(self, path: Path) -> None:
        self.path, self._filler = path, path / "filler"

    def fill(self) -> None:
        """Leave no byte free."""
        handle = os.open(self._filler, os.O_WRONLY | os.O_CREAT)
        try:
            for size in (1 << 20, 4096):
                chunk = bytes(size)
                while True:
                    os.lseek(handle, 0, os.SEEK_END)
                    if os.write(handle, chunk) < size:
                        break
        except OSError:
            # The last pages go one by one.
            self._fill_pages(handle)
        finally:
            os.close(handle)

    def _fill_pages(self, handle: int) -> None:
        try:
            while os.write(handle, bytes(4096)):
                pass
        except OSError:
            return

    def clear(self) -> None:
        """Give the room back."""
        self._filler.unlink(missing_ok=True)

    def files(self) -> set[str]:
        """Return what lies on the disk, but for what fills it."""
        found = (path for path in self.path.rglob("*") if path.is_file() and path != self._filler)
        return {str(path.relative_to(self.path)) for path in found}


@contextmanager
def volume(path: Path, megabytes: int) -> Iterator[Volume]:
    """Mount a disk of this size there; the test is skipped where nobody lets us."""
    path.mkdir(parents=True, exist_ok=True)
    # What a killed session left mounted.
    subprocess.run(["umount", "-l", path], capture_output=True, check=False)
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m,mode=0711", "tmpfs", str(path)]
    if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
        pytest.skip("A small disk can only be mounted by root.")
    try:
        yield Volume(path)
    finally:
        subprocess.run(["umount", "-l", path], check=True)
