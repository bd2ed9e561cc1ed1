"""One Verdict as a short readable block of plain lines: what both doors print for a failure."""

from __future__ import annotations

import textwrap

from replaykit.verdict import Outcome, Verdict

__all__ = ["block", "headline"]

_WIDTH = 80


def headline(verdict: Verdict) -> str:
    """Outcome, and reason where there is one, in one phrase, such as `unjudged (vacuous)`."""
    return f"{verdict.outcome} ({verdict.reason})" if verdict.reason else verdict.outcome.value


def block(verdict: Verdict, *, verbose: bool = False) -> list[str]:
    """The story of one Verdict in fewer than 15 lines, Core's whole text aside.

    Args:
        verdict: One that is not consistent, as a rule.
        verbose: Append `Verdict.detail`, or Core's raw text.
    """
    lines = [f"{verdict.history}: {headline(verdict)}"]
    if verdict.workflow_type:
        lines += _row("workflow", f"{verdict.workflow_type} {verdict.workflow_id or ''}")
        lines += _row("run", verdict.run_id or "")
    divergence = verdict.divergence
    if divergence is not None:
        event = f"event {divergence.event_id}" if divergence.event_id is not None else "an event"
        lines += _row("at", f"{event}, after {_commands(verdict.commands_compared)} that matched")
        lines += _row("recorded", divergence.recorded or "nothing more")
        lines += _row("produced", divergence.produced or "nothing more")
        if divergence.source is not None:
            source = divergence.source
            lines += _row("line", f"{source.file}:{source.line} in {source.function}")
        lines += _row("Temporal", divergence.message)
        if divergence.suggestion:
            lines += _row("cure", divergence.suggestion)
    elif verdict.message:
        lines += _row("why", verdict.message)
    for drift in verdict.drifts[:5]:
        lines += _row(
            "drift", f"event {drift.event_id} {drift.field}: {drift.recorded!r} -> {drift.produced!r}"
        )
    if verbose and verdict.detail:
        lines += ["", *(f"    {line}" for line in verdict.detail.splitlines())]
    return lines


def _commands(count: int) -> str:
    return "1 command" if count == 1 else f"{count} commands"


def _row(label: str, text: str) -> list[str]:
    if not text:
        return []
    head, body = f"  {label:<10}", []
    for paragraph in text.splitlines() or [""]:
        body += textwrap.wrap(
            paragraph, _WIDTH - len(head), break_long_words=False, break_on_hyphens=False
        ) or [""]
    body = body[:6]
    return [f"{head}{body[0]}", *(f"{' ' * len(head)}{line}" for line in body[1:])]


def summary_line(counts: dict[Outcome, int], commands: int, seconds: float) -> str:
    """All counts that are not zero, the commands compared, and the time."""
    parts = [f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]]
    return f"{', '.join(parts)}; {_commands(commands)} compared in {seconds:.1f} s"
