"""A midnight ends the day before it, and is called by that day."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from census_staff.lib import wording

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 12, 22, 0, 0, tzinfo=SHANGHAI), "12月21日"),
        (datetime(2026, 12, 22, 18, 0, tzinfo=SHANGHAI), "12月22日"),
    ],
)
def test_a_time_is_called_by_the_day_it_ends(at: datetime, said: str) -> None:
    with override("zh-hans"):
        assert wording.last_day(at, today=date(2026, 11, 22)) == said
