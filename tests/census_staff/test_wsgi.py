"""The web server's process: what it does once, so that nobody waits for it later."""

import os
import subprocess
import sys

from tests.processes import CHECKOUT

ASKED = """
import gc, sys
from census_staff.wsgi import application
print(gc.get_freeze_count() > 100_000, sys.getswitchinterval() < 0.001)
"""


def test_what_is_loaded_once_is_not_searched_again_and_threads_take_short_turns(
    transactional_db: None,
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", ASKED], cwd=CHECKOUT, env=os.environ, capture_output=True, text=True
    )
    assert told.stdout.split() == ["True", "True"], told.stderr[-2000:]
