"""The scheduled disabling for programs: the same list, the same steps, the same refusals."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from census_staff.accounts.web import actions_of, need
from census_staff.batches.models import Batch
from census_staff.batches.states import BatchState, ItemState
from census_staff.batches.tasks import wake
from census_staff.censuses.models import Census
from census_staff.lib.paging import page_of
from census_staff.lib.waking import wake_after_commit

from . import run_pages
from .compliance import asking, steps
from .compliance.questions import standards_of, visible_items, visible_runs
from .listing_tasks import write_list
from .run_words import unlisted_word
from .standards import STANDARDS


class CountyFigures(serializers.Serializer[Any]):
    county = serializers.IntegerField()
    name = serializers.CharField()
    reasons = serializers.DictField(child=serializers.IntegerField())
    listed = serializers.IntegerField()
    exempt = serializers.IntegerField()
    pending = serializers.IntegerField()
    disabled = serializers.IntegerField()
    spared = serializers.IntegerField()
    undone = serializers.IntegerField()
    kept = serializers.IntegerField()


class RunLine(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    census = serializers.CharField(help_text="code of the census")
    office = serializers.IntegerField()
    state = serializers.ChoiceField(choices=BatchState.values)
    standards = serializers.ListField(child=serializers.CharField())
    due_at = serializers.DateTimeField(allow_null=True)
    frozen_at = serializers.DateTimeField(allow_null=True)
    frozen_sha256 = serializers.CharField()
    stop_code = serializers.CharField()


class ListWish(serializers.Serializer[Any]):
    wish = serializers.ChoiceField(
        choices=["list", "freeze"], help_text="write the list, or write it and freeze it"
    )
    asked_at = serializers.DateTimeField()


class ListRefusal(serializers.Serializer[Any]):
    wish = serializers.ChoiceField(choices=["list", "freeze"])
    code = serializers.CharField()
    sentence = serializers.CharField()


class RunWhole(RunLine):
    listing = ListWish(
        allow_null=True,
        help_text="what the worker is asked to do with the list; until it is null only"
        " `cancel` is possible",
    )
    unlisted = ListRefusal(
        allow_null=True, help_text="why the list was not written or not frozen when last asked for"
    )
    counties = CountyFigures(many=True)
    report = serializers.DictField()
    steps = serializers.ListField(child=serializers.CharField(), help_text="offered to you now")


class RunPage(serializers.Serializer[Any]):
    results = RunLine(many=True)
    before = serializers.CharField()
    after = serializers.CharField()


class RunItem(serializers.Serializer[Any]):
    position = serializers.IntegerField()
    staff = serializers.IntegerField()
    name = serializers.CharField()
    office = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ItemState.values)
    reason = serializers.CharField()
    unmet = serializers.ListField(child=serializers.CharField())
    offline_pass = serializers.BooleanField()
    done_at = serializers.DateTimeField(allow_null=True)


class RunItemPage(serializers.Serializer[Any]):
    results = RunItem(many=True)
    before = serializers.CharField()
    after = serializers.CharField()


class NewRun(serializers.Serializer[Any]):
    census = serializers.CharField(max_length=2, help_text="code of the census")
    standards = serializers.ListField(
        child=serializers.ChoiceField(choices=list(STANDARDS)), min_length=1
    )
    title = serializers.CharField(max_length=120, required=False, default="")


class StepBody(serializers.Serializer[Any]):
    typed = serializers.IntegerField(
        required=False, default=-1, help_text="approve: how many people are on the list"
    )
    sentence = serializers.CharField(
        max_length=300,
        required=False,
        default="",
        allow_blank=True,
        help_text="thaw, ask_undo: why",
    )


# What of a report is not for every reader as it is kept.
WITHIN = ("after_freeze", "lots")
PAGING = [OpenApiParameter(name, str, required=False) for name in ("before", "after")]


def _line(run: Batch) -> dict[str, Any]:
    return {
        "id": run.pk,
        "title": run.title,
        "census": run.census.code,
        "office": run.office_id,
        "state": run.state,
        "standards": standards_of(run),
        "due_at": run.due_at,
        "frozen_at": run.frozen_at,
        "frozen_sha256": run.frozen_sha256,
        "stop_code": run.stop_code,
    }


def _whole(run: Batch, request: Request) -> dict[str, Any]:
    tally = run_pages.tally(run, request.user)
    verbs = run_pages.offered(run, request.user, actions_of(request))
    # The report names staff of every county; programs get its counts and their own rows.
    told = {name: part for name, part in run.report.items() if name not in WITHIN}
    later = run.report.get("after_freeze", {})
    told["after_freeze"] = {name: part["count"] for name, part in later.items()}
    counties = [
        {
            "county": row.county,
            "name": row.name,
            "reasons": row.reasons,
            "listed": row.listed,
            "exempt": row.exempt,
            "pending": row.pending,
            "disabled": row.done,
            "spared": row.spared,
            "undone": row.undone,
            "kept": row.kept,
        }
        for row in tally["rows"]
    ]
    return _line(run) | {
        "listing": _listing(run),
        "unlisted": _unlisted(run),
        "counties": counties,
        "report": told,
        "steps": [verb.name for verb in verbs],
    }


def _listing(run: Batch) -> dict[str, Any] | None:
    wish = asking.wish_of(run)
    return {"wish": wish["wish"], "asked_at": datetime.fromisoformat(wish["at"])} if wish else None


def _unlisted(run: Batch) -> dict[str, Any] | None:
    told = run.params.get(steps.UNLISTED)
    return told | {"sentence": unlisted_word(told["code"])} if told else None


def _run(request: Request, pk: int) -> Batch:
    need(request, "run.view")
    found: Batch | None = visible_runs(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


class Runs(APIView):
    """The runs that touch your part of the tree."""

    @extend_schema(operation_id="runs_list", responses=RunPage, parameters=PAGING)
    def get(self, request: Request) -> Response:
        """List runs, newest first."""
        need(request, "run.view")
        asked = request.query_params
        page = page_of(
            visible_runs(request.user),
            ["-pk"],
            before=asked.get("before", ""),
            after=asked.get("after", ""),
        )
        lines = [_line(run) for run in page.rows]
        return Response(
            RunPage({"results": lines, "before": page.before, "after": page.after}).data
        )

    @extend_schema(request=NewRun, responses={202: RunWhole})
    def post(self, request: Request) -> Response:
        """Prepare a run: its list, a preview that touches nobody, is written in the background;
        ask for the run until its `listing` is null."""
        need(request, "run.prepare")
        asked = NewRun(data=request.data)
        asked.is_valid(raise_exception=True)
        census = Census.objects.filter(code=asked.validated_data["census"]).first()
        if census is None:
            raise Http404
        with transaction.atomic():
            run = asking.ask_new(
                actor=request.user,
                census=census,
                standards=asked.validated_data["standards"],
                title=asked.validated_data["title"],
            )
            wake_after_commit(write_list, run.pk)
        return Response(RunWhole(_whole(run, request)).data, status=202)


class Run(APIView):
    """One run."""

    @extend_schema(responses=RunWhole)
    def get(self, request: Request, pk: int) -> Response:
        """Show a run with its figures by county, as far as you see them."""
        return Response(RunWhole(_whole(_run(request, pk), request)).data)


class RunItems(APIView):
    """The names on a run's list."""

    @extend_schema(
        responses=RunItemPage,
        parameters=[
            *PAGING,
            *(
                OpenApiParameter(name, str, required=False)
                for name in ("county", "reason", "state", "note", "spared", "q")
            ),
        ],
    )
    def get(self, request: Request, pk: int) -> Response:
        """List the people on the list within your reach."""
        run = _run(request, pk)
        asked = request.query_params
        counties = run_pages.reach_of(request.user, run)
        page = page_of(
            run_pages.chosen(visible_items(run, request.user), asked, counties),
            ["position"],
            before=asked.get("before", ""),
            after=asked.get("after", ""),
        )
        lines = [
            {
                "position": line.item.position,
                "staff": line.item.target_id,
                "name": line.staff.person.name if line.staff else "",
                "office": line.item.office_id,
                "state": line.item.state,
                "reason": line.item.reason,
                "unmet": line.item.facts.get("unmet", []),
                "offline_pass": line.is_offline,
                "done_at": line.item.done_at,
            }
            for line in run_pages.lines(run, page.rows)
        ]
        return Response(
            RunItemPage({"results": lines, "before": page.before, "after": page.after}).data
        )


class RunStep(APIView):
    """The steps of a run."""

    @extend_schema(request=StepBody, responses={200: RunWhole, 202: RunWhole})
    def post(self, request: Request, pk: int, name: str) -> Response:
        """Take a step: refresh, freeze, thaw, approve, pause, resume, cancel, ask_undo,
        withdraw_undo, approve_undo. Refresh and freeze write the list: they are answered with 202
        and done in the background; ask for the run until its `listing` is null."""
        run = _run(request, pk)
        asked = StepBody(data=request.data)
        asked.is_valid(raise_exception=True)
        with transaction.atomic():
            asking.take(name, run, actor=request.user, **asked.validated_data)
            wake_after_commit(write_list if name in asking.ASKED else wake, run.pk)
        status = 202 if name in asking.ASKED else 200
        return Response(RunWhole(_whole(_run(request, pk), request)).data, status=status)
