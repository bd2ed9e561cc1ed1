"""A Survey as rows and as JSON; no printing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from replaykit.capture import VisibleRun
from replaykit.code.patch_calls import Lines, PatchCall
from replaykit.history.durations import TimeSpan
from replaykit.patches.patch import Evidence, Patch, Seen, State, Took
from replaykit.patches.survey import Survey
from replaykit.report.document import Document
from replaykit.report.phrases import counted
from replaykit.report.rows import Block, Head, Row

__all__ = ["WIDTH", "block_of_patch", "document_of", "totals"]

WIDTH = 110
"""Columns of the blocks: places in code and branches need more than the default."""
_CALLS_SHOWN = 8
_COLOURS = {
    State.NEW: "cyan",
    State.ACTIVE: "green",
    State.MAY_BE_DEPRECATED: "yellow",
    State.DEPRECATED: "green",
    State.MAY_BE_REMOVED: "yellow",
    State.REMOVED_TOO_EARLY: "red",
    State.UNKNOWN_IN_CODE: "magenta",
}


def block_of_patch(patch: Patch, *, worker: bool = False) -> Block:
    """A patch's id and state, and below them the reasons.

    Args:
        patch: What to show.
        worker: Name the worker too.
    """
    evidence = patch.evidence
    whose = f" (worker {evidence.worker})" if worker else ""
    calls = [_of_call(call) for call in evidence.calls[:_CALLS_SHOWN]]
    if len(evidence.calls) > _CALLS_SHOWN:
        calls.append(f"and {len(evidence.calls) - _CALLS_SHOWN} more calls")
    head = Head(
        name=f"{evidence.patch_id}{whose}: ", text=str(patch.state), style=f"bold {_COLOURS[patch.state]}"
    )
    rows = (
        *_rows("code", calls),
        *_rows("fixtures", [_counts(evidence.fixtures)]),
        *_rows("service", _of_service(evidence)),
        *_rows("why", [patch.reason]),
        *_rows("do", [patch.advice]),
        *_rows("fixture", [patch.needs] if patch.needs else []),
    )
    return Block(head=head, rows=rows)


def totals(survey: Survey) -> Iterator[str]:
    """The lines below all patches."""
    for call in survey.computed:
        yield f"computed at {call.place}: the id that {call.name} is given cannot be read from the source"
    for text in survey.unread:
        yield f"unread fixture: {text}"
    for text in survey.lost:
        yield f"not replayed: {text}"
    yield from _of_versions(survey.runs)
    states = Counter(str(patch.state) for patch in survey.patches)
    counts = ", ".join(f"{count} {state}" for state, count in states.items()) or "none"
    yield f"patches: {counts}; {counted(survey.fixtures, 'fixture')}; {_asked(survey)}"


def _asked(survey: Survey) -> str:
    asked = survey.asked
    if asked is None:
        return "the service was not asked (--address HOST:PORT, or --service)"
    open_runs = sum(run.is_open for run in survey.runs)
    kept = f" (retention {TimeSpan.of(asked.retention)})" if asked.retention else ""
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
    versions = Counter(_deployment(each.run) for each in evidence.runs if each.run and each.run.version)
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
    counts = Counter(_deployment(run) for run in versioned)
    for version, count in sorted(counts.items()):
        yield f"version: {version}: {count} open"


def _deployment(run: VisibleRun | None) -> str:
    if run is None or run.version is None:
        return "unversioned"
    return f"{run.version}, pinned" if run.pinned else run.version


def _rows(label: str, texts: Iterable[str]) -> Iterator[Row]:
    """One row for each text; the label stands at the first."""
    for text in texts:
        yield Row(label=label, text=text)
        label = ""


def document_of(survey: Survey) -> Document:
    """The Survey as the JSON report."""
    return Document(report="patches", data=_data(survey))


def _data(survey: Survey) -> dict[str, Any]:
    asked = survey.asked
    return {
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
            "open_by_version": dict(Counter(_deployment(run) for run in survey.runs if run.is_open)),
        },
        "patches": [_patch_data(patch) for patch in survey.patches],
        "computed": [_call_data(call) for call in survey.computed],
        "unread_fixtures": list(survey.unread),
        "not_replayed": list(survey.lost),
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
