"""Whether two codes fail a History in one way: by place, kind, field, cause and steady values. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from replaykit.verdict import Divergence, Drift, Outcome, Reason, Severity, Verdict

__all__ = ["can_be_unsteady", "failing_drifts", "fails_alike", "is_the_same", "is_unsteady", "new_drifts"]

_LINE = re.compile(r":\d+\b")
_FRAME = re.compile(
    r'^ *File "(?P<file>[^"\n]*)", line (?P<line>\d+), in .*\n +(?P<code>\S.*)$', re.MULTILINE
)
_ERROR_TYPE = re.compile(r"the code raised (\w+)")
_OF_CODE = frozenset({Reason.WORKFLOW_TASK_FAILED, Reason.UNDECODABLE_PAYLOAD})
"""Their messages have what was raised; those of other reasons name the process that judged."""


def is_the_same(before: Verdict, now: Verdict, fail_on: Severity) -> bool:
    """Whether two codes fail a History in one way: at one place, for one cause, with the same values.

    Args:
        before: The Verdict of one.
        now: That of the other; of its drifts, those that fail have to be among those of the first.
        fail_on: The least severity of a drift that fails.
    """
    return fails_alike(before, now) and not failing_drifts(new_drifts(before, now), fail_on)


def fails_alike(before: Verdict, now: Verdict) -> bool:
    """The same without a look at drifts: they can stand beside a divergence and a failure of the code too.

    Args:
        before: The Verdict of one code.
        now: That of the other.
    """
    if (before.outcome, before.reason) != (now.outcome, now.reason):
        return False
    if before.divergence is not None and now.divergence is not None:
        return _place(before.divergence) == _place(now.divergence) and (
            before.divergence.produced == now.divergence.produced
        )
    return now.outcome is not Outcome.UNJUDGED or _cause(before) == _cause(now)


def new_drifts(before: Verdict, now: Verdict) -> tuple[Drift, ...]:
    """The drifts of one code that another has not: each of those excuses one like it, and no second one.

    Args:
        before: The Verdict of the other code.
        now: That of the one.
    """
    known = Counter(_drift(drift) for drift in before.drifts)
    new = []
    for drift in now.drifts:
        if known[_drift(drift)]:
            known[_drift(drift)] -= 1
        else:
            new.append(drift)
    return tuple(new)


def failing_drifts(drifts: Sequence[Drift], fail_on: Severity) -> list[Drift]:
    """Those that make a History `drifted`; the others are listed, and fail nothing.

    Args:
        drifts: Of one Verdict.
        fail_on: The least severity that fails.
    """
    return [d for d in drifts if d.severity is Severity.BEHAVIOURAL or fail_on is Severity.COSMETIC]


def can_be_unsteady(now: Verdict) -> bool:
    """Whether a code that does not answer the same in each run can explain a failure of another.

    A base that was slow or killed once shows nothing about a change that is.

    Args:
        now: The Verdict of the other.
    """
    return now.outcome is not Outcome.UNJUDGED or now.reason in _OF_CODE


def is_unsteady(runs: Sequence[Verdict], now: Verdict, fail_on: Severity) -> bool:
    """Whether one code, which does not answer the same in each run, fails a History where another does.

    Args:
        runs: Verdicts of the one, each from a process of its own.
        now: The Verdict of the other.
        fail_on: The least severity of a drift that fails.
    """
    numbered = [(key, drift) for key, drift in _numbered(now) if failing_drifts([drift], fail_on)]
    # A drift is explained by the same one, or by an attribute that has another value in each run.
    if not all(_is_explained(runs, key, drift) for key, drift in numbered):
        return False
    if now.divergence is not None:
        return _is_unsteady_divergence(runs, now.divergence)
    if now.outcome is Outcome.UNJUDGED:
        if not can_be_unsteady(now):
            return False
        causes = {_cause(run) for run in runs}
        raised = {_raised(run) for run in runs if run.reason is now.reason}
        return len(causes) > 1 and _raised(now) in raised
    return any(not is_the_same(runs[0], run, fail_on) for run in runs[1:])


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


def _drift(drift: Drift) -> tuple[object, ...]:
    return drift.event_id, drift.field, repr(drift.produced)


def _numbered(verdict: Verdict) -> Iterator[tuple[tuple[object, ...], Drift]]:
    """Drifts by event and field; those of an open History's tail have no event, and are counted."""
    seen: Counter[tuple[object, ...]] = Counter()
    for drift in verdict.drifts:
        attribute = drift.event_id, drift.field
        yield (*attribute, seen[attribute]), drift
        seen[attribute] += 1


def _is_explained(runs: Sequence[Verdict], key: tuple[object, ...], now: Drift) -> bool:
    values = [next((repr(drift.produced) for k, drift in _numbered(run) if k == key), None) for run in runs]
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
