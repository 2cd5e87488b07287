"""The WSGI application that the web server runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "census_staff.settings")

application = get_wsgi_application()

from census_staff.readiness.start import refuse_unready  # noqa: E402 (the apps are known now)

refuse_unready()
