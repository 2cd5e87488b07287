"""The short way to the page of a scan answers as the long way would."""

import os
from contextlib import closing

import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from tests.credentials.test_public import card

__all__ = ["card"]

LONG_WAY = [name for name in settings.MIDDLEWARE if name != "credentials.scan.ScanMiddleware"]
# The policy names another nonce each time.
ADDED_BEHIND = {"Vary", "Content-Security-Policy"}


@pytest.mark.parametrize("known", [True, False])
def test_headers_and_page_are_those_of_the_long_way(card, known):
    path = f"/v/{card.token}" if known else "/v/nothing"
    short = Client().get(path)
    with override_settings(MIDDLEWARE=LONG_WAY):
        long = Client().get(path)

    assert short.status_code == long.status_code == (200 if known else 404)
    differing = {
        name
        for name in {*short.headers, *long.headers}
        if short.headers.get(name) != long.headers.get(name)
    }
    assert differing <= ADDED_BEHIND
    assert {"Content-Security-Policy", "X-Frame-Options"} <= set(short.headers)
    assert not short.cookies and not long.cookies


def test_a_scan_with_somebodys_session_asks_only_about_the_card(card):
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "somebody-elses"
    client.get(f"/v/{card.token}")
    with CaptureQueriesContext(connection) as asked:
        client.get(f"/v/{card.token}")

    assert len(asked) == 1 and asked[0]["sql"].startswith("EXECUTE card_scan")


@pytest.mark.django_db(transaction=True)
def test_a_scan_outlives_the_death_of_the_connection(card):
    assert Client().get(f"/v/{card.token}").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        found = cursor.fetchone()[0]
    with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as other:
        other.cursor().execute("SELECT pg_terminate_backend(%s, 5000)", [found])
    assert Client().get(f"/v/{card.token}").status_code == 200


def test_a_scan_under_a_strange_host_name_is_refused(card):
    assert Client(HTTP_HOST="elsewhere.example").get(f"/v/{card.token}").status_code == 400


def test_the_reader_still_chooses_the_language(card):
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get(f"/v/{card.token}")
    assert page.headers["Content-Language"] == "en" and '<html lang="en">' in page.content.decode()
