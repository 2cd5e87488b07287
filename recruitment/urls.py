"""The paths of recruitment, gathered from its rooms."""

from importlib import import_module
from importlib.util import find_spec

ROOMS = (
    "recruitment.board_urls",
    "recruitment.census_urls",
    "recruitment.roster_urls",
    "recruitment.staff_urls",
    "recruitment.review_urls",
    "recruitment.run_urls",
    "recruitment.phone_urls",
)

urlpatterns = [
    each for room in ROOMS if find_spec(room) for each in import_module(room).urlpatterns
]
