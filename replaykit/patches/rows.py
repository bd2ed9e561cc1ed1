"""A Survey as lines of text and as JSON data; no printing."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from replaykit.capture import VisibleRun
from replaykit.code.patch_calls import Lines, PatchCall
from replaykit.patches.patch import Evidence, Patch, Seen, Took
from replaykit.patches.survey import Survey

__all__ = ["as_data", "lines_of", "totals"]

FORMAT_VERSION = 1
_INDENT = 12
_WIDTH = 110
_CALLS_SHOWN = 8


def lines_of(patch: Patch, *, worker: bool = False) -> list[str]:
    """A block of lines; the first is the patch's id and state.

    Args:
        patch: What to tell.
        worker: Name the worker too.
    """
    evidence = patch.evidence
    whose = f" (worker {evidence.worker})" if worker else ""
    lines = [f"{evidence.patch_id}{whose}: {patch.state}"]
    lines += _rows("code", map(_of_call, evidence.calls[:_CALLS_SHOWN]))
    if len(evidence.calls) > _CALLS_SHOWN:
        lines += _rows("", [f"and {len(evidence.calls) - _CALLS_SHOWN} more calls"])
    lines += _rows("fixtures", [_counts(evidence.fixtures)])
    lines += _rows("service", _of_service(evidence))
    lines += _rows("why", [patch.reason])
    lines += _rows("do", [patch.advice])
    return lines + (_rows("fixture", [patch.needs]) if patch.needs else [])


def totals(survey: Survey) -> Iterator[str]:
    """The lines below all patches."""
    for call in survey.computed:
        yield f"computed at {call.place}: the source does not tell which id {call.name} is given"
    for text in survey.unread:
        yield f"unread fixture: {text}"
    yield from _of_versions(survey.runs)
    states = Counter(str(patch.state) for patch in survey.patches)
    told = ", ".join(f"{count} {state}" for state, count in states.items()) or "none"
    fixtures = f"{survey.fixtures} fixture{'' if survey.fixtures == 1 else 's'}"
    yield f"patches: {told}; {fixtures}; {_asked(survey)}"


def _asked(survey: Survey) -> str:
    asked = survey.asked
    if asked is None:
        return "the service was not asked (--address HOST:PORT, or --service)"
    open_runs = sum(run.is_open for run in survey.runs)
    kept = f" (retention {asked.retention.days} d)" if asked.retention and asked.retention.days else ""
    return (
        f"{open_runs} open and {len(survey.runs) - open_runs} closed runs{kept} of {asked.namespace} at "
        f"{asked.address}, {asked.rpcs} RPCs, {asked.histories} histories"
    )


def _of_call(call: PatchCall) -> str:
    text = f"{call.place} {call.name} in {call.function}"
    for guard in call.guards:
        text += f"; if at {guard.line}: new {_branch(guard.new)}, old {_branch(guard.old)}"
    return text


def _branch(lines: Lines | None) -> str:
    return f"lines {lines}" if lines else "nothing"


def _of_service(evidence: Evidence) -> list[str]:
    if evidence.runs is None:
        return ["not asked"]
    rows = []
    for is_open, not_seen in ((True, evidence.open_not_seen), (False, evidence.closed_not_seen)):
        seen = [each for each in evidence.runs if each.run is not None and each.run.is_open is is_open]
        unseen = f"; {not_seen} not looked at" if not_seen else ""
        if seen or unseen or is_open:
            rows.append(f"{'open' if is_open else 'closed'}: {_counts(seen)}{unseen}")
    versions = Counter(_version(each.run) for each in evidence.runs if each.run and each.run.version)
    rows += [f"{version}: {count} of these runs" for version, count in sorted(versions.items())]
    return rows


def _counts(seen: Sequence[Seen]) -> str:
    counts = Counter(each.took for each in seen)
    return ", ".join(f"{counts[took]} {took}" for took in Took if counts[took]) or "none"


def _of_versions(runs: Iterable[VisibleRun]) -> Iterator[str]:
    """Open runs by deployment version or build id, where the service has any."""
    versioned = [run for run in runs if run.is_open]
    if not any(run.version for run in versioned):
        return
    counts = Counter(_version(run) for run in versioned)
    for version, count in sorted(counts.items()):
        yield f"version: {version}: {count} open"


def _version(run: VisibleRun | None) -> str:
    if run is None or run.version is None:
        return "unversioned"
    return f"{run.version}, pinned" if run.pinned else run.version


def _rows(label: str, texts: Iterable[str]) -> list[str]:
    lines: list[str] = []
    for text in texts:
        for line in textwrap.wrap(text, _WIDTH - _INDENT, break_long_words=False, break_on_hyphens=False):
            lines.append(f"  {label:<{_INDENT - 2}}{line}".rstrip())
            label = ""
    return lines


def as_data(survey: Survey) -> dict[str, Any]:
    """The Survey as JSON data."""
    asked = survey.asked
    return {
        "format_version": FORMAT_VERSION,
        "summary": {
            "patches": len(survey.patches),
            "by_state": dict(Counter(str(patch.state) for patch in survey.patches)),
            "fixtures": survey.fixtures,
        },
        "service": None
        if asked is None
        else {
            "address": asked.address,
            "namespace": asked.namespace,
            "rpcs": asked.rpcs,
            "histories_fetched": asked.histories,
            "retention_s": asked.retention.total_seconds() if asked.retention else None,
            "open": sum(run.is_open for run in survey.runs),
            "closed": sum(not run.is_open for run in survey.runs),
            "open_by_version": dict(Counter(_version(run) for run in survey.runs if run.is_open)),
        },
        "patches": [_patch_data(patch) for patch in survey.patches],
        "computed": [_call_data(call) for call in survey.computed],
        "unread_fixtures": list(survey.unread),
    }


def _patch_data(patch: Patch) -> dict[str, Any]:
    evidence = patch.evidence
    return {
        "id": evidence.patch_id,
        "worker": evidence.worker,
        "state": str(patch.state),
        "reason": patch.reason,
        "advice": patch.advice,
        "needs_fixture": patch.needs,
        "held_by": [_run_data(seen) for seen in patch.held_by],
        "calls": [_call_data(call) for call in evidence.calls],
        "fixtures": {
            str(took): [seen.fixture for seen in evidence.fixtures if seen.took is took]
            for took in Took
            if any(seen.took is took for seen in evidence.fixtures)
        },
        "open": _counts_data(evidence, is_open=True),
        "closed": _counts_data(evidence, is_open=False),
    }


def _counts_data(evidence: Evidence, *, is_open: bool) -> dict[str, int] | None:
    if evidence.runs is None:
        return None
    counts = Counter(str(s.took) for s in evidence.runs if s.run is not None and s.run.is_open is is_open)
    not_seen = evidence.open_not_seen if is_open else evidence.closed_not_seen
    return {**counts, "not looked at": not_seen}


def _run_data(seen: Seen) -> dict[str, Any]:
    run = seen.run
    assert run is not None  # only runs hold a patch back
    return {
        "workflow_id": run.workflow_id,
        "run_id": run.run_id,
        "workflow_type": run.workflow_type,
        "open": run.is_open,
        "started": run.started.isoformat() if run.started else None,
        "version": run.version,
        "took": str(seen.took),
        "diverged": seen.diverged,
    }


def _call_data(call: PatchCall) -> dict[str, Any]:
    return {
        "call": call.name,
        "file": call.file,
        "line": call.line,
        "function": call.function,
        "workflows": sorted(name for name in call.workflows if name is not None),
        "guards": [
            {"line": guard.line, "new": _span(guard.new), "old": _span(guard.old)} for guard in call.guards
        ],
    }


def _span(lines: Lines | None) -> list[int] | None:
    return [lines.first, lines.last] if lines else None
