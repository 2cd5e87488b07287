"""The readiness board."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise

from census_staff.accounts.web import actions_of, office_page, present_census
from census_staff.lib.gates import GATES
from census_staff.lib.wording import grouped
from census_staff.places.models import Office
from census_staff.places.services import is_wide
from recruitment.board import Line, board, offices_in_reach, todos
from recruitment.summary import Shown, shown

# The funnel's drawing: first bar, distance, width, ground line, height.
LEFT, STEP, WIDE, GROUND, HIGH = 3, 102, 58, 272, 238


@dataclass(frozen=True)
class Bar:
    """A bar of the funnel and the slope to the next one."""

    x: str
    y: str
    height: str
    middle: str
    label: str | Promise
    count: str
    count_y: str
    is_tall: bool
    percent: str
    slope: str
    loss: str
    loss_x: str
    is_gap: bool


def _top(request: HttpRequest) -> tuple[Office, list[Office]]:
    """Return the office whose board is asked for, and the way down to it."""
    tops = offices_in_reach(request.user)
    asked = request.GET.get("office", "")
    if not tops:
        raise Http404
    if not asked.isdecimal():
        return tops[0], [tops[0]]
    office = Office.objects.filter(pk=int(asked)).first()
    above = [top for top in tops if office and office.path.startswith(top.path)]
    if office is None or not above:
        raise Http404
    codes = office.path.split(".")[:-1]
    paths = {".".join(codes[:depth]) + "." for depth in range(1, len(codes) + 1)}
    way = Office.objects.filter(path__in=paths, path__startswith=above[0].path)
    return office, list(way.order_by("level", "path"))


@office_page("board.view")
def show(request: HttpRequest) -> HttpResponse:
    """Show how many are through each gate, office by office, and what waits."""
    census = present_census(request)
    top, way = _top(request)
    at = timezone.now()
    if is_wide(top):
        board_shown = shown(request.user, census, top, at)
    else:
        board_shown = Shown(*board(request.user, census, top, at), at)
    lines, whole = board_shown.lines, board_shown.whole
    lines.sort(key=lambda line: line.counts["passed"] / line.entered if line.entered else 2)
    context: dict[str, Any] = {
        "top": top,
        "way": way,
        "lines": [_row(line) for line in lines],
        "whole": _row(whole),
        "bars": _bars(whole),
        "gates": GATES,
        "todos": todos(whole, actions_of(request)),
        "quality": whole.counts,
        "shown": board_shown,
    }
    return render(request, "recruitment/board.html", context)


def _row(line: Line) -> dict[str, Any]:
    worst = line.worst()
    cells = [
        {
            "code": gate.code,
            "count": line.counts[gate.code],
            "of": line.entered,
            "is_low": line.counts[gate.code] < 0.7 * line.entered,
        }
        for gate in GATES
    ]
    labels = {gate.code: gate.label for gate in GATES}
    gap = worst[1] if worst else 0
    return {
        "line": line,
        "office": line.office,
        "cells": cells,
        "worst": (labels[worst[0]], worst[1]) if worst else None,
        "is_wide": gap > 0.1 * line.entered,
    }


def _bars(whole: Line) -> list[Bar]:
    most = max(whole.entered, 1)
    tops = [GROUND - HIGH * whole.counts[gate.code] / most for gate in GATES]
    losses = [whole.counts[a.code] - whole.counts[b.code] for a, b in pairwise(GATES)]
    worst = max([*losses, 0])
    bars = []
    for i, gate in enumerate(GATES):
        x, y, count = LEFT + STEP * i, tops[i], whole.counts[gate.code]
        loss = losses[i] if i < len(losses) else 0
        slope = (
            f"M{x + WIDE} {y:.1f}L{x + STEP} {tops[i + 1]:.1f}V{GROUND}H{x + WIDE}z"
            if i < len(losses)
            else ""
        )
        tall = GROUND - y > 30
        bars.append(
            Bar(
                x=str(x),
                y=f"{y:.1f}",
                height=f"{GROUND - y:.1f}",
                middle=f"{x + WIDE / 2:.1f}",
                label=gate.label,
                count=grouped(count),
                count_y=f"{y + 22 if tall else y - 6:.1f}",
                is_tall=tall,
                percent=f"{100 * count / most:.1f}%",
                slope=slope,
                loss=f"−{grouped(loss)}" if loss > 0 else "",
                loss_x=str(x + 80),
                is_gap=loss > 0 and loss == worst,
            )
        )
    return bars
