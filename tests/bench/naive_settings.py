"""The product's settings with the naive peers' routes beside its own."""

from census_staff.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.naive_urls"
place = MIDDLEWARE.index("exams.short_way.SaveMiddleware") + 1  # noqa: F405
MIDDLEWARE.insert(place, "tests.bench.naive_views.IdleMiddleware")  # noqa: F405
LOGGING = {"version": 1, "disable_existing_loggers": True}
# The names of static files are not what is measured, and collecting them takes its time.
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # noqa: F405
