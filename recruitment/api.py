"""The API of the roster: staff with scope and filters, and one route for every step."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, pagination, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from census_staff.batches.tasks import wake
from census_staff.censuses.models import Census
from census_staff.lib import wording
from census_staff.lib.errors import Refused
from census_staff.lib.waking import wake_after_commit

from . import filters, steps
from .models import AccessOrder, Staff
from .standards import STANDARDS
from .states import Access, Service
from .words import Role


class StaffPages(pagination.CursorPagination):
    """Pages by key: the cost of the last is the cost of the first."""

    ordering = "pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class StaffSerializer(serializers.Serializer[Staff]):
    """A staff record; numbers are masked."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="person.name")
    id_number = serializers.SerializerMethodField()
    phone = serializers.SerializerMethodField()
    census = serializers.CharField(source="census.code")
    office = serializers.CharField(source="office.code")
    role = serializers.ChoiceField(choices=Role.choices)
    service = serializers.ChoiceField(choices=Service.choices)
    access = serializers.ChoiceField(choices=Access.choices)
    unmet = serializers.ListField(child=serializers.ChoiceField(choices=list(STANDARDS)))
    areas = serializers.ListField(child=serializers.CharField())

    def get_id_number(self, staff: Staff) -> str:
        """Return the ID number, masked."""
        return wording.masked_id(staff.person.id_number)

    def get_phone(self, staff: Staff) -> str:
        """Return the telephone number, masked."""
        return wording.masked_phone(staff.person.phone or "")


class StepSerializer(serializers.Serializer[Any]):
    """What a step may need; most need nothing or a sentence."""

    reason = serializers.ChoiceField(
        choices=[r for r in AccessOrder.Reason.values if r not in ("run", "left")], required=False
    )
    sentence = serializers.CharField(max_length=300, required=False, allow_blank=True)
    standards = serializers.MultipleChoiceField(choices=list(STANDARDS), required=False)
    until = serializers.DateField(required=False, allow_null=True)
    is_urgent = serializers.BooleanField(required=False)
    fields_back = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField(max_length=200)), required=False
    )


class OfferSerializer(serializers.Serializer[Any]):
    """A step that is offered now; `refusal` says why it cannot be taken yet."""

    axis = serializers.CharField()
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    refusal = serializers.CharField(allow_blank=True)


class StaffOneSerializer(StaffSerializer):
    """A staff record with the steps offered to whoever asks."""

    steps = serializers.SerializerMethodField()

    @extend_schema_field(OfferSerializer(many=True))
    def get_steps(self, staff: Staff) -> list[dict[str, str]]:
        """Return the steps offered to whoever asks, each with why it cannot be taken yet."""
        return [
            {"axis": axis, "name": step.name, "label": str(step.label), "refusal": str(refusal)}
            for axis, table in steps.AXES.items()
            for step, refusal in table.offered(staff, actor=self.context["request"].user)
        ]


def _rows(request: Request) -> Any:
    found = Staff.objects.allowed(request.user, "staff.view")
    return found.select_related("person", "census", "office").with_unmet(*STANDARDS)


def _need_view(request: Request) -> None:
    if "staff.view" not in request.user.actions():  # type: ignore[union-attr]
        raise Refused("not_in_role", _("Your role does not include this."))


def _asked(name: str, words: list[str] | None = None) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, enum=words)


class StaffList(generics.ListAPIView[Staff]):
    """The staff within reach; without `service`, those who are in the census."""

    serializer_class = StaffSerializer
    pagination_class = StaffPages
    filter_backends: list[Any] = []
    queryset = Staff.objects.none()

    @extend_schema(
        parameters=[
            _asked("census"),
            _asked("office"),
            _asked("role", Role.values),
            _asked("service", [*Service.values, "all"]),
            _asked("access", Access.values),
            _asked("gate", list(filters.CONDITIONS)),
            _asked("missing", list(filters.CONDITIONS)),
            _asked("q"),
        ]
    )
    def get(self, request: Request, *arguments: Any, **more: Any) -> Response:
        """Return a page of the staff asked for."""
        _need_view(request)
        return super().get(request, *arguments, **more)

    def get_queryset(self) -> QuerySet[Staff]:
        """Return the rows asked for, within reach."""
        asked = self.request.query_params
        rows = _rows(self.request)
        if "census" in asked:
            census = Census.objects.filter(code=asked["census"]).first()
            rows = rows.filter(census=census) if census else rows.none()
        found: QuerySet[Staff] = filters.asked_for(rows, asked)
        return found


class StaffDetail(APIView):
    """One staff record."""

    @extend_schema(responses=StaffOneSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return the record, with the steps offered."""
        _need_view(request)
        staff = _rows(request).filter(pk=pk).first()
        if staff is None:
            raise Http404
        return Response(StaffOneSerializer(staff, context={"request": request}).data)


class StaffStep(APIView):
    """The steps of the life cycles of service and access, by the names of their tables."""

    @extend_schema(
        request=StepSerializer,
        responses=StaffOneSerializer,
        parameters=[
            OpenApiParameter(
                "axis", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(steps.AXES)
            ),
            OpenApiParameter(
                "name",
                OpenApiTypes.STR,
                OpenApiParameter.PATH,
                enum=[s.name for t in steps.AXES.values() for s in t.steps.values() if s.action],
            ),
        ],
    )
    def post(self, request: Request, pk: int, axis: str, name: str) -> Response:
        """Take the step, or answer with the code and the sentence of the refusal."""
        _need_view(request)
        staff = _rows(request).filter(pk=pk).first()
        if staff is None:
            raise Http404
        steps.step_of(axis, name)
        given = StepSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        back = values.pop("fields_back", None)
        with transaction.atomic():
            batch = steps.take(staff, axis, name, actor=request.user, fields=back, **values)
            if batch is not None:
                key = batch.pk
                wake_after_commit(wake, key)
        fresh = _rows(request).filter(pk=pk).first()
        return Response(StaffOneSerializer(fresh, context={"request": request}).data)
