"""The closing line of a check: what both doors print last about the Verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from replaykit.report.phrases import counted
from replaykit.verdict import Outcome, SuggestionKind, Verdict

__all__ = ["ALL_IGNORED", "HINTS", "has_hints", "ignored_line", "summary_line"]

ALL_IGNORED = (
    "Strict mode compared no attribute: ignore of [tool.replaykit.strict] leaves out all of them. Name the "
    "fields that may differ, such as activity.task_queue"
)


HINTS = "A hint is guessed; replaykit fix finds a guard in the change, and tries it"
_OF_CHANGES = frozenset(
    {
        SuggestionKind.PATCH,
        SuggestionKind.REORDERED,
        SuggestionKind.KEEP_DEPRECATE_PATCH,
        SuggestionKind.REMOVED_TOO_EARLY,
        SuggestionKind.DEPRECATED_TOO_EARLY,
        SuggestionKind.KEEP_HANDLER,
    }
)


def has_hints(verdicts: Iterable[Verdict]) -> bool:
    """Whether any Verdict has a hint in whose place a cure could be found and tried."""
    found = (verdict.divergence for verdict in verdicts)
    return any(each is not None and each.suggestion_kind in _OF_CHANGES for each in found)


def summary_line(
    counts: Mapping[Outcome, int], commands: int, seconds: float, *, strict: bool = False, kept: int = 0
) -> str:
    """All counts that are not zero, what was compared, and the time.

    Args:
        counts: How many Histories came out each way.
        commands: How many commands were compared.
        seconds: What it took.
        strict: Whether attributes were compared too: a green of strict mode proves more.
        kept: How many of the Histories were not replayed, but answered from before.
    """
    parts = [f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]]
    what = counted(commands, "command")
    if strict:
        what += " and its attributes" if commands == 1 else " and their attributes"
    mode = ", strict" if strict else ""
    before = ""
    if kept:
        before = f"; {sum(counts.values()) - kept} replayed, {kept} answered from before"
    return f"{', '.join(parts)}{mode}; {what} compared in {seconds:.1f} s{before}"


def ignored_line(by_preset: Mapping[str, int]) -> str | None:
    """What presets left out of strict mode; None where they left out nothing.

    Args:
        by_preset: By name of a preset, how many attributes that differ.
    """
    if not any(by_preset.values()):
        return None
    parts = (f"{count} ignored by preset {name}" for name, count in sorted(by_preset.items()) if count)
    return f"Attributes that differ: {', '.join(parts)}"
