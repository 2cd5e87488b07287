"""Looks for ID numbers and mobile numbers where none may be, whatever they are wrapped in."""

import base64
import binascii
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import redis
from django.conf import settings
from django.db import connection

from census_staff.lib.idcard import make_checked

ID = re.compile(r"(?<![0-9A-Za-z])([1-9][0-9]{16})([0-9Xx])(?![0-9A-Za-z])")
PHONE = re.compile(r"(?<![0-9A-Za-z.])1[3-9][0-9]{9}(?![0-9A-Za-z])")
WRAPPED = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")


def numbers_in(text: str, *, known: Iterable[str] = ()) -> set[str]:
    """Return every ID number with a right check character, every mobile number, and every known one.

    What is percent-encoded, escaped or in base64 is unwrapped first, twice over.
    """
    found: set[str] = set()
    layers = {text}
    for _depth in range(3):
        for layer in layers:
            found |= {m[0] for m in ID.finditer(layer) if make_checked(m[1]) == m[0].upper()}
            found |= set(PHONE.findall(layer))
            found |= {word for word in known if word in layer or word.encode().hex() in layer}
        layers = {inner for layer in layers for inner in _unwrapped(layer)}
    return found


def _unwrapped(text: str) -> Iterator[str]:
    plain = unquote_plus(text)
    if plain != text:
        yield plain
    for match in WRAPPED.finditer(text):
        word = match[0].rstrip("=").translate(str.maketrans("-_", "+/"))
        try:
            inner = base64.b64decode(word + "=" * (-len(word) % 4), validate=True).decode()
        except (binascii.Error, ValueError):
            continue
        if inner.isprintable():
            yield inner


def logs(state: Path) -> dict[str, str]:
    """Return the logs of the processes that a test started, by name."""
    return {path.name: path.read_text("utf-8", "replace") for path in state.glob("*.log")}


def rows() -> dict[str, str]:
    """Return every table of the database as text, as somebody with a copy of it would read it."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT string_agg(t::text, E'\\n') FROM \"{table}\" t")
            found[table] = cursor.fetchone()[0] or ""
    return found


def broker() -> Any:
    """Return a connection to this session's broker."""
    url = settings.REDIS_URL.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
    return redis.Redis.from_url(url)


def kept_by_the_broker() -> str:
    """Return every key and value that the broker keeps now."""
    link, parts = broker(), []
    read = {
        b"string": link.get,
        b"list": lambda key: link.lrange(key, 0, -1),
        b"set": link.smembers,
        b"zset": lambda key: link.zrange(key, 0, -1),
        b"hash": link.hgetall,
    }
    for key in link.scan_iter():
        parts.append(f"{key!r} {read[link.type(key)](key)!r}")
    return "\n".join(parts)


@contextmanager
def overheard() -> Iterator[list[str]]:
    """Give a list that fills with every command that reaches the session's broker."""
    link = broker()
    number = link.connection_pool.connection_kwargs.get("db", 0)
    said: list[str] = []
    end = "the listening ends"
    with link.monitor() as monitor:

        def listen() -> None:
            for each in monitor.listen():
                if each["db"] == number:
                    said.append(each["command"])
                    if end in each["command"]:
                        return

        ear = threading.Thread(target=listen, daemon=True)
        ear.start()
        yield said
        broker().publish("privacy", end)
        ear.join(10)
