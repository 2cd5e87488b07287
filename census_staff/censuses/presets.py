"""The two censuses that ship: what their sources state, and where each statement stands.

Whatever no source states is the office's own setting (本机构设定) and is shown as such.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .models import Census, Phase

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOTICE = "六经普办〔2023〕20号"
CHECKED_ON = date(2026, 11, 21)


@dataclass(frozen=True)
class Preset:
    """A census as its sources describe it."""

    code: str
    kind: str
    name: str
    short_name: str
    fieldwork: tuple[date, date]
    phases: tuple[tuple[str, str, date, date], ...]
    legal_basis: str
    run_year: int
    sources: dict[str, str] = field(default_factory=dict)


AGRICULTURE = Preset(
    code="04",
    kind="agriculture",
    name="第四次全国农业普查",
    short_name="四农普",
    fieldwork=(date(2026, 12, 1), date(2027, 5, 31)),
    phases=(
        ("preparation", "准备阶段", date(2025, 7, 1), date(2026, 12, 31)),
        ("fieldwork", "现场登记", date(2027, 1, 1), date(2027, 5, 31)),
        ("processing", "数据处理", date(2027, 6, 1), date(2027, 12, 31)),
    ),
    legal_basis="《中华人民共和国统计法》及其实施条例、《全国农业普查条例》",
    run_year=2026,
    sources={
        "phases": "国务院关于开展第四次全国农业普查的通知",
        "legal_basis": "《中华人民共和国统计法》（2024年修正）、《全国农业普查条例》",
    },
)
ECONOMIC = Preset(
    code="05",
    kind="economic",
    name="第五次全国经济普查",
    short_name="五经普",
    fieldwork=(date(2024, 1, 1), date(2024, 4, 30)),
    phases=(
        ("preparation", "准备与清查", date(2022, 11, 1), date(2023, 12, 31)),
        ("fieldwork", "现场登记", date(2024, 1, 1), date(2024, 4, 30)),
        ("processing", "数据处理", date(2024, 5, 1), date(2024, 12, 31)),
    ),
    legal_basis="《中华人民共和国统计法》及其实施条例、《全国经济普查条例》、《安徽省经济普查证件管理制度》",
    run_year=2023,
    sources={
        "deadline_at": f"{NOTICE} 第四部分",
        "execute_at": f"{NOTICE} 第四部分",
        "card_standards": f"{NOTICE} 第二部分第二条",
        "legal_basis": f"{NOTICE} 附件",
        "phases": "国务院关于开展第五次全国经济普查的通知",
    },
)
PRESETS = {"agriculture": AGRICULTURE, "economic": ECONOMIC}


def december_21(year: int, hour: int) -> datetime:
    """Return an hour of 21 December on the clock of Shanghai."""
    return datetime.combine(date(year, 12, 21), time(hour), SHANGHAI)


def open_census(preset: Preset, **settings: Any) -> Census:
    """Return the census of a preset, made once; `settings` are the office's own choices."""
    values: dict[str, Any] = {
        "kind": preset.kind,
        "name": preset.name,
        "short_name": preset.short_name,
        # 12月20日24时 is the first instant of the 21st; the run follows that evening.
        "deadline_at": december_21(preset.run_year, 0),
        "execute_at": december_21(preset.run_year, 18),
        "fieldwork_from": preset.fieldwork[0],
        "fieldwork_until": preset.fieldwork[1],
        "card_standards": ["trained", "passed", "pledged"],
        "legal_basis": preset.legal_basis,
        "legal_checked_on": CHECKED_ON,
        "sources": preset.sources,
    }
    census, is_new = Census.objects.get_or_create(code=preset.code, defaults=values | settings)
    if is_new:
        Phase.objects.bulk_create(
            Phase(census=census, code=code, name=name, starts_on=first, ends_on=last)
            for code, name, first, last in preset.phases
        )
    return census


def shifted(preset: Preset, *, deadline_in: timedelta, now: datetime) -> dict[str, datetime]:
    """Return times for a demonstration: a deadline so far from now at midnight, execution a day on."""
    day = (now + deadline_in).astimezone(SHANGHAI).date() + timedelta(days=1)
    midnight = datetime.combine(day, time(0), SHANGHAI)
    return {"deadline_at": midnight, "execute_at": midnight + timedelta(days=1)}
