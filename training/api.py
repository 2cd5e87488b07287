"""Training for programs: what the phone pages do, through the same services."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from census_staff.accounts.gate import field_record
from census_staff.places.models import Office

from .models import Unit
from .reports import report
from .standing import Learner, progress_of, standing_of, unit_for
from .telling import standing_told, unit_told


class UnitLine(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=["page", "pdf", "film"])
    title = serializers.CharField()
    complete = serializers.BooleanField()


class CourseLine(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    code = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    summary = serializers.CharField()
    kind = serializers.CharField(help_text="required, retraining, or empty for free courses")
    minutes = serializers.IntegerField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    units = UnitLine(many=True)


class Training(serializers.Serializer[Any]):
    trained = serializers.BooleanField()
    retrained = serializers.IntegerField()
    courses = CourseLine(many=True)


class Progress(serializers.Serializer[Any]):
    unit = serializers.IntegerField()
    studied_percent = serializers.IntegerField()
    pages = serializers.ListField(child=serializers.IntegerField())
    played = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))
    reached_end = serializers.BooleanField()
    answered = serializers.BooleanField()
    complete = serializers.BooleanField()
    saved_at = serializers.CharField()
    view = serializers.CharField(required=False, help_text="token of a viewing, after `open`")
    is_right = serializers.BooleanField(required=False)
    explanation = serializers.CharField(required=False)


class CheckQuestion(serializers.Serializer[Any]):
    stem = serializers.CharField()
    options = serializers.ListField(child=serializers.CharField())


class UnitWhole(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=["page", "pdf", "film"])
    title = serializers.CharField()
    minutes = serializers.IntegerField()
    blocks = serializers.ListField(child=serializers.DictField())
    page_count = serializers.IntegerField()
    seconds = serializers.IntegerField()
    question = CheckQuestion()
    progress = Progress()


class Report(serializers.Serializer[Any]):
    """One report of studying; `op` says which of the other fields count."""

    op = serializers.ChoiceField(choices=["end", "page", "open", "beat", "answer"])
    page = serializers.IntegerField(required=False, min_value=1, default=None)
    view = serializers.CharField(required=False, max_length=40, default="")
    start = serializers.FloatField(required=False, min_value=0, default=None)
    end = serializers.FloatField(required=False, min_value=0, default=None)
    choice = serializers.IntegerField(required=False, min_value=0, default=None)


def _learner(request: Request, census_code: str) -> Learner:
    # Open to the disabled: training mends the reason.
    record = field_record(request.user, census_code, is_remedy=True)
    bound = getattr(request.user, "census_id", None)
    if bound is not None and bound != record.census_id:
        raise Http404
    path = Office.objects.values_list("path", flat=True).get(pk=record.office_id)
    return Learner(record.person_id, record.census_id, record.role, path)


def _unit(learner: Learner, pk: int) -> Unit:
    unit = unit_for(learner, pk)
    if unit is None:
        raise Http404
    return unit


class MyCourses(APIView):
    @extend_schema(operation_id="my_courses", responses=Training)
    def get(self, request: Request, census_code: str) -> Response:
        """Return the caller's courses and how far they are."""
        standing = standing_of(_learner(request, census_code))
        return Response(Training(standing_told(standing)).data)


class MyUnit(APIView):
    @extend_schema(operation_id="my_unit", responses=UnitWhole)
    def get(self, request: Request, census_code: str, pk: int) -> Response:
        """Return one unit with its material, and its question without the answer."""
        learner = _learner(request, census_code)
        unit = _unit(learner, pk)
        return Response(UnitWhole(unit_told(unit, progress_of(learner, unit))).data)


class MyUnitProgress(APIView):
    @extend_schema(operation_id="my_unit_report", request=Report, responses=Progress)
    def post(self, request: Request, census_code: str, pk: int) -> Response:
        """Take one report of studying and return how far the unit is."""
        learner = _learner(request, census_code)
        said = Report(data=request.data)
        said.is_valid(raise_exception=True)
        told, _answered = report(
            learner, _unit(learner, pk), said.validated_data, actor=request.user
        )
        return Response(Progress(told).data)
