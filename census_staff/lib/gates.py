"""The seven gates: same order, same words, same icons on every screen."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy


class Gate(NamedTuple):
    code: str
    icon: str
    label: Promise


GATES = (
    Gate("entered", "enter", pgettext_lazy("gate", "Entry")),
    Gate("reviewed", "review", pgettext_lazy("gate", "Review")),
    Gate("trained", "train", pgettext_lazy("gate", "Training")),
    Gate("passed", "exam", pgettext_lazy("gate", "Exam")),
    Gate("pledged", "pledge", pgettext_lazy("gate", "Pledge")),
    Gate("carded", "card", pgettext_lazy("gate", "Card")),
    Gate("on_duty", "duty", pgettext_lazy("gate", "On duty")),
)
