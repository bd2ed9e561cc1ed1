"""What the code shows of itself while it is asked: the types of results, patches, handlers that it sets."""

from __future__ import annotations

from dataclasses import dataclass, field

from temporalio.worker import Interceptor

from replaykit.explore.growing.handlers import SetHandlers
from replaykit.explore.growing.patches import AskedPatches
from replaykit.explore.growing.results import ResultTypes

__all__ = ["Heard"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """What one worker's code showed so far."""

    results: ResultTypes = field(default_factory=ResultTypes)
    """What the code expects of what it calls."""
    patches: AskedPatches = field(default_factory=AskedPatches)
    """The patches that it asks about."""
    handlers: SetHandlers = field(default_factory=SetHandlers)
    """The handlers that it sets while it runs."""

    @property
    def interceptors(self) -> tuple[Interceptor, ...]:
        """What listens: to stand last among a worker's interceptors."""
        return self.results, self.patches, self.handlers
