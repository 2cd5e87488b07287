"""The limit of the public page: a bare WSGI function with one look-up through the same driver."""

import base64
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

import psycopg2

ASK = """
SELECT c.state, c.number_id, c.role, c.edition, c.valid_from, c.valid_until, p.name, f.jpeg
  FROM credentials_card c JOIN people_person p ON p.id = c.person_id
  LEFT JOIN people_photo f ON f.id = c.photo_id WHERE c.token = %s
"""
PAGE = "<!doctype html><title>{0}</title><p>{1} {2} {3} {4}–{5} {6}<img src='data:image/jpeg;base64,{7}'>"
local = threading.local()


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with what is known of the token."""
    if not hasattr(local, "connection"):
        local.connection = psycopg2.connect(os.environ["DATABASE_URL"])
        local.connection.autocommit = True
    with local.connection.cursor() as cursor:
        cursor.execute(ASK, [environ["PATH_INFO"].rsplit("/", 1)[1]])
        row = cursor.fetchone()
    if row is None:
        start("404 Not Found", [("Content-Type", "text/html"), ("Content-Length", "7")])
        return [b"unknown"]
    body = PAGE.format(*row[:7], base64.b64encode(row[7] or b"").decode()).encode()
    start("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
    return [body]
