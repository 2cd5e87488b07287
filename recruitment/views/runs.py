"""The pages of the scheduled disabling."""

import io
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from census_staff.accounts.web import actions_of, office_page, present_census
from census_staff.batches.models import Batch
from census_staff.batches.tasks import wake
from census_staff.batches.words import reason_word
from census_staff.lib.errors import Refused
from census_staff.lib.paging import page_of
from census_staff.lib.waking import wake_after_commit
from recruitment import run_export, run_pages
from recruitment.compliance import asking, steps
from recruitment.compliance.questions import visible_items, visible_runs
from recruitment.compliance.report import county_names, moving_lots, shares
from recruitment.listing_tasks import write_list
from recruitment.run_forms import ApproveForm, RunForm, SentenceForm
from recruitment.run_words import SPARED, STOPPED, UNMET, unlisted_word

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BEFORE = ("draft", "frozen", "approved")
WAKING = {"approve", "resume", "approve_undo"}


def _run(request: HttpRequest, pk: int) -> Batch:
    found: Batch | None = (
        visible_runs(request.user)
        .select_related("made_by", "approved_by", "undo_asked_by", "undo_approved_by")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    return found


@office_page("run.view")
def run_list(request: HttpRequest) -> HttpResponse:
    """Show the runs of the census, newest first, each with its numbers."""
    census = present_census(request)
    rows = visible_runs(request.user).filter(census=census).select_related("made_by", "approved_by")
    asked = request.GET
    page = page_of(
        rows,
        ["-pk"],
        before=asked.get("before", ""),
        after=asked.get("after", ""),
        size=20,
        total=rows.count(),
    )
    found = [{"batch": run, **run_pages.tally(run, request.user)} for run in page.rows]
    may_prepare = "run.prepare" in actions_of(request)
    context = {"lines": found, "pager": page, "may_prepare": may_prepare, "census": census}
    return render(request, "recruitment/runs/list.html", context)


@office_page("run.prepare")
def run_new(request: HttpRequest) -> HttpResponse:
    """Choose the rule of a new run; the worker writes the preview."""
    census = present_census(request)
    form = RunForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            run = asking.ask_new(
                actor=request.user,
                census=census,
                standards=form.cleaned_data["standards"],
                title=form.cleaned_data["title"],
            )
            wake_after_commit(write_list, run.pk)
        return redirect("run_detail", run.pk)
    context = {"form": form, "census": census}
    return render(request, "recruitment/runs/new.html", context, status=400 if form.errors else 200)


@office_page("run.view")
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a run: rule, matrix, exemptions, list, approval, progress, report, undo."""
    return _detail(request, _run(request, pk))


def _detail(
    request: HttpRequest, run: Batch, form: ApproveForm | None = None, status: int = 200
) -> HttpResponse:
    items = visible_items(run, request.user)
    counties = run_pages.reach_of(request.user, run)
    asked = request.GET
    rows = run_pages.chosen(items, asked, counties)
    numbers = _numbers(request, run)
    page = page_of(
        rows,
        ["position"],
        before=asked.get("before", ""),
        after=asked.get("after", ""),
        size=20,
        total=rows.count() if run_pages.is_choosing(asked) else numbers["named"],
    )
    verbs = run_pages.offered(run, request.user, actions_of(request))
    context = numbers | {
        "steps": run_pages.procedure(run),
        "crumbs": [
            (_("Scheduled disabling"), reverse("run_list")),
            (run.title or _("List %(n)d") % {"n": run.pk}, ""),
        ],
        "counties": counties,
        "lines": run_pages.lines(run, page.rows),
        "pager": page,
        "asked": asked,
        "standards": list(UNMET.items()),
        "spared_words": list(SPARED.items()),
        "exemptions": run_pages.exemptions(run, items),
        "verbs": {verb.name: verb for verb in verbs},
        "form": form or ApproveForm(),
        "is_maker": run.made_by_id == request.user.pk,
        "may_approve": "run.approve" in actions_of(request),
        "over": _over_cap(run) if run.state in BEFORE and not numbers["is_unwritten"] else [],
        "stopped": STOPPED.get(run.stop_code) or reason_word(run.stop_code),
        "halted": _halted(run),
        "unlisted": unlisted_word(asking.refusal_of(run)),
    }
    if run.state in run_pages.CARRIED_OUT:
        context |= {
            "spared_lines": run_pages.lines(
                run, list(run_pages.evidence_words(run, request.user)[:8])
            ),
            "later": run_pages.later_cases(run, counties),
            "recall": run_pages.cards_to_recall(items),
        }
    return render(request, "recruitment/runs/detail.html", context, status=status)


def _numbers(request: HttpRequest, run: Batch) -> dict[str, Any]:
    return {
        "run": run,
        "wish": run_pages.wish(run),
        "is_moving": run.state in run_pages.MOVING,
        "is_carried_out": run.state in run_pages.CARRIED_OUT or run.started_at,
        **run_pages.tally(run, request.user),
    }


def _over_cap(run: Batch) -> list[Any]:
    return [row for row in shares(run) if row.percent > run.census.run_cap_percent]


def _halted(run: Batch) -> list[dict[str, Any]]:
    """Return the counties that stopped the run, with their names."""
    names = county_names(run) if run.state == "stopped" else {}
    told = run.report.get("stopped", {}).get("counties", [])
    return [row | {"name": names.get(row["county"], "–")} for row in told]


@office_page("run.view")
def run_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the part of the page that moves while the run goes on."""
    run = _run(request, pk)
    context: dict[str, Any] = {"run": run, "wish": run_pages.wish(run)}
    if run.started_at is None:
        response = render(request, "recruitment/runs/listing.html", context)
    else:
        context["is_moving"] = run.state in run_pages.MOVING
        context |= run_pages.progress(run, moving_lots(run, request.user))
        response = render(request, "recruitment/runs/progress.html", context)
    if not context["wish"] and not context.get("is_moving"):
        response["HX-Refresh"] = "true"
    return response


@office_page("run.view")
def run_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Take a step, or ask once more before one that needs a reason or is dangerous."""
    run = _run(request, pk)
    verb = steps.VERBS.get(name)
    if verb is None:
        raise Http404
    if not any(action in actions_of(request) for action in verb.actions):
        raise Refused("not_in_role", _("Your role does not include this."))
    if verb.brings == "typed":
        return _approve(request, run)
    form = SentenceForm(request.POST or None) if verb.brings == "sentence" else None
    if request.method != "POST" or (form and not form.is_valid()):
        return _ask(request, run, verb, form)
    _take(request, run, name, sentence=form.cleaned_data["sentence"] if form else "")
    return redirect("run_detail", run.pk)


def _approve(request: HttpRequest, run: Batch) -> HttpResponse:
    if request.method != "POST":
        return redirect("run_detail", run.pk)
    form = ApproveForm(request.POST)
    if form.is_valid():
        try:
            _take(request, run, "approve", typed=form.cleaned_data["typed"])
        except Refused as refused:
            if refused.field != "typed":
                raise
            form.add_error("typed", str(refused))
        else:
            return redirect("run_detail", run.pk)
    return _detail(request, run, form, status=400)


def _take(request: HttpRequest, run: Batch, name: str, **more: Any) -> None:
    with transaction.atomic():
        asking.take(name, run, actor=request.user, **more)
        if name in WAKING:
            wake_after_commit(wake, run.pk)
        if name in asking.ASKED:
            # The page says what is under way.
            wake_after_commit(write_list, run.pk)
            return
    messages.success(request, _("Done: %(what)s.") % {"what": steps.VERBS[name].label})


def _ask(
    request: HttpRequest, run: Batch, verb: steps.Verb, form: SentenceForm | None
) -> HttpResponse:
    says = {
        "thaw": [_("The list opens again. The preparer sees your reason and can freeze it anew.")],
        "pause": [_("What is done stays done. The rest waits until somebody lets it go on.")],
        "cancel": [_("The list is kept for the record and is never executed.")],
        "ask_undo": [
            _("A second person must approve it."),
            _("Exactly what the run changed comes back, except where somebody acted since."),
        ],
        "approve_undo": [_("Access opens again for everybody whom nobody acted upon since.")],
    }
    label: Any = verb.label
    if verb.name == "thaw" and "run.approve" not in actions_of(request):
        label = _("Open the list again")
    context = {
        "heading": label,
        "says": says.get(verb.name, []),
        "form": form,
        "do": label,
        "dont": _("Leave it as it is"),
        "back": reverse("run_detail", args=[run.pk]),
        "is_danger": verb.danger,
    }
    return render(request, "confirm.html", context, status=400 if form and form.errors else 200)


@require_POST
@office_page("run.view")
def run_export_list(request: HttpRequest, pk: int) -> FileResponse:
    """Return the list and the report as a workbook; the export is recorded."""
    run = _run(request, pk)
    counties = run_pages.reach_of(request.user, run)
    items = run_pages.chosen(visible_items(run, request.user), request.POST, counties)
    out = run_export.write_workbook(run, items, actor=request.user)
    name = f"run-{run.pk}-{timezone.localdate():%Y%m%d}.xlsx"
    return FileResponse(out, as_attachment=True, filename=name, content_type=XLSX)


@require_POST
@office_page("run.view")
def run_calls(request: HttpRequest, pk: int) -> FileResponse | HttpResponse:
    """Return the call list of those who opened no warning, to be printed; it is recorded."""
    run = _run(request, pk)
    if run.frozen_at is None:
        raise Refused("not_frozen", _("Freeze the list first; the warnings start from there."))
    counties = run_pages.reach_of(request.user, run)
    asked = request.POST.get("county", "")
    county = next((each for each in counties if str(each.pk) == asked), None)
    if asked and county is None:
        raise Http404
    out = io.BytesIO()
    path = county.path if county else ""
    try:
        run_export.write_calls(run, out, actor=request.user, county_path=path)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("run_detail", run.pk)
    out.seek(0)
    name = f"calls-{run.pk}-{timezone.localdate():%Y%m%d}.pdf"
    return FileResponse(out, as_attachment=True, filename=name, content_type="application/pdf")
