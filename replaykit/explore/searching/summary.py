"""What a search came to, as plain data that can leave its process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from replaykit.code.user_code import relative_to
from replaykit.explore.growing.engine import NO_ANSWER
from replaykit.explore.growing.grow import Grown
from replaykit.explore.searching.search import Exploration
from replaykit.explore.values.learned import Learned
from replaykit.explore.values.unmet import Names
from replaykit.history import History
from replaykit.replay.core_text import read_core_text
from replaykit.replay.replayed import line_in, via
from replaykit.verdict import SourceLine, Verdict

__all__ = ["Explored", "Story", "Summary", "story_of", "summary_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """A grown History and how it came about."""

    lines: tuple[str, ...]
    """The opening, and each step."""
    history: History
    note: str = ""
    """What went wrong at its end: what the code raised, or why Core would not go on."""
    source: SourceLine | None = None
    """The line of the user's code that raised, where known."""

    def __str__(self) -> str:
        return "\n".join(f"{number:>3}. {line}" for number, line in enumerate(self.lines, start=1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """One workflow's search."""

    workflow_type: str
    scenarios: int
    started: int
    """Those in which the code completed its first workflow task; with none, nothing was explored."""
    steps: int
    seconds: float
    statuses: Mapping[str, int]
    """How the grown runs ended, and how many each way."""
    command_pairs: int
    """Different pairs of neighbouring commands that were reached."""
    lines: frozenset[tuple[str, int]]
    """File and number of each line of the user's code that ran."""
    raised: Mapping[str, Story]
    """By message, the first story in which the growing code itself raised."""
    refused: Mapping[str, Story]
    """By message, the first story that ended in a command which a service refuses: the run is stuck there."""
    unhindered: int
    """Scenarios that did not end so, and not in a cancel before the code asked for anything."""
    problems: Mapping[str, Story]
    """By message, the first story that Core would not go on with."""
    findings: Mapping[str, Story]
    """By key, the smallest story of each finding."""
    learned_values: int = 0
    """Different values that recorded fixtures showed, whichever workflow they are of."""
    learned_fixtures: int = 0
    """How many fixtures these are from."""

    @property
    def is_explored(self) -> bool:
        """Whether some scenario came past its first task, and some was not ended by a service's refusal."""
        return self.started > 0 and (self.unhindered > 0 or not self.refused)


@dataclass(frozen=True, kw_only=True, slots=True)
class Explored:
    """A Summary with the Verdicts on its findings."""

    summary: Summary
    verdicts: Mapping[str, Verdict]
    """By key of a finding."""
    unreached: tuple[tuple[str, int], ...] = ()
    """File and number of lines of the workflow's class that no scenario reached."""
    samples: tuple[Story, ...] = ()
    """Stories to judge under other conditions; none of code that these cannot change."""
    names: Names | None = None
    """What the user's own values name, and what there is; None for code of a base."""


def story_of(grown: Grown, root: Path) -> Story:
    """A grown History as a Story.

    Args:
        grown: The History.
        root: The project; a line inside it is given relative to it.
    """
    note = "" if grown.problem in ("", NO_ANSWER) else f"Core: {read_core_text(grown.problem).sentence}"
    note, source = note or grown.problem, None
    if grown.refused is not None:
        note, source = str(grown.refused), relative_to(grown.refused.source, root)
    if grown.failure is not None:
        causes = f" ({grown.failure.causes[0]})" if grown.failure.causes else ""
        note = f"{grown.failure.error_type}: {grown.failure.message}{causes}"
        failure, interceptor = grown.failure, relative_to(grown.failure.interceptor, root)
        source = relative_to(failure.source, root)
        if interceptor is not None:
            note += via(interceptor)
        elif source is None:
            source = line_in(failure.stack, root)
    return Story(lines=tuple(grown.scenario), history=grown.history, note=note, source=source)


def summary_of(exploration: Exploration, root: Path, learned: Learned | None = None) -> Summary:
    """What a search came to, without the user's own values in it."""
    return Summary(
        workflow_type=exploration.workflow_type,
        scenarios=exploration.scenarios,
        started=exploration.started,
        steps=exploration.steps,
        seconds=exploration.seconds,
        statuses=dict(exploration.statuses),
        command_pairs=len(exploration.command_pairs),
        lines=frozenset(exploration.lines),
        raised={message: story_of(grown, root) for message, grown in exploration.raised.items()},
        refused={message: story_of(grown, root) for message, grown in exploration.refused.items()},
        unhindered=exploration.unhindered,
        problems={
            (story := _refused(message, grown, root)).note: story
            for message, grown in exploration.problems.items()
        },
        findings={finding.key: story_of(finding.grown, root) for finding in exploration.findings},
        learned_values=learned.count if learned is not None else 0,
        learned_fixtures=learned.fixtures if learned is not None else 0,
    )


def _refused(message: str, grown: Grown, root: Path) -> Story:
    """One that grew to its end, and that a replay refuses, has no note of its own."""
    story = story_of(grown, root)
    return story if grown.problem else replace(story, note=message)
