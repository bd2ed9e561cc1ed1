"""What an exploration came to, as rows and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from replaykit.explore.run import ExploreRun
from replaykit.explore.searching.futures import Future
from replaykit.explore.searching.judging import NO_TRANSITION, STUCK
from replaykit.explore.searching.summary import Explored, Story, Summary
from replaykit.paths import display
from replaykit.replay.raised import NEVER_YIELDED
from replaykit.report.as_json import verdict_as_data
from replaykit.report.document import Document
from replaykit.report.phrases import counted, place_in_code
from replaykit.report.rows import BLANK, AnyRow, Head, Line, Row
from replaykit.report.verdict_rows import block_of, rows_of
from replaykit.verdict import Reason, SourceLine, Verdict

__all__ = ["document_of", "rows_of_explored", "rows_of_future", "totals"]

_MOST_MISSED = 6


def totals(run: ExploreRun) -> str:
    """One line over everything."""
    summaries = [e.summary for e in run.explored] + [f.summary for f in run.futures if f.summary is not None]
    scenarios = sum(summary.scenarios for summary in summaries)
    found = sum(len(e.verdicts) for e in run.explored) + sum(_found(future) for future in run.futures)
    seconds = sum(summary.seconds for summary in summaries)
    what = "nothing found" if not found else f"{found} found"
    stuck = sum((v.message or "").startswith(STUCK) for e in run.explored for v in e.verdicts.values())
    what += f" ({stuck} stuck)" if stuck else ""
    missing = len(run.lost) + len(run.unstarted)
    what += f", {missing} not explored" if missing else ""
    unreached = len({place for e in run.explored for place in e.unreached})
    never = f"; {counted(unreached, 'line')} never reached" if unreached else ""
    return f"{what}; {counted(scenarios, 'scenario')} in {seconds:.1f} s{never}"


def _found(future: Future) -> int:
    return len(future.wedged) + (future.verdict is not None)


def rows_of_explored(explored: Explored, root: Path, kept: Mapping[str, Path]) -> Iterator[AnyRow]:
    """What the terminal shows of one workflow.

    Args:
        explored: The workflow.
        root: The project; lines are given relative to it.
        kept: By key of a finding, the fixture that it was kept as.
    """
    summary = explored.summary
    if not summary.is_explored and not explored.verdicts:
        yield from _unstarted(summary)
        return
    yield Head(text=f"{summary.workflow_type}: {_how_much(summary)}")
    for key, verdict in explored.verdicts.items():
        yield BLANK
        yield from _finding(summary.findings[key], verdict)
        if key in kept:
            yield _whole("kept as", str(kept[key]))
    is_shown_stuck = any(verdict.reason is Reason.TIMED_OUT for verdict in explored.verdicts.values())
    for (kind, _), (message, *more) in _by_place(summary.raised).items():
        story, like = summary.raised[message], f" (and {len(more)} more of {kind} there)" if more else ""
        if kind != NEVER_YIELDED:
            yield _note(f"note: the code that grew it raised {_short(message)} after {_after(story)}{like}")
        elif not is_shown_stuck:  # else it is a finding, and the story of that is as short as it gets
            yield _stuck(message, story)
    for message, story in summary.refused.items():
        yield _stuck(message, story)
    for message, story in summary.problems.items():
        whose = "; no fault of the code, such runs are left out" if NO_TRANSITION in message else ""
        yield _note(f"note: the SDK itself would not go on after {_after(story)}: {_short(message)}{whose}")
    if explored.unreached:
        yield _note(f"not reached: {_places(explored.unreached, root)}")


def _unstarted(summary: Summary) -> Iterator[AnyRow]:
    what = "the code never completed its first workflow task"
    if summary.started:
        what = "the run was always stuck at a task of which a service refuses a command"
    yield Head(
        text=f"{summary.workflow_type}: nothing explored; in {counted(summary.scenarios, 'scenario')} "
        f"{what}, {summary.seconds:.1f} s"
    )
    for message, story in {**summary.raised, **summary.refused, **summary.problems}.items():
        yield BLANK
        yield _whole("why", _short(story.note or message))
        if story.source is not None:
            yield _whole("line", place_in_code(story.source))
        yield from _titled("the story:", story)


def _how_much(summary: Summary) -> str:
    ends = Counter(summary.statuses)
    ended = ", ".join(f"{count} {status.lower().replace('_', ' ')}" for status, count in ends.most_common())
    return (
        f"{counted(summary.scenarios, 'scenario')}{_past_the_start(summary)}, "
        f"{summary.steps} steps ({ended}), {summary.command_pairs} command sequences, "
        f"{len(summary.lines)} lines{_lessons(summary)}, {summary.seconds:.1f} s"
    )


def _lessons(summary: Summary) -> str:
    """Nothing where there was no fixture to learn from."""
    if not summary.learned_fixtures:
        return ""
    values, fixtures = counted(summary.learned_values, "value"), counted(summary.learned_fixtures, "fixture")
    return f", {values} learned from {fixtures}"


def _past_the_start(summary: Summary) -> str:
    """Nothing where all of them came past it."""
    return "" if summary.started == summary.scenarios else f" ({summary.started} past the first task)"


def _finding(story: Story, verdict: Verdict) -> Iterator[AnyRow]:
    yield from _titled("the story:", story)
    yield from rows_of(verdict)


def _titled(title: str, story: Story) -> Iterator[AnyRow]:
    yield _note(title)
    for line in str(story).splitlines():
        yield _note(line)


def _note(text: str) -> Line:
    return Line(text=text, indent=2)


def _by_place(raised: Mapping[str, Story]) -> Mapping[tuple[str, SourceLine | None], list[str]]:
    """By class of the exception and line, the messages: made up values fail in many words at one place."""
    places: dict[tuple[str, SourceLine | None], list[str]] = {}
    for message, story in raised.items():
        places.setdefault((message.partition(":")[0], story.source), []).append(message)
    return places


def _stuck(message: str, story: Story) -> Line:
    line = f", {place_in_code(story.source)}" if story.source is not None else ""
    return _note(f"note: stuck after {_after(story)}: {_short(message)}{line}")


def _whole(label: str, text: str) -> Row:
    return Row(label=label, text=text, wraps=False)


def _after(story: Story) -> str:
    return story.lines[-1] if len(story.lines) > 1 else "its start"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:97]}..."


def _places(lines: Sequence[tuple[str, int]], root: Path) -> str:
    shown = [f"{display(file, root)}:{line}" for file, line in lines[:_MOST_MISSED]]
    more = f" and {len(lines) - _MOST_MISSED} more" if len(lines) > _MOST_MISSED else ""
    return ", ".join(shown) + more


def rows_of_future(future: Future, kept: Mapping[str, Path]) -> Iterator[AnyRow]:
    """What the terminal shows of one recorded run.

    Args:
        future: The run.
        kept: By message of a stop, the fixture that its story was kept as.
    """
    if future.verdict is not None:
        yield Head(text=f"{future.name}: {future.verdict.outcome} before any future begins")
        yield from block_of(future.verdict).rows
        return
    if future.summary is None:
        yield Head(text=f"{future.name}: no place in it to go on from")
        return
    places = f"from {counted(future.starts, 'place')}" if future.starts > 1 else "from its end"
    yield Head(text=f"{future.name}: {places}, {_how_much(future.summary)}")
    for message, story in future.wedged.items():
        yield BLANK
        yield from _titled("the run comes to a stop:", story)
        yield _whole("why", _short(message))
        if story.source is not None:
            yield _whole("line", place_in_code(story.source))
        if message in kept:
            yield _whole("kept as", str(kept[message]))


def document_of(run: ExploreRun) -> Document:
    """All of it as the JSON report."""
    data = {
        "base": run.base,
        "workflows": [_explored(each, run.kept) for each in run.explored],
        "futures": [_future(each, run.stops.get(each.name, {})) for each in run.futures],
        "lost": [{"workflow_type": name, "message": message} for name, message in run.lost.items()],
        "unread": [{"history": name, "message": message} for name, message in run.unread.items()],
    }
    return Document(report="explore", data=data)


def _explored(explored: Explored, kept: Mapping[str, Path]) -> dict[str, Any]:
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
        "not_reached": [{"file": file, "line": line} for file, line in explored.unreached],
    }


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "workflow_type": summary.workflow_type,
        "scenarios": summary.scenarios,
        "started": summary.started,
        "explored": summary.is_explored,
        "steps": summary.steps,
        "duration_s": round(summary.seconds, 3),
        "ended": dict(summary.statuses),
        "command_sequences": summary.command_pairs,
        "lines": len(summary.lines),
        "learned": {"values": summary.learned_values, "fixtures": summary.learned_fixtures},
        "raised": [_stop(message, story) for message, story in summary.raised.items()],
        "refused_by_service": [_stop(message, story) for message, story in summary.refused.items()],
        "refused_by_core": [_stop(message, story) for message, story in summary.problems.items()],
    }


def _stop(message: str, story: Story) -> dict[str, Any]:
    source = asdict(story.source) if story.source is not None else None
    return {"message": message, "source": source, "story": list(story.lines)}


def _future(future: Future, kept: Mapping[str, Path]) -> dict[str, Any]:
    return {
        "history": future.name,
        "verdict": verdict_as_data(future.verdict) if future.verdict is not None else None,
        "places": future.starts,
        **(_summary(future.summary) if future.summary is not None else {}),
        "stops": [
            {**_stop(message, story), "kept": str(kept[message]) if message in kept else None}
            for message, story in future.wedged.items()
        ],
    }
