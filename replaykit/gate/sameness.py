"""Whether two codes fail a History in one way: by place, kind, field, cause and steady values. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from replaykit.verdict import Divergence, Drift, Outcome, Reason, Verdict

__all__ = ["is_the_same", "is_unsteady"]

_LINE = re.compile(r":\d+\b")
_FRAME = re.compile(
    r'^ *File "(?P<file>[^"\n]*)", line (?P<line>\d+), in .*\n +(?P<code>\S.*)$', re.MULTILINE
)
_ERROR_TYPE = re.compile(r"the code raised (\w+)")
_OF_CODE = frozenset({Reason.WORKFLOW_TASK_FAILED, Reason.UNDECODABLE_PAYLOAD})
"""Their messages have what was raised; those of other reasons name the process that judged."""


def is_the_same(before: Verdict, now: Verdict) -> bool:
    """Whether two codes fail a History in one way: at one place, for one cause, with the same values.

    Args:
        before: The Verdict of one.
        now: That of the other; in strict mode all its drifts have to be among those of the first.
    """
    if (before.outcome, before.reason) != (now.outcome, now.reason):
        return False
    if before.divergence is not None and now.divergence is not None:
        return _place(before.divergence) == _place(now.divergence) and (
            before.divergence.produced == now.divergence.produced
        )
    if now.outcome is Outcome.UNJUDGED:
        return _cause(before) == _cause(now)
    known = {(_attribute(drift), repr(drift.produced)) for drift in before.drifts}
    return {(_attribute(drift), repr(drift.produced)) for drift in now.drifts} <= known


def is_unsteady(runs: Sequence[Verdict], now: Verdict) -> bool:
    """Whether one code, which does not answer the same in each run, fails a History where another does.

    Args:
        runs: Verdicts of the one, each from a process of its own.
        now: The Verdict of the other.
    """
    if now.divergence is not None:
        return _is_unsteady_divergence(runs, now.divergence)
    if now.outcome is Outcome.UNJUDGED:
        # A base that was slow or killed once shows nothing about a change that is.
        if now.reason not in _OF_CODE:
            return False
        causes = {_cause(run) for run in runs}
        raised = {_raised(run) for run in runs if run.reason is now.reason}
        return len(causes) > 1 and _raised(now) in raised
    # A drift is explained by the same one, or by an attribute that has another value in each run.
    return all(_is_explained(runs, drift) for drift in now.drifts) and any(
        not is_the_same(runs[0], run) for run in runs[1:]
    )


def _is_unsteady_divergence(runs: Sequence[Verdict], now: Divergence) -> bool:
    there = [run.divergence for run in runs if run.divergence and _place(run.divergence) == _place(now)]
    if not any(_kind(each.produced) == _kind(now.produced) for each in there):
        return False
    return len(there) < len(runs) or len({each.produced for each in there}) > 1


def _place(divergence: Divergence) -> tuple[int | None, str | None]:
    return divergence.event_id, divergence.recorded


def _kind(produced: str | None) -> str:
    """Command and name without the values after them: `StartChildWorkflow Step (id 7)` and another id."""
    return (produced or "").partition(" (")[0]


def _attribute(drift: Drift) -> tuple[int | None, str]:
    return drift.event_id, drift.field


def _is_explained(runs: Sequence[Verdict], now: Drift) -> bool:
    values = [
        next((repr(d.produced) for d in run.drifts if _attribute(d) == _attribute(now)), None) for run in runs
    ]
    return repr(now.produced) in values or len({value for value in values if value is not None}) > 1


def _cause(verdict: Verdict) -> tuple[object, ...]:
    """What was raised and where, without numbers of lines: they move with every change above them."""
    message = _LINE.sub("", verdict.message or "") if verdict.reason in _OF_CODE else ""
    return verdict.outcome, verdict.reason, _code_at(verdict), message


def _raised(verdict: Verdict) -> tuple[object, ...]:
    """The same without values."""
    raised = _ERROR_TYPE.search(verdict.message or "") if verdict.reason in _OF_CODE else None
    return verdict.reason, _code_at(verdict), raised.group(1) if raised else None


def _code_at(verdict: Verdict) -> tuple[str, str, str] | None:
    """File, function and text of the line that a Verdict names; the base lies in another folder."""
    source = verdict.source
    if source is None:
        return None
    name = PurePath(source.file).name
    code = next(
        (
            frame["code"].strip()
            for frame in _FRAME.finditer(verdict.detail or "")
            if PurePath(frame["file"]).name == name and int(frame["line"]) == source.line
        ),
        "",
    )
    return name, source.function, code
