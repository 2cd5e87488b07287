"""The phone's pages for programs: checklist, remedy, pledge and notices, through the same services."""

import base64
import binascii
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from census_staff.accounts.gate import field_record
from census_staff.correspondence.models import Notice
from census_staff.correspondence.words import said
from census_staff.lib.errors import Refused

from . import appeals, checklist, pledges, remedy
from .models import Staff


class GateLine(serializers.Serializer[Any]):
    name = serializers.CharField()
    note = serializers.CharField()
    state = serializers.CharField(help_text="done, now, or empty")


class NextStep(serializers.Serializer[Any]):
    title = serializers.CharField()
    says = serializers.ListField(child=serializers.CharField())
    url = serializers.CharField()


class Home(serializers.Serializer[Any]):
    role = serializers.CharField()
    service = serializers.CharField()
    access = serializers.CharField()
    unmet = serializers.ListField(child=serializers.CharField())
    deadline_at = serializers.DateTimeField()
    next = NextStep()
    gates = GateLine(many=True)


class FactLine(serializers.Serializer[Any]):
    term = serializers.CharField()
    value = serializers.CharField()


class Remedy(serializers.Serializer[Any]):
    heading = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    standards = serializers.ListField(child=serializers.CharField())
    facts = FactLine(many=True)
    steps = GateLine(many=True)


class AppealText(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=appeals.MOST_WORDS)


class AppealTold(serializers.Serializer[Any]):
    made_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    answer = serializers.CharField(allow_null=True)


class PledgeTold(serializers.Serializer[Any]):
    title = serializers.CharField()
    version = serializers.IntegerField()
    body = serializers.CharField()
    sha256 = serializers.CharField()
    signed_at = serializers.DateTimeField(allow_null=True)


class PledgeSigned(serializers.Serializer[Any]):
    """A signature: the hash of the text that was shown, and a drawing or the full name."""

    sha256 = serializers.CharField(max_length=64)
    drawing = serializers.CharField(
        required=False, default="", max_length=90_000, help_text="PNG, base64"
    )
    typed_name = serializers.CharField(required=False, default="", max_length=50)


class NoticeTold(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    title = serializers.CharField()
    say = serializers.CharField()
    sent_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


def _staff(request: Request, census_code: str) -> Staff:
    record = field_record(request.user, census_code, is_remedy=True)
    rows = Staff.objects.select_related("census", "office__parent", "person")
    found: Staff = rows.get(pk=record.staff_id)
    return found


class MyHome(APIView):
    @extend_schema(operation_id="my_home", responses=Home)
    def get(self, request: Request, census_code: str) -> Response:
        """Return the seven gates, what is unmet, and the one next step."""
        record = field_record(request.user, census_code)
        now = checklist.know(record, at=timezone.now())
        staff = now.staff
        told = {
            "role": staff.role,
            "service": staff.service,
            "access": staff.access,
            "unmet": now.unmet,
            "deadline_at": staff.census.deadline_at,
            "next": checklist.next_step(now),
            "gates": checklist.items(now),
        }
        return Response(Home(told).data)


class MyRemedy(APIView):
    @extend_schema(operation_id="my_remedy", responses=Remedy)
    def get(self, request: Request, census_code: str) -> Response:
        """Return why access is shut, and what opens it again."""
        record = field_record(request.user, census_code, is_remedy=True)
        now = checklist.know(record, at=timezone.now())
        if now.staff.access != "disabled":
            raise Refused("not_disabled", _("Your access is open; there is nothing to review."))
        order = remedy.order_of(now.staff)
        told = {
            "heading": remedy.heading(order),
            "since": order.made_at if order else None,
            "standards": order.standards if order else [],
            "facts": remedy.facts(now, order),
            "steps": remedy.steps(now, order),
        }
        return Response(Remedy(told).data)


class MyAppeal(APIView):
    @extend_schema(operation_id="my_appeal", request=AppealText, responses={201: AppealTold})
    def post(self, request: Request, census_code: str) -> Response:
        """File an appeal and return it."""
        asked = AppealText(data=request.data)
        asked.is_valid(raise_exception=True)
        staff = _staff(request, census_code)
        made = appeals.file_appeal(staff, asked.validated_data["text"], actor=request.user)
        return Response(AppealTold(made).data, status=201)


class MyPledge(APIView):
    @extend_schema(operation_id="my_pledge", responses=PledgeTold)
    def get(self, request: Request, census_code: str) -> Response:
        """Return the text that is asked, and when the caller signed it."""
        return Response(self._told(_staff(request, census_code)))

    @extend_schema(operation_id="my_pledge_sign", request=PledgeSigned, responses={201: PledgeTold})
    def post(self, request: Request, census_code: str) -> Response:
        """Sign the pledge."""
        asked = PledgeSigned(data=request.data)
        asked.is_valid(raise_exception=True)
        signed, staff = asked.validated_data, _staff(request, census_code)
        try:
            drawing = base64.b64decode(signed["drawing"], validate=True)
        except binascii.Error as error:
            raise Refused(
                "signature_unreadable", _("The signature cannot be read. Please draw it anew.")
            ) from error
        device = request.headers.get("User-Agent", "")[:300]
        pledges.sign(
            staff,
            sha256=signed["sha256"],
            signature=pledges.Signature(drawing, signed["typed_name"], device),
            actor=request.user,
        )
        return Response(self._told(staff), status=201)

    @staticmethod
    def _told(staff: Staff) -> Any:
        signed = pledges.pledge_of(staff)
        text = signed.text if signed else pledges.text_for(staff)
        if text is None:
            raise Refused("no_pledge_text", _("No pledge has been published for you yet."))
        told = {
            "title": text.title,
            "version": text.version,
            "body": text.body,
            "sha256": text.sha256,
            "signed_at": signed.signed_at if signed else None,
        }
        return PledgeTold(told).data


class MyNotices(APIView):
    @extend_schema(operation_id="my_notices", responses=NoticeTold(many=True))
    def get(self, request: Request, census_code: str) -> Response:
        """Return the newest hundred notices of the caller in this census."""
        record = field_record(request.user, census_code, is_remedy=True)
        rows = Notice.objects.filter(person=record.person_id, census=record.census_id)
        told = []
        for notice in rows.exclude(sent_at=None).order_by("-pk")[:100]:
            words = said(notice)
            told.append(
                {
                    "id": notice.pk,
                    "kind": notice.kind,
                    "title": words.title,
                    "say": words.say,
                    "sent_at": notice.sent_at,
                    "read_at": notice.read_at,
                }
            )
        return Response(NoticeTold(told, many=True).data)


class MyNoticeRead(APIView):
    @extend_schema(operation_id="my_notice_read", request=None, responses={204: None})
    def post(self, request: Request, census_code: str, pk: int) -> Response:
        """Note that the caller has read a notice."""
        record = field_record(request.user, census_code, is_remedy=True)
        own = Notice.objects.filter(person=record.person_id, census=record.census_id)
        notice = get_object_or_404(own.exclude(sent_at=None), pk=pk)
        own.filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())
        return Response(status=204)
