"""What a Temporal service writes down: for the commands of the code, and for what happens around it."""

from __future__ import annotations

from replaykit.explore.growing.service.answers import apply
from replaykit.explore.growing.service.commands import take
from replaykit.explore.growing.service.encoding import Encoder
from replaykit.explore.growing.service.ledger import AdmittedUpdate, Ledger, Pending
from replaykit.explore.growing.service.possible import Possible, possible
from replaykit.explore.growing.service.writers import LocalMarker

__all__ = [
    "AdmittedUpdate",
    "Encoder",
    "Ledger",
    "LocalMarker",
    "Pending",
    "Possible",
    "apply",
    "possible",
    "take",
]
