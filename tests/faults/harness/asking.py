"""Invariants that take more than a statement: files, codes, grades, the chain."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any


def unfinished(known: dict[str, Any]) -> list[Any]:
    """Return the batches that are not done, with how many items wait."""
    from census_staff.batches.models import Batch

    rows = Batch.objects.filter(pk__in=known["batches"])
    return [
        (batch.pk, batch.state, waiting)
        for batch in rows
        for waiting in [batch.items.filter(state="pending").count()]
        if batch.state != "done" or waiting
    ]


def wrong_totals(known: dict[str, Any]) -> list[Any]:
    """Return the batches whose report is not the count of their items."""
    from census_staff.batches.models import Batch
    from census_staff.batches.runner import totals

    rows = Batch.objects.filter(pk__in=known["batches"])
    return [
        (batch.pk, batch.report.get("totals"), totals(batch))
        for batch in rows
        if batch.report.get("totals") != totals(batch)
        or sum(totals(batch).values()) != batch.items.count()
    ]


def _files(known: dict[str, Any]) -> Any:
    from credentials.models import PrintFile

    return PrintFile.objects.filter(batch=known["prints"]).order_by("part")


def wrong_files(known: dict[str, Any]) -> list[Any]:
    """Return the files that are missing, altered, of another size, or of no row."""
    from credentials import private_files

    wrong: list[Any] = []
    for file in _files(known):
        try:
            pdf = private_files.contents(file.stored)
        except OSError as problem:
            wrong.append((file.part, str(problem)))
            continue
        if hashlib.sha256(pdf).hexdigest() != file.sha256 or len(pdf) != file.size:
            wrong.append((file.part, "altered"))
    lying = Path(os.environ["CENSUS_STATE_DIR"], "private", "cards").glob("*.enc")
    strays = {path.name for path in lying} - {file.stored for file in _files(known)}
    return wrong + sorted(strays)


def wrong_codes(known: dict[str, Any]) -> list[Any]:
    """Return the codes that are on no sheet or on two, and those on a sheet of no printed card."""
    from django.conf import settings

    from credentials import private_files, qr
    from credentials.models import Card

    read: list[str] = []
    for file in _files(known):
        read += qr.read_back(private_files.contents(file.stored), first=1, step=2)
    host = settings.SITE_URL.partition("://")[2]
    tokens = Card.objects.filter(state="printed").values_list("token", flat=True)
    wanted = [qr.address(host, token) for token in tokens]
    return sorted(set(read) ^ set(wanted)) + [code for code in set(read) if read.count(code) > 1]


def wrong_grades(known: dict[str, Any]) -> list[Any]:
    """Return the attempts whose grade is not that of the answers that were acknowledged."""
    from django.db import connection

    from exams import marking, papers, questions
    from exams.models import Attempt

    given: dict[int, list[marking.AnswerRow]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT attempt_id FROM faults_result")
        told = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT attempt_id, op, page, sequence, question, choice FROM faults_answer")
        for attempt, op, page, sequence, question, choice in cursor.fetchall():
            row = marking.AnswerRow(
                str(op), page, sequence, str(question), tuple(json.loads(choice))
            )
            given.setdefault(attempt, []).append(row)
    wrong: list[Any] = []
    for attempt in Attempt.objects.filter(pk__in=told):
        items = attempt.paper["items"]
        folded = marking.fold(given.get(attempt.pk, []))
        answers = {
            items[int(number) - 1]["question"]: letters for number, letters in folded.items()
        }
        sheet = papers.marking_sheet(attempt.paper, questions.of_paper(attempt.paper))
        mark = marking.mark(sheet, answers)
        if (attempt.score, attempt.answered) != (mark.score, len(answers)):
            wrong.append((attempt.pk, attempt.score, mark.score, attempt.answered, len(answers)))
    return wrong


def broken_chain(known: dict[str, Any]) -> list[Any]:
    """Return where the chain over the record breaks, and how many entries stay outside of it."""
    from census_staff.audit.models import Entry
    from census_staff.audit.sealer import broken_at, seal

    while seal():
        pass
    found = broken_at()
    outside = Entry.objects.filter(seal=None).count()
    return ([found] if found else []) + ([outside] if outside else [])
