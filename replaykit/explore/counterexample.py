"""What a test of an exploration fails with."""

from __future__ import annotations

from pathlib import Path

from replaykit.code.classes import import_root_of
from replaykit.explore.growing.grow import Grown
from replaykit.explore.searching.summary import story_of
from replaykit.report.phrases import counted, place_in_code
from replaykit.report.rows import plain_lines
from replaykit.report.verdict_rows import block_of
from replaykit.verdict import Verdict

__all__ = ["Counterexample", "NothingExplored"]


class Counterexample(AssertionError):
    """A story that shows a divergence.

    Attributes:
        grown: The History, and the scenario that made it: the shortest that was found.
        verdict: The Verdict of its replay.
    """

    def __init__(self, what: str, grown: Grown, verdict: Verdict, kept: Path | None) -> None:
        self.grown = grown
        self.verdict = verdict
        shown = "\n".join(plain_lines(block_of(verdict).rows))
        saved = f"\n\nkept as {kept}" if kept is not None else ""
        super().__init__(f"{what}\n\n{grown.scenario}\n\n{shown}{saved}")


class NothingExplored(AssertionError):
    """Nothing could be compared: the code never completed a workflow task, or never grew the same twice.

    Attributes:
        grown: The first History of those, and the scenario that made it.
    """

    def __init__(self, workflow: type, scenarios: int, grown: Grown) -> None:
        self.grown = grown
        story = story_of(grown, import_root_of(workflow))
        where = f" at {place_in_code(story.source)}" if story.source is not None else ""
        tried = counted(scenarios, "scenario")
        what = f"in {tried} it never completed its first workflow task. {story.note}{where}"
        if grown.refused is not None:
            what = f"in {tried} the run was stuck at its task each time: {story.note}{where}"
        elif grown.is_started:
            what = f"of {tried} none is replayed even by the code that grew it: {grown.problem}"
        super().__init__(f"nothing of {workflow.__name__} was explored: {what}")
