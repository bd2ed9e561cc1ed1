"""One Verdict as the data of its part of the page: plain JSON values, nothing escaped yet."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypedDict

from replaykit.code.excerpts import excerpt_of
from replaykit.history.durations import with_readable_spans
from replaykit.report.html.diffs import DiffRow, value_diff
from replaykit.report.html.lanes import lane_of, spans_of
from replaykit.verdict import AlignedStep, Divergence, Drift, SourceLine, SuggestionKind, Verdict

__all__ = ["Entry", "entry_of"]


class Entry(TypedDict):
    """What the page knows of one Verdict."""

    summary: dict[str, Any]
    """Its line in the list, and what the search looks at."""
    story: dict[str, Any]
    """Everything else; the page reads it when the Verdict is opened."""


def entry_of(verdict: Verdict, *, root: Path | None = None) -> Entry:
    """The data of one Verdict, ready for `json.dumps`.

    Args:
        verdict: With `steps` and `timeline` where the page is to show them.
        root: The project; source lines are looked for below it, and below the current folder.
    """
    bases = (*((root,) if root is not None else ()), *_project_folders())
    divergence = verdict.divergence
    return {
        "summary": {
            "history": verdict.history,
            "type": verdict.workflow_type,
            "id": verdict.workflow_id,
            "run": verdict.run_id,
            "outcome": verdict.outcome.value,
            "reason": verdict.reason.value if verdict.reason else None,
            "message": _headline(verdict),
            "commands": verdict.commands_compared,
            "duration": round(verdict.duration_s, 4),
            "events": len(verdict.timeline),
            "drifts": len(verdict.drifts),
            "words": " ".join(_words(verdict)),
        },
        "story": {
            "message": verdict.message,
            "since": verdict.since.in_words() if verdict.since is not None else None,
            "detail": verdict.detail if divergence is None else None,
            "command": _command(verdict.history),
            "source": _source(verdict.source, bases),
            "divergence": _divergence(divergence, bases) if divergence is not None else None,
            "drifts": [_drift(drift, bases) for drift in verdict.drifts],
            "steps": [_step(step) for step in verdict.steps],
            **_timeline(verdict),
        },
    }


def _headline(verdict: Verdict) -> str | None:
    if verdict.divergence is not None or verdict.message or not verdict.drifts:
        return verdict.message
    fields = list(dict.fromkeys(drift.field for drift in verdict.drifts))
    return ", ".join(fields[:3]) + (f" and {len(fields) - 3} more" if len(fields) > 3 else "")


def _words(verdict: Verdict) -> Iterator[str]:
    """What a search finds a Verdict by, beside what its line in the list shows."""
    sources = [verdict.source]
    if (divergence := verdict.divergence) is not None:
        yield from filter(None, (divergence.recorded, divergence.produced, divergence.message))
        sources += [divergence.source, *divergence.waiting]
    for drift in verdict.drifts:
        yield from filter(None, (drift.field, drift.message))
    for source in sources:
        if source is not None:
            yield f"{source.file}:{source.line} {source.function}"


def _command(history: str) -> str | None:
    """What judges this History again, where it is a file."""
    return f"replaykit replay {shlex.quote(history)}" if re.search(r"\.json(\.gz)?$", history) else None


def _project_folders() -> Iterator[Path]:
    """The current folder, and those above it up to the one with a pyproject.toml."""
    here = Path.cwd()
    yield here
    above = list(here.parents)
    for depth, folder in enumerate((here, *above)):
        if (folder / "pyproject.toml").is_file():
            yield from above[:depth]
            return


def _source(source: SourceLine | None, bases: Sequence[Path]) -> dict[str, Any] | None:
    if source is None:
        return None
    excerpt = excerpt_of(source, bases)
    return {"file": source.file, "line": source.line, "function": source.function, "excerpt": excerpt}


def _divergence(divergence: Divergence, bases: Sequence[Path]) -> dict[str, Any]:
    return {
        "event": divergence.event_id,
        "recorded": divergence.recorded,
        "produced": divergence.produced,
        "source": _source(divergence.source, bases),
        "message": divergence.message,
        "suggestion": divergence.suggestion,
        "tried": divergence.suggestion_kind is SuggestionKind.TRIED,
        "waiting": [_source(line, bases) for line in divergence.waiting],
        "disagreement": divergence.disagreement,
        "before": [_step(step) for step in divergence.before],
        "after": [_step(step) for step in divergence.after],
        "raw": divergence.raw,
    }


def _drift(drift: Drift, bases: Sequence[Path]) -> dict[str, Any]:
    return {
        "event": drift.event_id,
        "field": drift.field,
        "severity": drift.severity.value,
        "source": _source(drift.source, bases),
        "message": drift.message,
        "suggestion": drift.suggestion,
        "diff": _diff(drift) if drift.message is None else [],
    }


def _diff(drift: Drift) -> list[DiffRow]:
    return value_diff(with_readable_spans(drift.recorded), with_readable_spans(drift.produced))


def _step(step: AlignedStep) -> list[Any]:
    """`[event id, recorded, produced, "file:line", function, matches]`."""
    place = f"{step.source.file}:{step.source.line}" if step.source is not None else None
    function = step.source.function if step.source is not None else None
    return [step.event_id, step.recorded, step.produced, place, function, step.matches]


def _timeline(verdict: Verdict) -> dict[str, Any]:
    """`start` (ISO 8601), `events` as `[id, elapsed seconds, name, rest of the label, links, lane, span]`
    and `spans` as `[lane, track, first, last, state]`."""
    rows = verdict.timeline
    spans = spans_of(rows)
    span_of = {index: number for number, span in enumerate(spans) for index in span.events}
    start = next((row.time for row in rows if row.time is not None), None)
    return {
        "start": start.isoformat() if start is not None else None,
        "events": [
            [
                row.event_id,
                row.elapsed_s,
                row.name,
                row.label.removeprefix(row.name).strip(),
                list(row.links),
                lane_of(row),
                span_of[index],
            ]
            for index, row in enumerate(rows)
        ],
        "spans": [[span.lane, span.track, span.first, span.last, span.state] for span in spans],
    }
