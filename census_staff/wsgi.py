"""The WSGI application that the web server runs."""

import gc
import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "census_staff.settings")

application = get_wsgi_application()

# The apps are known now.
from census_staff.accounts.hashers import hashing  # noqa: E402
from census_staff.readiness.start import refuse_unready  # noqa: E402

refuse_unready()
hashing.begin()

# Seconds that a thread may keep the interpreter while others wait: with the usual 5 ms a save, which
# takes two, waits for pages that are being drawn.
sys.setswitchinterval(0.0005)
# What is loaded now stays: looking through it for cycles stops all threads for a tenth of a second.
gc.collect()
gc.freeze()
