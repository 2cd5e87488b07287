"""Many tries at the same moment count as many."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from census_staff.accounts.models import SignInFailure
from census_staff.accounts.services import throttle
from census_staff.lib.errors import Refused


def one_try(_number: int) -> str:
    try:
        throttle.begin("account:1", network="10.0.0.0/24")
        return "let through"
    except Refused as refused:
        return refused.code
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_no_more_than_five_of_twenty_simultaneous_tries_are_let_through():
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(one_try, range(20)))
    assert sorted(outcomes) == ["let through"] * 5 + ["locked_out"] * 15
    assert SignInFailure.objects.count() == 5
