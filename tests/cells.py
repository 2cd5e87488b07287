"""What the role table says of every cell of the walk: a route, a method, a post, an object."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from census_staff.accounts.models import User
from census_staff.accounts.roles import ROLES, Role
from tests.estate import Estate
from tests.standing import World

# The action that opens a route of the API; a page says its own (`office_page`).
API = {
    "api/cards/": "card.view",
    "api/cards/<int:pk>/": "card.view",
    "api/cards/<int:pk>/steps/<slug:name>/": "card.view",
    "api/cards/number/": "card.issue",
    "api/rosters/": "roster.import",
    "api/rosters/<int:pk>/": "roster.import",
    "api/rosters/<int:pk>/commit/": "roster.import",
    "api/rosters/<int:pk>/rows/": "roster.import",
    "api/runs/": "run.view",
    "api/runs/<int:pk>/": "run.view",
    "api/runs/<int:pk>/items/": "run.view",
    "api/runs/<int:pk>/steps/<slug:name>/": "run.view",
    "api/staff/": "staff.view",
    "api/staff/<int:pk>/": "staff.view",
    "api/staff/<int:pk>/steps/<str:axis>/<str:name>/": "staff.view",
}
# Where seeing is not enough: what the deed that the walk asks for needs besides.
DEEDS = {
    ("api/cards/<int:pk>/steps/<slug:name>/", "post"): "card.report",
    ("api/runs/", "post"): "run.prepare",
    ("api/runs/<int:pk>/steps/<slug:name>/", "post"): "run.prepare",
    ("api/staff/<int:pk>/steps/<str:axis>/<str:name>/", "post"): "access.switch",
    ("batches/<int:pk>/<slug:deed>/", "post"): "staff.review",
    ("cards/<int:pk>/steps/<slug:name>/", "get"): "card.report",
    ("cards/<int:pk>/steps/<slug:name>/", "post"): "card.report",
    ("census/", "post"): "census.change",
    ("census/times/<int:pk>/<slug:deed>/", "post"): "census.approve",
    ("exams/<int:pk>/", "post"): "exam.manage",
    ("runs/<int:pk>/steps/<slug:name>/", "get"): "run.prepare",
    ("runs/<int:pk>/steps/<slug:name>/", "post"): "run.prepare",
    ("staff/<int:pk>/steps/<str:axis>/<str:name>/", "get"): "access.switch",
    ("staff/<int:pk>/steps/<str:axis>/<str:name>/", "post"): "access.switch",
}
# What is posted, where an empty form would not come as far as the question who may.
BODIES: dict[str, dict[str, Any]] = {
    "api/staff/<int:pk>/steps/<str:axis>/<str:name>/": {"reason": "other", "sentence": "x"},
    "review/<int:pk>/decide/": {"decision": "appoint"},
}
# Objects of a county's office; the others are its township's.
OF_THE_COUNTY = {"course", "exam", "posting", "user", "batch:activate", "batch:disable",
                 "batch:number", "batch:print", "batch:review"}  # fmt: skip
# Objects of one person, out of everybody else's reach whatever their role.
OF_ONE = {"notice", "token"}
# The object is there, but has no such part: 404 for everybody who reaches it.
WITHOUT_PART = {
    "courses/<int:pk>/units/<int:unit_pk>/pages/<int:number>/": "a unit without a document",
    "cards/batches/<int:pk>/files/<int:part>/": "a batch that was not printed",
    "cards/<int:pk>/lift/": "a card that was not confiscated",
    "roster/<int:pk>/errors/": "a roster that was not read",
    "roster/sample/<str:kind>.xlsx": "only a demonstration keeps sample rosters",
}

# What only the city sets, though the action is held below as well: in reach of nobody else.
OF_THE_CITY = {"users/second/"}
# The description of the API answers in its own form, which has no place for a code.
WITHOUT_CODE = {"api/", "api/schema/"}


class Post(NamedTuple):
    """Somebody at a post: a role at one of its levels."""

    role: str
    user: User
    path: str

    def may(self, action: str) -> bool:
        """Return whether the role table gives the action."""
        return action in ROLES[self.role].actions


class Said(NamedTuple):
    """What was answered: the status and the code for programs."""

    status: int
    code: str


def posts(world: World) -> Iterator[Post]:
    """Return a holder of every role at every level at which it is held."""
    for role in Role:
        for office in (world.township, world.county, world.city):
            if office.level in ROLES[role].levels:
                yield Post(role, world.user(role, office), office.path)


def is_reached(post: Post, key: str, estate: Estate) -> bool:
    """Return whether the object lies at the post's office or below it."""
    if key in OF_ONE:
        return post.user.pk == estate.keys["user"]
    if key == "times":
        # A census is no office's: whoever may see it sees all of it.
        return True
    home = estate.county if key in OF_THE_COUNTY else estate.township
    return home.path.startswith(post.path)


def expected(post: Post, route: str, method: str, action: str | None, reached: bool) -> str:
    """Return what the cell must be: no_role, away, no_deed or open."""
    if action and not post.may(action):
        return "no_role"
    if not reached:
        return "away"
    deed = DEEDS.get((route, method))
    return "no_deed" if deed and not post.may(deed) else "open"


def is_right(want: str, said: Said, route: str) -> bool:
    """Return whether the answer is the one that the cell must give."""
    if want == "no_role":
        return said == Said(403, "not_in_role")
    if want == "away":
        return said.status == 404 and (said.code == "not_found" or not route.startswith("api/"))
    if want == "no_deed":
        return said.status == 403 and said.code in ("not_in_role", "not_allowed")
    if route in WITHOUT_PART and said.status == 404:
        return True
    return said.status not in (401, 403, 404) and said.status < 500


def code_of(text: bytes) -> str:
    """Return the code for programs, from JSON or from the page of a refusal."""
    found = re.search(rb'"code":\s*"(\w+)"|data-code="(\w+)"', text[:20_000])
    return (found[1] or found[2]).decode() if found else ""
