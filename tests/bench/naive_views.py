"""The same work as it is usually written."""

import base64
import json
from typing import Any

from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from census_staff.accounts.middleware import public
from census_staff.accounts.proven import proof_of
from credentials.models import Card
from credentials.public_forms import LookupForm
from credentials.public_words import NEVER, SAID
from credentials.states import Showing
from credentials.verification import Verdict
from exams import short_way
from exams.api import AnswersIn, ExamAnswers
from exams.models import Attempt


@public
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """Show a card: whole rows through the ORM, the template with all context processors."""
    rows = Card.objects.select_related(
        "number", "person", "staff__office", "issuer", "census", "photo"
    )
    card = rows.filter(token=token).first()
    at = timezone.now()
    if card is None:
        verdict = Verdict(Showing.UNKNOWN, at)
    else:
        today = timezone.localdate()
        phase = card.census.phases.filter(starts_on__lte=today, ends_on__gte=today).first()
        barred = card.person.cards.filter(
            confiscation__lifted_at=None, confiscation__isnull=False
        ).exists()
        is_good = (
            card.state in ("handed_over", "damaged")
            and card.staff.access == "enabled"
            and not barred
        )
        verdict = Verdict(
            Showing.VALID if is_good else Showing.REPLACED, at, number=card.number_id, role=card.role,
            issuer=card.issuer.name, issuer_short=card.issuer.short_name, phone=card.issuer.phone,
            valid_from=card.valid_from, valid_until=card.valid_until, edition=card.edition,
            full_name=(card.face or {}).get("full_name", card.person.name), census=card.census.name,
            phase=phase.name if phase else "", photo=bytes(card.photo.jpeg) if is_good and card.photo else b"",
        )  # fmt: skip
    context: dict[str, Any] = {
        "verdict": verdict, "said": SAID[verdict.showing], "never": NEVER, "host": request.get_host(),
        "form": LookupForm(),
        "photo": base64.b64encode(verdict.photo).decode(),
    }  # fmt: skip
    return render(request, "credentials/public.html", context, status=200 if card else 404)


class Row(models.Model):
    """An answer as quiz applications keep it: one row, changed in place."""

    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="+")
    question = models.IntegerField()
    choice = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta:
        app_label = "exams"
        db_table = "bench_answer"
        managed = False


class Save(ExamAnswers):
    """Keep answers one row each, looked for and then written; the door and the checks are ours."""

    def post(self, request: Request, census_code: str) -> Response:
        """Keep the answers."""
        sent = self.parsed(AnswersIn)
        with transaction.atomic():
            attempt = Attempt.objects.filter(pk=sent["attempt"], person=self.record.person_id).get()
            if attempt.state != "open" or attempt.late_until < timezone.now():
                return Response({"code": "attempt_closed"}, status=409)
            for tap in sent["answers"]:
                Row.objects.update_or_create(
                    attempt=attempt,
                    question=tap["question"],
                    defaults={"choice": tap["choice"], "saved_at": timezone.now()},
                )
        return Response({"saved": [str(tap["op"]) for tap in sent["answers"]]})


def lean(request: HttpRequest, census_code: str) -> HttpResponse:
    """Keep answers with plain SQL, unchecked: behind the usual door, but nothing is parsed or refused."""
    sent = json.loads(request.body)
    person = request.user.person_id  # type: ignore[union-attr]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, late_until FROM exams_attempt WHERE id = %s AND person_id = %s",
            [sent["attempt"], person],
        )
        state, until = cursor.fetchone()
        if state != "open" or until < timezone.now():
            return JsonResponse({"code": "attempt_closed"}, status=409)
        for tap in sent["answers"]:
            place = [sent["attempt"], tap["question"]]
            values = [json.dumps(tap["choice"]), timezone.now(), *place]
            cursor.execute(
                "SELECT id FROM bench_answer WHERE attempt_id = %s AND question = %s", place
            )
            cursor.execute(WRITE[cursor.fetchone() is not None], values)
    return JsonResponse({"saved": [tap["op"] for tap in sent["answers"]]})


WRITE = {
    True: "UPDATE bench_answer SET choice = %s, saved_at = %s WHERE attempt_id = %s AND question = %s",
    False: "INSERT INTO bench_answer (choice, saved_at, attempt_id, question) VALUES (%s, %s, %s, %s)",
}
TABLE = """
CREATE TABLE bench_answer (id bigserial PRIMARY KEY, attempt_id bigint NOT NULL REFERENCES exams_attempt,
  question int NOT NULL, choice jsonb NOT NULL, saved_at timestamptz NOT NULL, UNIQUE (attempt_id, question));
"""


class IdleMiddleware(short_way.SaveMiddleware):
    """The short way of a save without the save: nothing is asked of the database."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != "/bench/idle":
            return self.get_response(request)
        sent = short_way._plain(request)
        request.get_host()
        self.forgery.process_request(request)
        refused = self.forgery.process_view(request, floor, (), {})
        is_in = sent is not None and not refused and proof_of(request) is not None
        return short_way._answer(request, json.dumps({"ok": is_in}).encode())


def floor(request: HttpRequest) -> HttpResponse:
    """Answer a signed-in browser without asking the database anything of our own."""
    return JsonResponse({"ok": request.user.is_authenticated})
