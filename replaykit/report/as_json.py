"""A Report as JSON; `report.schema.json` beside this file is its schema."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from replaykit.history.durations import TimeSpan
from replaykit.report.document import Document, render_document
from replaykit.trust import SelfTest
from replaykit.verdict import (
    AlignedStep,
    Divergence,
    Drift,
    Outcome,
    Perturbation,
    Report,
    Revision,
    Since,
    SourceLine,
    Verdict,
)

__all__ = ["render_json", "since_as_data", "verdict_as_data"]


def render_json(report: Report) -> str:
    """The whole Report as one JSON object with a trailing newline."""
    return render_document(Document(report="replay", data=_report(report)))


def _report(report: Report) -> dict[str, Any]:
    return {
        "summary": {
            "histories": len(report.verdicts),
            **{outcome.value: report.count(outcome) for outcome in Outcome},
            "commands_compared": report.commands_compared,
            "strict": report.strict,
            "replayed": len(report.verdicts) - report.kept,
            "kept": report.kept,
            "duration_s": round(report.duration_s, 6),
            "processes": len(report.hash_seeds),
            "hash_seeds": list(report.hash_seeds),
        },
        "verdicts": [verdict_as_data(verdict) for verdict in report.verdicts],
        "findings": [{**_fields(finding), "kind": finding.kind.value} for finding in report.findings],
        "self_test": _self_test(report.self_test),
        "perturbation": _perturbation(report.perturbation),
    }


def _perturbation(perturbation: Perturbation | None) -> dict[str, Any] | None:
    if perturbation is None:
        return None
    return {
        **_fields(perturbation),
        "duration_s": round(perturbation.duration_s, 6),
        "instabilities": [
            {**_fields(each), "source": _source(each.source)} for each in perturbation.instabilities
        ],
        "broken": [_fields(each) for each in perturbation.broken],
    }


def _self_test(self_test: SelfTest | None) -> dict[str, Any] | None:
    if self_test is None:
        return None
    return {
        "broken": self_test.is_broken,
        "workflow_types": len(self_test.workflow_types),
        "red": sum(each.red for each in self_test.mutated),
        "mutated": [_fields(each) for each in self_test.mutated],
        "untested": list(self_test.untested),
    }


def verdict_as_data(verdict: Verdict) -> dict[str, Any]:
    """One Verdict as the report has it."""
    return {
        "history": verdict.history,
        "workflow_type": verdict.workflow_type,
        "workflow_id": verdict.workflow_id,
        "run_id": verdict.run_id,
        "outcome": verdict.outcome.value,
        "reason": verdict.reason.value if verdict.reason else None,
        "message": verdict.message,
        "detail": verdict.detail,
        "source": _source(verdict.source),
        "commands_compared": verdict.commands_compared,
        "duration_s": round(verdict.duration_s, 6),
        "divergence": _divergence(verdict.divergence),
        "drifts": [_drift(drift) for drift in verdict.drifts],
        "ignored_by_preset": dict(sorted(verdict.ignored_by_preset.items())),
        "markers": list(verdict.markers),
        "stuck": verdict.stuck,
        "kept": verdict.kept,
        "since": since_as_data(verdict.since),
    }


def since_as_data(since: Since | None) -> dict[str, Any] | None:
    """Since which commit a history does not replay, and the last one under which it does."""
    if since is None:
        return None
    nothing = {"commit": None, "committed_at": None, "subject": None}
    bad = _revision(since.bad) if since.bad is not None else nothing
    return {**bad, "replays_at": _revision(since.good)}


def _revision(revision: Revision) -> dict[str, Any]:
    at = datetime.fromtimestamp(revision.seconds, tz=timezone.utc)
    return {
        "commit": revision.commit,
        "committed_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "subject": revision.subject,
    }


def _divergence(divergence: Divergence | None) -> dict[str, Any] | None:
    if divergence is None:
        return None
    kind = divergence.suggestion_kind
    return {
        **_fields(divergence),
        "source": _source(divergence.source),
        "suggestion_kind": kind.value if kind is not None else None,
        "before": [_step(step) for step in divergence.before],
        "after": [_step(step) for step in divergence.after],
        "interceptor": None if divergence.interceptor is None else _fields(divergence.interceptor),
        "waiting": [_source(line) for line in divergence.waiting],
    }


def _step(step: AlignedStep) -> dict[str, Any]:
    return {**_fields(step), "source": _source(step.source)}


def _drift(drift: Drift) -> dict[str, Any]:
    return {
        **_fields(drift),
        "recorded": _value(drift.recorded),
        "produced": _value(drift.produced),
        "severity": drift.severity.value,
        "source": _source(drift.source),
    }


def _value(value: object) -> object:
    """A value as JSON can hold it: it has no number for infinity or for what is none."""
    if isinstance(value, TimeSpan):
        return value.in_json
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_value(item) for item in value]
    return value if value is None or isinstance(value, (str, int, float, bool)) else repr(value)


def _source(source: SourceLine | None) -> dict[str, Any] | None:
    return None if source is None else _fields(source)


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
