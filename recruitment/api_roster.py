"""Rosters for programs: upload, look through, write. The same services as the pages."""

from typing import Any

from django.db import transaction
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import parsers, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from census_staff.accounts.web import need
from census_staff.batches.runner import totals
from census_staff.batches.tasks import wake
from census_staff.censuses.models import Census
from census_staff.lib.paging import page_of
from census_staff.lib.waking import wake_after_commit

from . import roster, roster_preview
from .desks import desk
from .models import RosterFile, RosterRow
from .roster_commit import confirm
from .roster_tasks import read_uploads
from .roster_words import sentence

MAY = "roster.import"


class UploadIn(serializers.Serializer[Any]):
    census = serializers.CharField(max_length=2)
    file = serializers.FileField(allow_empty_file=True, max_length=400)


class RosterOut(serializers.Serializer[RosterFile]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    census = serializers.CharField(source="census.code")
    office = serializers.CharField(source="office.code")
    reading = serializers.ChoiceField(choices=RosterFile.Reading.choices)
    refusal = serializers.CharField()
    made_at = serializers.DateTimeField()
    delete_on = serializers.DateField()
    counts = serializers.SerializerMethodField()
    unknown_columns = serializers.SerializerMethodField()
    batch = serializers.SerializerMethodField()

    def get_counts(self, file: RosterFile) -> dict[str, int]:
        """Return how many rows there are of each kind."""
        return {kind: file.counts.get(kind, 0) for kind in (*roster_preview.KINDS, "rows")}

    def get_unknown_columns(self, file: RosterFile) -> list[str]:
        """Return the headers that are not ours and were not read."""
        return list(file.counts.get("unknown", ()))

    def get_batch(self, file: RosterFile) -> dict[str, Any] | None:
        """Return the writing of the roster and how far it is."""
        if file.batch is None:
            return None
        return {"id": file.batch.pk, "state": file.batch.state, "items": totals(file.batch)}


class CellOut(serializers.Serializer[Any]):
    field = serializers.CharField()
    text = serializers.CharField()
    old = serializers.CharField()
    is_error = serializers.BooleanField()


class RemarkOut(serializers.Serializer[Any]):
    field = serializers.CharField()
    code = serializers.CharField()
    sentence = serializers.CharField()
    is_warning = serializers.BooleanField()


class RowOut(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    outcome = serializers.ChoiceField(choices=RosterRow.Outcome.choices)
    cells = CellOut(many=True)
    remarks = RemarkOut(many=True)


class RowsOut(serializers.Serializer[Any]):
    rows = RowOut(many=True)
    after = serializers.CharField()


class CommitIn(serializers.Serializer[Any]):
    only_whole = serializers.BooleanField(default=False)


def _file(request: Request, pk: int) -> RosterFile:
    need(request, MAY)
    rows = RosterFile.objects.filter(kind=RosterFile.Kind.ROSTER)
    found: RosterFile | None = (
        rows.allowed(request.user, MAY)
        .select_related("census", "office", "batch")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    return found


class Rosters(APIView):
    """Uploads of rosters."""

    parser_classes = (parsers.MultiPartParser,)

    @extend_schema(operation_id="roster_upload", request=UploadIn, responses={201: RosterOut})
    def post(self, request: Request) -> Response:
        """Take in a workbook. Small ones are read at once, others within seconds: ask again."""
        need(request, MAY)
        given = UploadIn(data=request.data)
        given.is_valid(raise_exception=True)
        census = Census.objects.filter(code=given.validated_data["census"]).first()
        if census is None:
            raise Http404
        upload = given.validated_data["file"]
        file = roster.take_in(
            upload.chunks(),
            name=upload.name,
            census=census,
            office=desk(request.user, MAY, census.pk),
            actor=request.user,
        )
        if file.size <= roster.AT_ONCE_BYTES:
            roster.read(file.pk)
        else:
            wake_after_commit(read_uploads)
        return Response(RosterOut(_file(request, file.pk)).data, status=201)


class Roster(APIView):
    """One roster."""

    @extend_schema(operation_id="roster_show", responses=RosterOut)
    def get(self, request: Request, pk: int) -> Response:
        """Return how far the roster is and what its rows would do."""
        return Response(RosterOut(_file(request, pk)).data)


class Rows(APIView):
    """The rows of one roster."""

    @extend_schema(
        operation_id="roster_rows",
        parameters=[
            OpenApiParameter("kind", enum=list(roster_preview.KINDS)),
            OpenApiParameter("after"),
        ],
        responses=RowsOut,
    )
    def get(self, request: Request, pk: int) -> Response:
        """Return a page of rows: numbers are masked, every remark has a code and a sentence."""
        file = _file(request, pk)
        kind = request.query_params.get("kind", "")
        rows = roster_preview.chosen(file, kind, "")
        page = page_of(rows, ["number"], after=request.query_params.get("after", ""))
        lines = roster_preview.lines_of(page.rows, edition=file.census.region_edition)
        found = [
            {
                "number": row.number,
                "outcome": row.outcome,
                "cells": line.cells,
                "remarks": [
                    {
                        "field": one["field"],
                        "code": one["code"],
                        "sentence": sentence(one),
                        "is_warning": one.get("is_warning", False),
                    }
                    for one in row.errors
                ],
            }
            for row, line in zip(page.rows, lines, strict=True)
        ]
        return Response(RowsOut({"rows": found, "after": page.after}).data)


class Commit(APIView):
    """The writing of one roster."""

    @extend_schema(operation_id="roster_commit", request=CommitIn, responses=RosterOut)
    def post(self, request: Request, pk: int) -> Response:
        """Write the good rows in the background; with `only_whole`, only if there are no others."""
        file = _file(request, pk)
        given = CommitIn(data=request.data)
        given.is_valid(raise_exception=True)
        with transaction.atomic():
            batch = confirm(file, actor=request.user, only_whole=given.validated_data["only_whole"])
            wake_after_commit(wake, batch.pk)
        return Response(RosterOut(_file(request, pk)).data)
