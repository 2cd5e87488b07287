"""Uploading a roster: take in, look through, write, and hand back what is wrong."""

import io
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from census_staff.accounts.web import office_page, present_census, reachable
from census_staff.audit.services import record
from census_staff.batches.models import Batch
from census_staff.batches.runner import totals
from census_staff.batches.states import ItemState
from census_staff.batches.tasks import wake
from census_staff.batches.words import reason_word
from census_staff.lib.errors import Refused
from census_staff.lib.paging import page_of
from census_staff.lib.waking import wake_after_commit

from .. import files, photo_import, roster, roster_preview, samples
from ..desks import desk
from ..models import RosterFile, RosterRow
from ..roster_columns import template_workbook
from ..roster_commit import confirm
from ..roster_forms import CommitForm, PhotosForm, RosterForm, upload_of
from ..roster_tasks import read_uploads
from ..roster_words import title

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAY = "roster.import"
MOVING = ("approved", "running")


@require_GET
@office_page(MAY)
def roster_home(request: HttpRequest) -> HttpResponse:
    """Show the way to upload, and what was uploaded before."""
    return _home(request, RosterForm(), PhotosForm())


def _home(
    request: HttpRequest, form: RosterForm, photos: PhotosForm, status: int = 200
) -> HttpResponse:
    rows = (
        RosterFile.objects.allowed(request.user, MAY)
        .filter(census=present_census(request))
        .select_related("office", "made_by", "batch")
    )
    page = page_of(
        rows, ["-pk"], before=request.GET.get("before", ""), after=request.GET.get("after", "")
    )
    lines = [{"file": file, "stage": stage_of(file)} for file in page.rows]
    context = {"form": form, "photos": photos, "lines": lines, "pager": page}
    context["samples"] = samples.offered()
    return render(request, "recruitment/roster/home.html", context, status=status)


def stage_of(file: RosterFile) -> tuple[str, str, str]:
    """Return how far an upload is: words, tone and icon."""
    if file.reading == RosterFile.Reading.WAITING:
        return _("Being read"), "go", "going"
    if file.reading == RosterFile.Reading.UNREADABLE:
        return _("Refused"), "bad", "bad"
    if file.kind == RosterFile.Kind.PHOTOS:
        return _("Taken in"), "ok", "ok"
    if file.batch is not None:
        done = file.batch.state == "done"
        word = _("Written") if done else file.batch.get_state_display()
        return word, "ok" if done else "go", "ok" if done else "going"
    return (_("To be checked"), "warn", "eye") if file.stored else (_("Discarded"), "off", "minus")


@require_POST
@office_page(MAY)
def roster_upload(request: HttpRequest) -> HttpResponse:
    """Take in a workbook; a small one is read at once."""
    form = RosterForm(request.POST, request.FILES)
    if not form.is_valid():
        return _home(request, form, PhotosForm(), status=422)
    return _taken(request, form, "file", roster)


@require_POST
@office_page("staff.photo")
def photo_zip(request: HttpRequest) -> HttpResponse:
    """Take in a zip of portraits; a small one is read at once."""
    form = PhotosForm(request.POST, request.FILES)
    if not form.is_valid():
        return _home(request, RosterForm(), form, status=422)
    return _taken(request, form, "photos", photo_import)


def _taken(request: HttpRequest, form: Any, name: str, room: Any) -> HttpResponse:
    census, upload = present_census(request), upload_of(form, name)
    try:
        file: RosterFile = room.take_in(
            upload.chunks(),
            name=upload.name or "",
            census=census,
            office=desk(request.user, MAY, census.pk),
            actor=request.user,
        )
    except Refused as refused:
        form.add_error(name, str(refused))
        if name == "file":
            return _home(request, form, PhotosForm(), status=422)
        return _home(request, RosterForm(), form, status=422)
    if file.size <= room.AT_ONCE_BYTES:
        room.read(file.pk)
    else:
        wake_after_commit(read_uploads)
    return redirect("roster_file", file.pk)


def _file(request: HttpRequest, pk: int) -> RosterFile:
    rows = RosterFile.objects.select_related("office", "census", "made_by", "batch")
    file: RosterFile = reachable(rows, request, MAY, pk=pk)
    return file


