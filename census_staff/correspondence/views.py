"""Notices of office users: what happened, and where to go; read when they say so."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from census_staff.lib.paging import page_of

from .words import said


def _own(request: HttpRequest) -> Any:
    user: Any = request.user
    return user.notices.exclude(sent_at=None)


@require_GET
@never_cache
def notice_list(request: HttpRequest) -> HttpResponse:
    """Show what was said to the user, newest first."""
    rows = _own(request).select_related("census", "office")
    if request.GET.get("unread") == "1":
        rows = rows.unread()
    page = page_of(
        rows, ["-pk"], before=request.GET.get("before", ""), after=request.GET.get("after", "")
    )
    notices = [(notice, said(notice)) for notice in page.rows]
    return render(request, "correspondence/notice_list.html", {"notices": notices, "pager": page})


@require_POST
def notice_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that the user has read a notice."""
    notice = get_object_or_404(_own(request), pk=pk)
    _own(request).filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())
    return redirect("notice_list")


@require_POST
def notice_read_all(request: HttpRequest) -> HttpResponse:
    """Note that the user has read everything."""
    _own(request).filter(read_at=None).update(read_at=timezone.now())
    return redirect("notice_list")
