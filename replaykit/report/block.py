"""One Verdict as a short readable block of plain lines: what both doors print for a failure."""

from __future__ import annotations

import json
import textwrap
from itertools import zip_longest

from replaykit.verdict import Divergence, Drift, Severity, SourceLine, Verdict

__all__ = ["INDENT", "block", "headline"]

_WIDTH = 80
INDENT = 12
"""Columns before the text of a row."""
_COLUMN = 33
_MOST_DRIFTS = 3
_MOST_LINES = 14
_HEAD = 2
"""Lines before those about the divergence itself."""


def headline(verdict: Verdict) -> str:
    """Outcome, and reason where there is one, in one phrase, such as `unjudged (vacuous)`."""
    return f"{verdict.outcome} ({verdict.reason})" if verdict.reason else verdict.outcome.value


def block(verdict: Verdict, *, verbose: bool = False) -> list[str]:
    """The story of one Verdict, in about a dozen lines of 80 columns; code in a cure may be longer.

    Args:
        verdict: One that is not consistent, as a rule.
        verbose: Every drift, and `Verdict.detail`: Core's raw text, or the traceback of workflow code.
    """
    lines = [f"{verdict.history}: {headline(verdict)}"]
    if verdict.workflow_type:
        lines += _row("workflow", f"{verdict.workflow_type} {verdict.workflow_id or ''}")
    if verdict.divergence is not None:
        lines += _divergence(verdict, verdict.divergence)
    elif verdict.message and not verdict.drifts:
        lines += _row("why", verdict.message)
    shown = verdict.drifts if verbose else verdict.drifts[:_MOST_DRIFTS]
    for drift in shown:
        lines += _drift(drift)
    if len(shown) < len(verdict.drifts):
        lines += _row("", f"and {len(verdict.drifts) - len(shown)} more (--verbose)")
    if verbose and verdict.detail:
        lines += ["", *(f"    {line}" for line in verdict.detail.splitlines())]
    return lines


def _divergence(verdict: Verdict, divergence: Divergence) -> list[str]:
    event = (
        f"event {divergence.event_id}"
        if divergence.event_id is not None
        else "an event that Core does not name"
    )
    lines = _row("at", f"{event}, after {_commands(verdict.commands_compared)} that matched")
    if divergence.source is not None:
        last = (
            ", of the last command"
            if divergence.waiting and divergence.source not in divergence.waiting
            else ""
        )
        lines += _row("line", f"{_place(divergence.source)}{last}")
    waiting = [_place(place) for place in divergence.waiting[:2] if place != divergence.source]
    lines += _row("waits", " and ".join(waiting))
    lines.append(f"{'':{INDENT}}{'recorded':<{_COLUMN}}  produced")
    differing, cure = _differing(divergence), _row("cure", divergence.suggestion or "")
    # What comes before and behind gives way to the cure: the block stays something to take in at a glance.
    room = max(0, _MOST_LINES - _HEAD - len(lines) - len(differing) - len(cure))
    before = divergence.before[-min(3, room) :] if room else ()
    lines += [_pair("=", step.event_id, step.recorded, step.produced) for step in before]
    lines += differing
    for step in divergence.after[: min(2, room - len(before))]:
        lines.append(_pair("", step.event_id, step.recorded, step.produced))
    if divergence.disagreement:
        lines += _row("note", divergence.disagreement)
        lines += _row("Temporal", divergence.message)
    return lines + cure


def _differing(divergence: Divergence) -> list[str]:
    """The row that does not fit, whole: wrapped where it is long."""
    sides = [
        textwrap.wrap(side or "nothing more", _COLUMN, break_on_hyphens=False)
        for side in (divergence.recorded, divergence.produced)
    ]
    first, *more = (
        f"{left:<{_COLUMN}}  {right}".rstrip() for left, right in zip_longest(*sides, fillvalue="")
    )
    return [f"{_mark('>', divergence.event_id)}{first}", *(f"{'':{INDENT}}{line}" for line in more)]


def _pair(mark: str, event_id: int | None, recorded: str | None, produced: str | None) -> str:
    left, right = (_cut(side or "", _COLUMN) for side in (recorded, produced))
    return f"{_mark(mark, event_id)}{left:<{_COLUMN}}  {right}".rstrip()


def _mark(mark: str, event_id: int | None) -> str:
    return f"  {mark:<2}{event_id if event_id is not None else '':>6}  "


def _drift(drift: Drift) -> list[str]:
    event = f"event {drift.event_id} " if drift.event_id is not None else ""
    place = f" at {_place(drift.source)}" if drift.source is not None else ""
    cosmetic = " (cosmetic)" if drift.severity is Severity.COSMETIC else ""
    if drift.message is not None:
        return [*_row("drift", f"{drift.message}{cosmetic}"), *_row("cure", drift.suggestion or "")]
    return [
        *_row("drift", f"{event}{drift.field}{cosmetic}{place}"),
        *_row("", f"recorded {_value(drift.recorded)}"),
        *_row("", f"produced {_value(drift.produced)}"),
        *_row("cure", drift.suggestion or ""),
    ]


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr)
    return _cut(" ".join(text.split()), 6 * _COLUMN)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _place(source: SourceLine) -> str:
    return f"{source.file}:{source.line} in {source.function}"


def _commands(count: int) -> str:
    return "1 command" if count == 1 else f"{count} commands"


def _row(label: str, text: str) -> list[str]:
    """A label and its text, wrapped; lines that begin with a space are code and stay as they are."""
    if not text:
        return []
    head, body = f"  {label:<{INDENT - 2}}", []
    for paragraph in text.splitlines():
        if paragraph.startswith(" "):
            body.append(paragraph)
        else:
            body += textwrap.wrap(paragraph, _WIDTH - INDENT, break_long_words=False, break_on_hyphens=False)
    return [f"{head}{body[0]}", *(f"{' ' * INDENT}{line}" for line in body[1:])]