@require_GET
@office_page(MAY)
def roster_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an upload: being read, refused, to be checked, being written, or written."""
    file = _file(request, pk)
    counts = file.counts
    context: dict[str, Any] = {"file": file, "counts": counts, "stage": stage_of(file)}
    if file.reading != RosterFile.Reading.READ:
        context["refusal"] = counts.get("en") if get_language() == "en" else file.refusal
        return render(request, "recruitment/roster/waiting.html", context | _steps(file))
    if file.kind == RosterFile.Kind.PHOTOS:
        rows = RosterRow.objects.filter(file=file, outcome="error")
        page = page_of(
            rows,
            ["number"],
            before=request.GET.get("before", ""),
            after=request.GET.get("after", ""),
        )
        context |= {"pager": page, "lines": roster_preview.photo_lines(page.rows)}
        return render(request, "recruitment/roster/photos.html", context)
    return render(request, "recruitment/roster/file.html", context | _preview(request, file))


def _preview(request: HttpRequest, file: RosterFile) -> dict[str, Any]:
    counts, asked = file.counts, request.GET
    kind = asked.get("kind", "look" if counts.get("look") else "all")
    column = asked.get("column", "")
    columns = [(key, title(key)) for key in counts.get("columns", {})]
    column = column if column in counts.get("columns", {}) else ""
    page = roster_preview.page(
        roster_preview.chosen(file, kind, column),
        text=asked.get("q", ""),
        before=asked.get("before", ""),
        after=asked.get("after", ""),
        total=None if column else counts.get("rows" if kind == "all" else kind),
    )
    good = counts["create"] + counts["update"]
    return {
        "kind": kind,
        "column": column,
        "columns": columns,
        "asked": asked,
        "pager": page,
        "lines": roster_preview.lines_of(page.rows, edition=file.census.region_edition),
        "good": good,
        "marked": counts.get("marked", {}),
        **_steps(file),
        **_progress(file),
    }


def _steps(file: RosterFile) -> dict[str, Any]:
    """Return the four steps of an import with the present one marked."""
    is_read = file.reading == RosterFile.Reading.READ
    is_done = file.batch is not None and file.batch.state == "done"
    here = 4 if file.batch_id else 3 if is_read else 2
    names = (_("Upload"), _("Check"), _("Look through"), _("Write"))
    return {
        "steps": [
            {
                "name": name,
                "state": "done" if number < here or is_done else "now" if number == here else "",
            }
            for number, name in enumerate(names, 1)
        ]
    }


def _progress(file: RosterFile) -> dict[str, Any]:
    batch = file.batch
    if batch is None:
        return {"batch": None}
    found = totals(batch)
    total = sum(found.values())
    return {
        "batch": batch,
        "total": total,
        "done": total - found.get(ItemState.PENDING, 0),
        "is_moving": batch.state in MOVING,
        "stopped": reason_word(batch.stop_code) if batch.stop_code else "",
        "refused": found.get(ItemState.REFUSED, 0),
    }


@require_GET
@office_page(MAY)
def roster_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the part of the page that moves; at the end the page is asked for anew."""
    file = _file(request, pk)
    context = {"file": file, "counts": file.counts, **_progress(file)}
    response = render(request, "recruitment/roster/progress.html", context)
    is_waiting = file.reading == RosterFile.Reading.WAITING
    if not is_waiting and not context.get("is_moving"):
        response["HX-Refresh"] = "true"
    return response


@require_POST
@office_page(MAY)
def roster_commit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the good rows, or all of them or none."""
    file, form = _file(request, pk), CommitForm(request.POST)
    only_whole = not form.is_valid() or form.cleaned_data["mode"] == "whole"
    with transaction.atomic():
        try:
            batch = confirm(file, actor=request.user, only_whole=only_whole)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("roster_file", file.pk)
        wake_after_commit(wake, batch.pk)
    messages.success(request, _("The rows are being written. You may close this page."))
    return redirect("roster_file", file.pk)


@require_POST
@office_page(MAY)
def roster_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete an upload that was not written."""
    roster.discard(_file(request, pk))
    messages.success(request, _("The upload was deleted. Nothing had been written."))
    return redirect("roster_home")


@require_POST
@office_page(MAY)
def roster_errors(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the user's own workbook with the errors marked; the worker makes large ones."""
    file = _file(request, pk)
    if file.reading != RosterFile.Reading.READ or not file.stored or file.kind != "roster":
        raise Http404
    stored = file.counts.get("marked", {}).get("stored")
    if stored:
        content = b"".join(files.contents(stored))
    elif file.size <= roster.MARKED_AT_ONCE:
        content = roster.marked_workbook(file)
    else:
        roster.want_marked(file)
        wake_after_commit(read_uploads)
        messages.info(request, _("The marked workbook is being made. It will be offered here."))
        return redirect("roster_file", file.pk)
    record(
        "roster_errors_downloaded",
        actor=request.user,
        subject="recruitment_rosterfile",
        subject_id=file.pk,
        office_id=file.office_id,
        census_id=file.census_id,
    )
    return _workbook(content, f"错误-{file.name}")


@require_GET
@office_page(MAY)
def roster_sample(request: HttpRequest, kind: str) -> HttpResponse:
    """Give a sample roster of the demonstration."""
    workbook = samples.content(kind)
    if workbook is None:
        raise Http404
    return _workbook(workbook, "演示名册-无误.xlsx" if kind == "clean" else "演示名册-有错误.xlsx")


@require_GET
@office_page(MAY)
def roster_template(request: HttpRequest) -> HttpResponse:
    """Give the empty template."""
    return _workbook(template_workbook(), "两员名册模板.xlsx")


def _workbook(content: bytes, name: str) -> HttpResponse:
    response = FileResponse(
        io.BytesIO(content), as_attachment=True, filename=name, content_type=XLSX
    )
    response["Cache-Control"] = "no-store"
    return response  # type: ignore[return-value]


@require_GET
@office_page("batch.view")
def roster_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead from a batch to the roster it writes."""
    batch: Batch = reachable(Batch.objects.all(), request, "batch.view", pk=pk)
    file = RosterFile.objects.filter(batch=batch).first()
    may_see = (
        file is not None
        and RosterFile.objects.filter(pk=file.pk).allowed(request.user, MAY).exists()
    )
    return redirect("roster_file", file.pk) if may_see and file else redirect("batch_detail", pk)
