"""What a Temporal service writes down: for the commands of the code, and for what happens around it."""

from __future__ import annotations

from replaykit.explore.service.answers import apply
from replaykit.explore.service.commands import take
from replaykit.explore.service.encoding import Encoder
from replaykit.explore.service.ledger import AdmittedUpdate, Ledger, Pending
from replaykit.explore.service.possible import Possible, possible
from replaykit.explore.service.writers import LocalMarker

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
