"""Cards at each stage, made the way offices make them."""

from django.utils import timezone

from census_staff.accounts.roles import Role
from census_staff.batches.runner import run
from census_staff.batches.services import start
from credentials import batches, holding, issue, reissue
from credentials.models import Card
from recruitment.models import Staff
from tests.standing import World


def numbered(world: World, staff: Staff | None = None, **more: object) -> Card:
    """Return a numbered card."""
    return issue.number_one(staff or world.ready(**more), actor=world.user(Role.CARD_ISSUER))


def print_it(world: World, card: Card) -> Card:
    """Print a card as a batch of one and return it."""
    actor = world.user(Role.CARD_ISSUER)
    batch = batches.prepare_print(
        Card.objects.filter(pk=card.pk),
        actor=actor,
        census=world.census,
        office=world.county,
        size="badge",
    )
    start(batch, actor=actor)
    run(batch.pk)
    card.refresh_from_db()
    return card


def printed(world: World, staff: Staff | None = None, **more: object) -> Card:
    """Return a printed card."""
    return print_it(world, numbered(world, staff, **more))


def carried(world: World, staff: Staff | None = None, **more: object) -> Card:
    """Return a card in its holder's hands, the holder on duty."""
    card = printed(world, staff, **more)
    holding.hand_over_one(card, actor=world.user(Role.CARD_ISSUER))
    return card


def reissued(world: World, card: Card) -> Card:
    """Return the next edition of a card that was lost, in its holder's hands."""
    issuer = world.user(Role.CARD_ISSUER)
    holding.record(card, "lost", actor=world.user(Role.TOWNSHIP_CLERK))
    wish = reissue.apply(card, actor=world.user(Role.TOWNSHIP_CLERK), sentence="test")
    reissue.approve(wish, actor=issuer, at=timezone.now())
    new = print_it(world, Card.objects.get(number=card.number_id, edition=card.edition + 1))
    holding.hand_over_one(new, actor=issuer)
    return new
