"""What floors above add to a person's page, called by name (settings.PERSON_PANELS).

A panel is `panel(staff, *, user)` and returns None or a mapping with any of
  axis     {name, word, tone, icon, notes} of the third axis
  gate     a short note under the card's gate
  offers   [{name, label, url, refusal, tone}]
  events   [{at, title, say, who}]
  template, context   a part of the page's right column
"""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from .models import Staff


def panels_for(staff: Staff, *, user: Any) -> list[Mapping[str, Any]]:
    """Return what each installed panel has to say about the record."""
    found = []
    for name in getattr(settings, "PERSON_PANELS", ()):
        if find_spec(name.rpartition(".")[0]):
            said = import_string(name)(staff, user=user)
            if said:
                found.append(said)
    return found
