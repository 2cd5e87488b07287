"""Cards as JSON: the list within reach, numbering, the steps, and the holder's own card."""

from typing import Any

from django.db import Error
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from census_staff.accounts import gate
from census_staff.accounts.web import need, reachable
from recruitment.models import Staff

from . import holding, issue, ledger, steps
from .models import Card
from .states import IN_FORCE, Breach, CardState, Harm
from .verification import UNCACHED, Verdict, verify_token


class CardSerializer(serializers.ModelSerializer[Card]):
    """A card as the office sees it; its token is on the paper only."""

    full_name = serializers.CharField(source="person.name", read_only=True)
    showing = serializers.CharField(read_only=True)
    issuer = serializers.CharField(source="issuer.name", read_only=True)
    office = serializers.CharField(source="staff.office.code", read_only=True)
    census = serializers.CharField(source="census.code", read_only=True)

    class Meta:
        model = Card
        fields = (
            "id",
            "number",
            "edition",
            "staff",
            "full_name",
            "role",
            "census",
            "office",
            "issuer",
            "state",
            "showing",
            "valid_from",
            "valid_until",
            "made_at",
            "printed_at",
            "handed_at",
            "ended_at",
        )
        read_only_fields = fields


class NumberRequest(serializers.Serializer[Any]):
    """Whom to number."""

    staff = serializers.ListField(child=serializers.IntegerField(), min_length=1, max_length=500)


class NumberAnswer(serializers.Serializer[Any]):
    """What became of each."""

    cards = serializers.DictField(child=serializers.IntegerField())
    refused = serializers.DictField(child=serializers.DictField())


class StepRequest(serializers.Serializer[Any]):
    """What a step asks for; each step reads its own."""

    sentence = serializers.CharField(required=False, allow_blank=True, max_length=300)
    exception = serializers.CharField(required=False, allow_blank=True, max_length=300)
    article = serializers.CharField(required=False, max_length=60)
    act = serializers.ChoiceField(required=False, choices=Breach.choices)
    evidence = serializers.CharField(required=False, max_length=2000)


class LossRequest(serializers.Serializer[Any]):
    """What the holder reports."""

    kind = serializers.ChoiceField(choices=Harm.choices)
    sentence = serializers.CharField(required=False, allow_blank=True, max_length=300)


class Newest(CursorPagination):
    ordering = "-pk"


def _rows(request: Request) -> Any:
    need(request, "card.view")
    rows = Card.objects.allowed(request.user, "card.view")
    return rows.with_showing().select_related("person", "issuer", "staff__office", "census")


class CardList(ListAPIView[Card]):
    """The cards within reach; filters: state, role, office, only=to_recall, q (name or number)."""

    serializer_class = CardSerializer
    pagination_class = Newest
    filter_backends = ()

    def get_queryset(self) -> Any:
        """Return what the filters ask for."""
        if getattr(self, "swagger_fake_view", False):
            return Card.objects.none()
        return ledger.asked_for(_rows(self.request), self.request.query_params)


class CardDetail(RetrieveAPIView[Card]):
    """One card."""

    serializer_class = CardSerializer
    filter_backends = ()

    def get_queryset(self) -> Any:
        """Return the cards within reach."""
        if getattr(self, "swagger_fake_view", False):
            return Card.objects.none()
        return _rows(self.request)


class CardNumbering(APIView):
    """Number people who are ready."""

    @extend_schema(request=NumberRequest, responses=NumberAnswer)
    def post(self, request: Request) -> Response:
        """Return the card of each, or why there is none; people out of reach are refused."""
        need(request, issue.ACTION)
        asked = NumberRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        rows = Staff.objects.allowed(request.user, issue.ACTION)
        rows = rows.filter(pk__in=asked.validated_data["staff"])
        done = issue.number(rows, actor=request.user)  # type: ignore[arg-type]
        refused = {
            str(pk): {"code": why.code, "sentence": str(why), **why.details}
            for pk, why in done.refused.items()
        }
        return Response({"cards": {str(k): v for k, v in done.cards.items()}, "refused": refused})


class CardStep(APIView):
    """Take a step of a card's life."""

    @extend_schema(request=StepRequest, responses=CardSerializer)
    def post(self, request: Request, pk: int, name: str) -> Response:
        """Return the card after the step, or the refusal."""
        card: Card = reachable(Card.objects.all(), request, "card.view", pk=pk)
        told = StepRequest(data=request.data)
        told.is_valid(raise_exception=True)
        steps.take(card, name, actor=request.user, told=told.validated_data)
        return Response(CardSerializer(_rows(request).get(pk=pk)).data)


class OwnCard(APIView):
    """The holder's own cards in a census."""

    @extend_schema(responses=CardSerializer(many=True))
    def get(self, request: Request, census_code: str) -> Response:
        """Return the person's editions, newest first."""
        record = gate.field_record(request.user, census_code)
        return Response(CardSerializer(_own(record), many=True).data)

    @extend_schema(request=LossRequest, responses=CardSerializer)
    def post(self, request: Request, census_code: str) -> Response:
        """Report the card in force lost, stolen or damaged; it takes effect at once."""
        record = gate.field_record(request.user, census_code)
        told = LossRequest(data=request.data)
        told.is_valid(raise_exception=True)
        alive = (CardState.PRINTED, *IN_FORCE)
        card = _own(record).filter(state__in=alive).first()
        if card is None:
            return Response(
                {"code": "no_card", "sentence": "There is no card to report."}, status=409
            )
        said = told.validated_data
        holding.report(card, said["kind"], actor=request.user, sentence=said.get("sentence", ""))
        return Response(CardSerializer(_own(record).get(pk=card.pk)).data)


class VerdictSerializer(serializers.Serializer[Verdict]):
    """What the public is told; whatever the outcome hides is left out."""

    showing = serializers.CharField()
    label = serializers.CharField(source="showing.label")  # type: ignore[assignment]
    at = serializers.DateTimeField()
    number = serializers.CharField()
    role = serializers.CharField()
    issuer = serializers.CharField()
    phone = serializers.CharField()
    edition = serializers.IntegerField()
    full_name = serializers.CharField()
    census = serializers.CharField()
    area = serializers.CharField()
    valid_from = serializers.DateField()
    valid_until = serializers.DateField()

    def to_representation(self, instance: Verdict) -> dict[str, Any]:
        """Return what there is to say."""
        said = super().to_representation(instance)
        return {name: value for name, value in said.items() if value not in ("", None)}


class VerifyCard(APIView):
    """Verification for programs: no account, one question to the database, no photo."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(responses={200: VerdictSerializer, 404: VerdictSerializer}, auth=[])
    def get(self, request: Request, token: str) -> Response:
        """Return what the scanned token stands for; 404 where there is no such card."""
        try:
            verdict = verify_token(token)
        except Error:
            body = {"code": "cannot_say", "sentence": _("The system cannot answer at this moment.")}
            return Response(body, status=503, headers=UNCACHED)
        status = 200 if verdict.is_known else 404
        return Response(VerdictSerializer(verdict).data, status=status, headers=UNCACHED)


def _own(record: Any) -> Any:
    rows = Card.objects.filter(person=record.person_id, census=record.census_id)
    rows = rows.with_showing().select_related("person", "issuer", "staff__office", "census")
    return rows.order_by("-edition")
