"""What the rest of the house sees of pictures; the decoding itself happens in a child process."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from census_staff.lib import sandbox
from census_staff.lib.errors import Refused
from census_staff.lib.photos.sentences import SENTENCES

CHILD = str(Path(__file__).with_name("child.py"))
MIB = 2**20
MOST_UPLOADED = 20 * MIB
# A picture of 25 million pixels with transparency, turned, needs this much.
MEMORY = 640 * MIB


@dataclass(frozen=True, slots=True)
class ZipLimits:
    """What a zip of photos may ask of us."""

    entries: int = 10_000
    each: int = MOST_UPLOADED
    total: int = 2 * 2**30


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One file of a zip: its number from 1, its name without folders, the name without suffix.

    `refused` tells why it will not be opened; the rest of the zip is still read.
    """

    number: int
    name: str
    stem: str
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class Portrait:
    """What became of one file of a zip: the small clean JPEG, or why there is none."""

    number: int
    jpeg: bytes
    refused: Refused | None = None


def normalise(data: bytes) -> bytes:
    """Return the portrait as a JPEG of 295 by 413 pixels, at most 25 kB, without metadata."""
    if len(data) > MOST_UPLOADED:
        raise Refused("photo_too_large", SENTENCES["photo_too_large_upload"])
    bounds = sandbox.Bounds(MEMORY, cpu_seconds=15, wall_seconds=30, output=4 * MIB)
    ended = _run({"verb": "normalise"}, bounds, data)
    with ended.output as output:
        for head, jpeg in _answers(output):
            if "code" in head:
                raise refusal(head["code"], head["details"])
            return jpeg
    raise refusal("photo_unreadable")


def list_zip(path: str | Path, limits: ZipLimits | None = None) -> list[ZipEntry]:
    """Return the photos of a zip in its order; a hostile zip is refused."""
    bounds = sandbox.Bounds(256 * MIB, cpu_seconds=10, wall_seconds=20, output=16 * MIB)
    ended = _run(_zip("list", path, limits), bounds)
    with ended.output as output:
        if ended.code == 3:
            said = json.loads(ended.words)
            raise refusal(said["code"], said["details"])
        if ended.code != 0:  # so long a list that it was too much for the child
            raise refusal("photo_zip_too_large")
        return [
            ZipEntry(
                number,
                head["name"],
                PurePosixPath(head["name"]).stem.strip(),
                refusal(head["code"]) if head["code"] else None,
            )
            for number, (head, _none) in enumerate(_answers(output), 1)
        ]


def portraits(
    path: str | Path, wanted: Sequence[int], limits: ZipLimits | None = None
) -> Iterator[Portrait]:
    """Yield what became of these files of a zip; one that ends its child costs only itself."""
    left = list(wanted)
    bounds = sandbox.Bounds(MEMORY, cpu_seconds=300, wall_seconds=400, output=MIB * 512)
    while left:
        ended = _run(_zip("read", path, limits) | {"wanted": left}, bounds)
        with ended.output as output:
            for head, jpeg in _answers(output):
                left.remove(head["number"])
                refused = refusal(head["code"], head["details"]) if "code" in head else None
                yield Portrait(head["number"], jpeg, refused)
        if left:
            yield Portrait(left.pop(0), b"", refusal("photo_unreadable"))


def refusal(code: str, details: dict[str, Any] | None = None) -> Refused:
    """Return the refusal of a photo or zip with the sentence that belongs to the code."""
    return Refused(code, SENTENCES[code], details=details or None)


def _zip(verb: str, path: str | Path, limits: ZipLimits | None) -> dict[str, Any]:
    where = str(Path(path).resolve())
    return {"verb": verb, "path": where, "limits": asdict(limits or ZipLimits())}


def _run(ask: dict[str, Any], bounds: sandbox.Bounds, data: bytes = b"") -> sandbox.Ended:
    with tempfile.TemporaryFile() as said:
        said.write(json.dumps(ask).encode() + b"\n")
        said.write(data)
        said.flush()
        return sandbox.run(CHILD, said, bounds)


def _answers(output: IO[bytes]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield the whole answers; what a child said half before it ended is none."""
    while (line := output.readline()).endswith(b"\n"):
        head: dict[str, Any] = json.loads(line)
        data = output.read(head["size"])
        if len(data) < head["size"]:
            return
        yield head, data


__all__ = [
    "MOST_UPLOADED",
    "Portrait",
    "ZipEntry",
    "ZipLimits",
    "list_zip",
    "normalise",
    "portraits",
]
