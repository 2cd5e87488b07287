"""Whoever leaves with a card is asked for it, once."""

from census_staff.accounts.roles import Role
from census_staff.correspondence.models import Notice
from credentials.telling import tell_recalls
from recruitment.services import leave
from tests.estate import build
from tests.standing import World


def test_whoever_left_is_asked_once_for_the_card(world: World) -> None:
    home = build(world, world.county, world.township, "张三")
    assert tell_recalls() == 0

    leave(home.staff, actor=world.user(Role.COORDINATOR), reason="other")

    assert (tell_recalls(), tell_recalls()) == (1, 0)
    notice = Notice.objects.get(kind="card_recall")
    assert notice.person == home.staff.person
