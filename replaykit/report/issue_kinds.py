"""What is wrong with a History, without what differs from run to run: one kind is shown as one finding."""

from __future__ import annotations

import json
import re

from replaykit.report.phrases import place_in_code
from replaykit.verdict import Drift, Outcome, SourceLine, Verdict

__all__ = ["kind_of"]

_OF_RUNS = re.compile(
    r"\.(arguments|input|result|outcome|memo|search_attributes|headers|failure|cancel_details|reason"
    r"|activity_id|workflow_id|run_id|target|summary|static_details)\b"
)
"""Attributes whose values are data and ids of one run."""
_RAISED = re.compile(r"\b[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Failure)\b")
_NUMBER = re.compile(r"\d+")


def kind_of(verdict: Verdict) -> str:
    """Line of code, and what it asks for or raises; two Verdicts with one kind have one cause.

    Where a line asks for what is not recorded, that line is what changed, whichever workflow it runs for and
    whatever is recorded in its place. Where no line is known, both sides count, and the workflow.

    Args:
        verdict: One that is not consistent.
    """
    divergence = verdict.divergence
    parts: list[object] = [verdict.outcome.value]
    if divergence is not None and divergence.source is not None and divergence.produced is not None:
        parts += [_line(divergence.source), _name(divergence.produced)]
    elif divergence is not None:
        sides = (_name(divergence.recorded), _name(divergence.produced))
        parts += [verdict.workflow_type, _line(divergence.source), *sides]
    elif verdict.outcome is Outcome.DRIFTED:
        parts.append(verdict.workflow_type)
        parts += sorted(json.dumps(_of_drift(drift), default=repr) for drift in verdict.drifts)
    else:
        owner = verdict.workflow_type if verdict.source is None else None
        parts += [owner, str(verdict.reason), _line(verdict.source), _cause(verdict)]
    return json.dumps(parts)


def _of_drift(drift: Drift) -> list[object]:
    sides = [] if _OF_RUNS.search(f".{drift.field}") else [repr(drift.recorded), repr(drift.produced)]
    return [drift.field, _line(drift.source), *sides]


def _line(source: SourceLine | None) -> str:
    return place_in_code(source) if source is not None else ""


def _name(label: str | None) -> str:
    """Kind and name of a command, without the ids and messages after them."""
    return _NUMBER.sub("0", (label or "").partition(" (")[0].partition(": ")[0])


def _cause(verdict: Verdict) -> str:
    """What was raised at the line; the whole message where no line is known."""
    message = (verdict.message or "").replace(verdict.history, "")
    raised = _RAISED.search(message)
    return raised.group() if raised is not None and verdict.source is not None else message
