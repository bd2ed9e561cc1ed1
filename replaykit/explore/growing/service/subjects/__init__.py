"""What a service does about each subject, and what the code hears of it: one module each, one row here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from replaykit.explore.growing.service.subjects.activities import ACTIVITIES
from replaykit.explore.growing.service.subjects.children import CHILDREN
from replaykit.explore.growing.service.subjects.local_activities import LOCAL_ACTIVITIES
from replaykit.explore.growing.service.subjects.messages import MESSAGES
from replaykit.explore.growing.service.subjects.nexus import NEXUS
from replaykit.explore.growing.service.subjects.outside import OUTSIDE
from replaykit.explore.growing.service.subjects.patches import PATCHES
from replaykit.explore.growing.service.subjects.rules import SubjectRules
from replaykit.explore.growing.service.subjects.run_end import RUN_END
from replaykit.explore.growing.service.subjects.search_attributes import SEARCH_ATTRIBUTES
from replaykit.explore.growing.service.subjects.timers import TIMERS
from replaykit.explore.growing.service.subjects.updates import UPDATES
from replaykit.explore.growing.service.subjects.workflow_task import WORKFLOW_TASK

__all__ = ["COMMANDS", "FOLLOWS", "JOBS", "OPEN", "OUTSIDE_STEPS", "RECORDED", "SILENT", "SUBJECTS"]

_Key = TypeVar("_Key")
_Rule = TypeVar("_Rule")

SUBJECTS = (
    ACTIVITIES,
    LOCAL_ACTIVITIES,
    TIMERS,
    CHILDREN,
    MESSAGES,
    NEXUS,
    UPDATES,
    PATCHES,
    SEARCH_ATTRIBUTES,
    OUTSIDE,
    WORKFLOW_TASK,
    RUN_END,
)


def _merged(rules: Callable[[SubjectRules], Mapping[_Key, _Rule]]) -> dict[_Key, _Rule]:
    return {key: rule for subject in SUBJECTS for key, rule in rules(subject).items()}


COMMANDS = _merged(lambda subject: subject.commands)
"""By kind of command, what becomes of it."""
OPEN = _merged(lambda subject: subject.open)
"""By what a step calls it, what can come of what the code started."""
OUTSIDE_STEPS = _merged(lambda subject: subject.outside)
"""By kind of step, what comes of what the code has not asked for."""
FOLLOWS = _merged(lambda subject: subject.follows)
"""By event type, what a recorded event changes of what it points to."""
RECORDED = _merged(lambda subject: subject.recorded)
"""By event type, what a recorded event changes in the run."""
JOBS = _merged(lambda subject: subject.jobs)
"""By event type, the one job that Core makes of it."""
SILENT = frozenset(name for subject in SUBJECTS for name in subject.silent)
"""Event types of which the code hears nothing."""
