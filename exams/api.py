"""The exam for whoever sits it; the phone's page uses these routes and no others."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from census_staff.accounts.gate import field_record, remedy
from census_staff.accounts.service_record import ServiceRecord

from . import telling
from .bank import LETTERS
from .models import Attempt
from .services.grade import submit
from .services.sit import Tap, save, start

MOST_TAPS = 400
MOST_QUESTIONS = 300
BIGGEST = 2**31 - 1


class WindowOut(serializers.Serializer[Any]):
    title = serializers.CharField()
    role = serializers.CharField()
    minutes = serializers.IntegerField()
    pass_mark = serializers.IntegerField()
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()


class SittingOut(serializers.Serializer[Any]):
    attempt = serializers.IntegerField(source="pk")
    number = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    deadline_at = serializers.DateTimeField()
    late_until = serializers.DateTimeField()


class PastOut(serializers.Serializer[Any]):
    attempt = serializers.IntegerField(source="pk")
    number = serializers.IntegerField()
    mode = serializers.CharField()
    score = serializers.IntegerField()
    pass_mark = serializers.IntegerField()
    passed = serializers.BooleanField()
    submitted_at = serializers.DateTimeField()


class RefusalOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    sentence = serializers.CharField(source="__str__")


class SituationOut(serializers.Serializer[Any]):
    exam = WindowOut(allow_null=True)
    attempt = SittingOut(allow_null=True)
    past = PastOut(many=True)
    left = serializers.IntegerField()
    refused = RefusalOut(allow_null=True)


class OptionOut(serializers.Serializer[Any]):
    letter = serializers.CharField()
    text = serializers.CharField()


class QuestionOut(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    category = serializers.CharField()
    kind = serializers.CharField()
    points = serializers.IntegerField()
    stem = serializers.CharField()
    options = OptionOut(many=True)


class ItemOut(QuestionOut):
    kind_name = serializers.CharField()


class PageOut(serializers.Serializer[Any]):
    attempt = serializers.IntegerField()
    number = serializers.IntegerField()
    page = serializers.IntegerField()
    items = ItemOut(many=True)
    answers = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    remaining_ms = serializers.IntegerField()
    grace_ms = serializers.IntegerField()


class TapIn(serializers.Serializer[Any]):
    op = serializers.UUIDField()
    question = serializers.IntegerField(min_value=1, max_value=MOST_QUESTIONS)
    page = serializers.IntegerField(min_value=1, max_value=BIGGEST)
    sequence = serializers.IntegerField(min_value=0, max_value=BIGGEST)
    choice = serializers.ListField(
        child=serializers.ChoiceField(choices=list(LETTERS)), max_length=len(LETTERS)
    )
    client_at = serializers.DateTimeField(required=False, allow_null=True)


class AnswersIn(serializers.Serializer[Any]):
    attempt = serializers.IntegerField(min_value=1)
    answers = serializers.ListField(child=TapIn(), max_length=MOST_TAPS)


class SavedOut(serializers.Serializer[Any]):
    saved = serializers.ListField(child=serializers.UUIDField())
    page = serializers.IntegerField(help_text="The newest page; older ones no longer decide.")
    remaining_ms = serializers.IntegerField()
    code = serializers.CharField(required=False)
    sentence = serializers.CharField(required=False)


class AttemptIn(serializers.Serializer[Any]):
    attempt = serializers.IntegerField(min_value=1)


class SubmitIn(AttemptIn):
    submit_op = serializers.UUIDField()


class CategoryOut(serializers.Serializer[Any]):
    category = serializers.CharField()
    name = serializers.CharField()
    earned = serializers.IntegerField()
    possible = serializers.IntegerField()
    percent = serializers.IntegerField()
    is_weak = serializers.BooleanField()


class ExplainedOut(QuestionOut):
    picked = serializers.ListField(child=serializers.CharField())
    right = serializers.ListField(child=serializers.CharField())
    is_right = serializers.BooleanField()
    explanation = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]


class ResultOut(serializers.Serializer[Any]):
    attempt = serializers.IntegerField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    score = serializers.IntegerField()
    pass_mark = serializers.IntegerField()
    passed = serializers.BooleanField()
    answered = serializers.IntegerField()
    questions = serializers.IntegerField()
    closed_by = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    is_void = serializers.BooleanField()
    categories = CategoryOut(many=True)
    explained_from = serializers.DateTimeField(allow_null=True)
    explained = ExplainedOut(many=True)


@remedy
class SeatView(APIView):
    """The base of these routes: whose record it is. The disabled may sit, because passing mends."""

    record: ServiceRecord

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the record, or answer as if the census were not there."""
        super().initial(request, *args, **kwargs)
        self.record = field_record(request.user, kwargs["census_code"], is_remedy=True)
        bound = getattr(request.user, "census_id", None)
        if bound is not None and bound != self.record.census_id:
            raise Http404

    def parsed(self, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """Return what was sent, checked, or refuse it with 400."""
        sent = kind(data=self.request.data)
        sent.is_valid(raise_exception=True)
        data: dict[str, Any] = sent.validated_data
        return data

    def own(self, pk: int) -> Attempt:
        """Return the record's own attempt; anybody else's is not there."""
        rows = Attempt.objects.of_record(self.record).select_related("exam", "void")
        attempt = rows.filter(pk=pk).first()
        if attempt is None:
            raise Http404
        return attempt


class ExamState(SeatView):
    @extend_schema(operation_id="my_exam", responses=SituationOut)
    def get(self, request: Request, census_code: str) -> Response:
        """Return the exam, the open attempt, past results and whether another may be started."""
        told = telling.situation(self.record, now=timezone.now())
        return Response(SituationOut(told).data)


class ExamStart(SeatView):
    @extend_schema(operation_id="my_exam_start", request=None, responses={201: SittingOut})
    def post(self, request: Request, census_code: str) -> Response:
        """Start an attempt."""
        attempt = start(self.record, actor=request.user, now=timezone.now())
        return Response(SittingOut(attempt).data, status=201)


class ExamPage(SeatView):
    @extend_schema(operation_id="my_exam_page", request=AttemptIn, responses=PageOut)
    def post(self, request: Request, census_code: str) -> Response:
        """Open a page of the attempt; its answers win over those of pages opened before."""
        attempt = self.own(self.parsed(AttemptIn)["attempt"])
        return Response(PageOut(telling.page(attempt, now=timezone.now())).data)


class ExamAnswers(SeatView):
    @extend_schema(
        operation_id="my_exam_answers",
        request=AnswersIn,
        responses={200: SavedOut, 409: OpenApiResponse(SavedOut)},
    )
    def post(self, request: Request, census_code: str) -> Response:
        """Keep taps. An operation named in `saved` is committed; repeating one changes nothing."""
        sent = self.parsed(AnswersIn)
        taps = [Tap(**{**row, "choice": tuple(row["choice"])}) for row in sent["answers"]]
        try:
            kept = save(self.record, sent["attempt"], taps)
        except Attempt.DoesNotExist:
            raise Http404 from None
        body: dict[str, Any] = {
            "saved": [str(op) for op in kept.operations],
            "page": kept.page,
            "remaining_ms": telling.milliseconds(kept.remaining),
        }
        if kept.refused is None:
            return Response(body)
        refused = {"code": kept.refused.code, "sentence": str(kept.refused)}
        return Response(body | refused, status=409)


class ExamSubmit(SeatView):
    @extend_schema(operation_id="my_exam_submit", request=SubmitIn, responses=ResultOut)
    def post(self, request: Request, census_code: str) -> Response:
        """Hand in; asked again, the same result."""
        sent = self.parsed(SubmitIn)
        attempt = self.own(sent["attempt"])
        submit(attempt, actor=request.user, submit_op=sent["submit_op"])
        return Response(ResultOut(telling.result(attempt, now=timezone.now())).data)


class ExamResult(SeatView):
    @extend_schema(operation_id="my_exam_result", responses=ResultOut)
    def get(self, request: Request, census_code: str, attempt: int) -> Response:
        """Return the result of an attempt; explanations only after the window."""
        told = telling.result(self.own(attempt), now=timezone.now())
        return Response(ResultOut(told).data)
