"""The address book of the house; each app brings its own page."""

from importlib.util import find_spec

from django.urls import include, path

ROOMS = (
    "census_staff.accounts.urls",
    "census_staff.censuses.urls",
    "census_staff.places.urls",
    "census_staff.audit.urls",
    "census_staff.batches.urls",
    "census_staff.correspondence.urls",
    "training.urls",
    "exams.urls",
    "recruitment.urls",
    "credentials.urls",
)

urlpatterns = [path("", include(room)) for room in ROOMS if find_spec(room)]
