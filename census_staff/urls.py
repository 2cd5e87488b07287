"""The address book of the house; each app brings its own page."""

from importlib.util import find_spec

from csp.decorators import csp_update
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

ROOMS = (
    "census_staff.accounts.urls",
    "census_staff.audit.urls",
    "census_staff.batches.urls",
    "census_staff.correspondence.urls",
    "training.urls",
    "exams.urls",
    "recruitment.urls",
    "credentials.urls",
)

handler500 = "census_staff.accounts.faults.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(room)) for room in ROOMS if find_spec(room)
]
# The page of the API draws itself with styles of its own; no script stands in it.
_drawn = csp_update({"style-src": ["'unsafe-inline'"]})
urlpatterns += [
    path("api/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path(
        "api/",
        _drawn(SpectacularSwaggerSplitView.as_view(url_name="api_schema")),
        name="api_docs",
    ),
]
