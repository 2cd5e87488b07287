"""The README says what the code does."""

import re
from pathlib import Path

from credentials.management.commands.lifecycles import BEGIN, END, tables

HOUSE = Path(__file__).parent.parent
README = HOUSE / "README.md"


def test_the_life_cycles_in_the_readme_are_those_of_the_code() -> None:
    text = README.read_text(encoding="utf-8")

    assert text.partition(BEGIN)[2].partition(END)[0].strip() == tables()


def test_every_picture_and_file_that_the_readme_names_is_there() -> None:
    text = README.read_text(encoding="utf-8")
    named = re.findall(r"\]\(([\w/.-]+)\)", text)
    named += [
        name for name in re.findall(r"`([\w/.-]+/[\w.-]*)`", text) if not name.startswith("/")
    ]

    assert named
    missing = [name for name in named if not (HOUSE / name).exists()]
    assert missing == []


def test_the_two_commands_of_the_readme_are_those_of_dev() -> None:
    text = README.read_text(encoding="utf-8")

    for command in ("run", "test"):
        assert f"\npython3 dev.py {command}\n" in text
