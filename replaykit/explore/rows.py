"""What an exploration came to, as lines for the terminal and as JSON."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from replaykit.explore.searching.itself import Future
from replaykit.explore.searching.summary import Explored, Story, Summary
from replaykit.report.as_json import verdict_as_data
from replaykit.report.block import block
from replaykit.verdict import Verdict

__all__ = ["as_data", "future_as_data", "lines_of", "lines_of_future", "totals"]

_MOST_MISSED = 6


def totals(explored: Sequence[Explored], futures: Sequence[Future]) -> str:
    """One line over everything."""
    summaries = [e.summary for e in explored] + [f.summary for f in futures if f.summary is not None]
    scenarios = sum(summary.scenarios for summary in summaries)
    found = sum(len(e.verdicts) for e in explored) + sum(_count(future) for future in futures)
    seconds = sum(summary.seconds for summary in summaries)
    what = "nothing found" if not found else f"{found} found"
    return f"{what}; {scenarios} {_plural('scenario', scenarios)} in {seconds:.1f} s"


def _count(future: Future) -> int:
    return len(future.wedged) + (future.verdict is not None)


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def lines_of(explored: Explored, root: Path, kept: Mapping[str, Path]) -> Iterator[str]:
    """What the terminal shows of one workflow.

    Args:
        explored: The workflow.
        root: The project; lines are given relative to it.
        kept: By key of a finding, the fixture that it was kept as.
    """
    summary = explored.summary
    yield f"{summary.workflow_type}: {_how_much(summary)}"
    for key, verdict in explored.verdicts.items():
        yield ""
        yield from _finding(summary.findings[key], verdict)
        if key in kept:
            yield f"  kept as   {kept[key]}"
    for message, story in summary.raised.items():
        yield f"  note: the code that grew it raised {_short(message)} after {_after(story)}"
    for message, story in summary.problems.items():
        yield f"  note: the SDK itself would not go on after {_after(story)}: {_short(message)}"
    if explored.missed:
        yield f"  not reached: {_places(explored.missed, root)}"


def _how_much(summary: Summary) -> str:
    ends = Counter(summary.statuses)
    ended = ", ".join(f"{count} {status.lower().replace('_', ' ')}" for status, count in ends.most_common())
    return (
        f"{summary.scenarios} {_plural('scenario', summary.scenarios)}, {summary.steps} steps ({ended}), "
        f"{summary.shapes} command sequences, {len(summary.lines)} lines, {summary.seconds:.1f} s"
    )


def _finding(story: Story, verdict: Verdict) -> Iterator[str]:
    yield "  the story:"
    yield from textwrap.indent(str(story), "  ").splitlines()
    yield from block(verdict)[2:]


def _after(story: Story) -> str:
    return story.lines[-1] if len(story.lines) > 1 else "its start"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:97]}..."


def _places(lines: Sequence[tuple[str, int]], root: Path) -> str:
    shown = [f"{_relative(file, root)}:{line}" for file, line in lines[:_MOST_MISSED]]
    more = f" and {len(lines) - _MOST_MISSED} more" if len(lines) > _MOST_MISSED else ""
    return ", ".join(shown) + more


def _relative(file: str, root: Path) -> str:
    path = Path(file)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else file


def lines_of_future(future: Future, kept: Mapping[str, Path]) -> Iterator[str]:
    """What the terminal shows of one recorded run.

    Args:
        future: The run.
        kept: By message of a stop, the fixture that its story was kept as.
    """
    if future.verdict is not None:
        yield f"{future.name}: {future.verdict.outcome} before any future begins"
        yield from block(future.verdict)[1:]
        return
    if future.summary is None:
        yield f"{future.name}: no place in it to go on from"
        return
    places = (
        f"from {future.starts} {_plural('place', future.starts)}" if future.starts > 1 else "from its end"
    )
    yield f"{future.name}: {places}, {_how_much(future.summary)}"
    for message, story in future.wedged.items():
        yield ""
        yield "  the run comes to a stop:"
        yield from textwrap.indent(str(story), "  ").splitlines()
        yield f"  why       {_short(message)}"
        if (source := story.source) is not None:
            yield f"  line      {source.file}:{source.line} in {source.function}"
        if message in kept:
            yield f"  kept as   {kept[message]}"


def as_data(explored: Explored, kept: Mapping[str, Path]) -> dict[str, Any]:
    """The same as plain data."""
    return {
        **_summary(explored.summary),
        "findings": [
            {
                "story": list(explored.summary.findings[key].lines),
                "verdict": verdict_as_data(verdict),
                "kept": str(kept[key]) if key in kept else None,
            }
            for key, verdict in explored.verdicts.items()
        ],
        "not_reached": [{"file": file, "line": line} for file, line in explored.missed],
    }


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "workflow_type": summary.workflow_type,
        "scenarios": summary.scenarios,
        "steps": summary.steps,
        "duration_s": round(summary.seconds, 3),
        "ended": dict(summary.statuses),
        "command_sequences": summary.shapes,
        "lines": len(summary.lines),
        "raised": [_told(message, story) for message, story in summary.raised.items()],
        "refused_by_core": [_told(message, story) for message, story in summary.problems.items()],
    }


def _told(message: str, story: Story) -> dict[str, Any]:
    source = asdict(story.source) if story.source is not None else None
    return {"message": message, "source": source, "story": list(story.lines)}


def future_as_data(future: Future, kept: Mapping[str, Path]) -> dict[str, Any]:
    """The same of one recorded run."""
    return {
        "history": future.name,
        "verdict": verdict_as_data(future.verdict) if future.verdict is not None else None,
        "places": future.starts,
        **(_summary(future.summary) if future.summary is not None else {}),
        "stops": [
            {**_told(message, story), "kept": str(kept[message]) if message in kept else None}
            for message, story in future.wedged.items()
        ],
    }
