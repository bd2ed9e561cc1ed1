"""What a Temporal service writes down: for the commands of the code, and for what happens around it."""

from __future__ import annotations

from replaykit.explore.growing.service.commands import fail_task, refused_in, take
from replaykit.explore.growing.service.encoding import Encoder
from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.steps import apply, possible
from replaykit.explore.growing.service.subjects.local_activities import LocalMarker, LocalOutcome
from replaykit.explore.growing.service.subjects.outside import BY_OPERATORS
from replaykit.explore.growing.service.subjects.rules import Possible

__all__ = [
    "BY_OPERATORS",
    "Encoder",
    "Ledger",
    "LocalMarker",
    "LocalOutcome",
    "Possible",
    "apply",
    "fail_task",
    "possible",
    "refused_in",
    "take",
]
