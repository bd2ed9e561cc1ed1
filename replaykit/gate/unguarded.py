"""The gate's issues about workflows themselves, whatever the Verdicts on their fixtures."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from replaykit.gate.against_base import Levels
from replaykit.gate.base_verdicts import Answer
from replaykit.gate.code_change import CodeChange
from replaykit.issue import Issue
from replaykit.verdict import Outcome, Report

__all__ = ["of_workflows"]


def of_workflows(
    report: Report,
    base: Answer,
    code: CodeChange,
    added: Collection[str],
    levels: Levels,
    places: Mapping[str, tuple[str, int]],
) -> Iterator[Issue]:
    """Workflows that the change adds or alters, and that no history of their new code guards.

    Args:
        report: Of the change's code.
        base: What the base's code registers.
        code: What the change does to workflows.
        added: Fixtures that came with the change.
        levels: The policy.
        places: By workflow type, file and line of its class; each Issue is placed there.
    """
    for issue in _issues(report, base, code, added, levels):
        file, line = places.get(issue.workflow_type or "", (issue.file, issue.line))
        yield replace(issue, file=file, line=line)


def _issues(
    report: Report, base: Answer, code: CodeChange, added: Collection[str], levels: Levels
) -> Iterator[Issue]:
    guarded = {v.workflow_type for v in report.verdicts if v.outcome is Outcome.CONSISTENT}
    guarded -= {v.workflow_type for v in report.verdicts if v.outcome is not Outcome.CONSISTENT}
    renewed = {v.workflow_type for v in report.verdicts if v.history in code.shown_by}
    missing = {f.subject for f in report.findings if str(f.kind) == "workflow_without_fixture"}
    for name in sorted(missing):
        if name not in base.workflow_types and not base.error:
            yield Issue(
                rule="workflow-without-fixture",
                level=levels.new_workflow,
                title=f"{name} is new, and no recorded history guards it",
                cure="Run it once, then: replaykit capture WORKFLOW_ID",
                workflow_type=name,
            )
    for each in code.unconfigured:
        yield Issue(
            rule="workflow-without-fixture",
            level=levels.new_workflow,
            title=f"{each.name} is new, and no configured worker runs it",
            text="So no history of it can be judged.",
            cure=f'Add "{each.spec}" to the workflows of its worker in [tool.replaykit]',
            workflow_type=each.name,
            file=each.file,
            line=each.line,
        )
    for name in sorted(code.changed & {name for name in guarded if name} - {n for n in renewed if n}):
        count = sum(v.workflow_type == name for v in report.verdicts)
        came = sorted(v.history for v in report.verdicts if v.workflow_type == name and v.history in added)
        shown = (
            "the run that its fixture recorded replays"
            if count == 1
            else (f"the {count} runs that its fixtures recorded replay")
        )
        yield Issue(
            rule="changed-workflow-without-fixture",
            level=levels.changed_workflow,
            title=f"{name} was changed, and no history of the changed code was added",
            text=f"{shown[0].upper()}{shown[1:]} on it. What other runs do, and what new ones do, no "
            f"fixture shows.{_of_added(came)}",
            cure="Run it once with the change, then: replaykit capture WORKFLOW_ID",
            workflow_type=name,
        )


def _of_added(histories: Sequence[str]) -> str:
    """Why fixtures that came with a change show nothing of it."""
    if not histories:
        return ""
    those = histories[0] if len(histories) == 1 else f"{histories[0]} and {len(histories) - 1} more"
    return (
        f"\n{those} came with the change. No such run goes through a changed line and asks for what was "
        "recorded, attributes too; or the base has it already."
    )
