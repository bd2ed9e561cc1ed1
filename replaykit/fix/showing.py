"""What a Fix shows: lines for a terminal, and the JSON report."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from replaykit.fix.cure import Cure, Fix, Place
from replaykit.report.as_json import since_as_data
from replaykit.report.document import Document
from replaykit.verdict import Outcome, Verdict

__all__ = ["Line", "document_of", "lines_of"]

_SHOWN = 5
"""Histories that are named; the others are counted."""
_WIDTH = 80
"""Columns, but for paths and the diff: these stay whole."""


class Line(NamedTuple):
    """One line, and its style in rich's words."""

    text: str
    style: str = ""


def lines_of(fix: Fix) -> Iterator[Line]:
    """A Fix for people in lines of 80 columns, the diff as `git apply` takes it.

    Args:
        fix: What it came to.
    """
    judged = len(fix.verdicts)
    if not fix.broken:
        yield from _nothing_broken(fix)
        return
    breaks = "breaks" if len(fix.broken) == 1 else "break"
    yield Line(f"{len(fix.broken)} of {_counted(judged, 'history', 'histories')} {breaks}", "bold")
    if fix.base:
        yield from _wrapped(f"compared with {fix.base}")
    if fix.since is not None:
        diverge = any(v.outcome is Outcome.DIVERGED for v in fix.verdicts if v.history in fix.broken)
        what = "diverges" if diverge else "breaks"
        yield from _wrapped(f"{what} since {fix.since.in_words(time.time())}")
    yield Line("")
    by_name = {verdict.history: verdict for verdict in fix.verdicts}
    for name in fix.broken[:_SHOWN]:
        yield Line(f"  {name}")
        for part in _parts(by_name[name]):
            yield from _wrapped(part, indent=4)
    if len(fix.broken) > _SHOWN:
        yield Line(f"  and {len(fix.broken) - _SHOWN} more")
    if fix.cure is not None:
        yield Line("")
        yield from _of_cure(fix.cure)
        yield Line("")
    for reason, names in _by_reason(fix).items():
        yield from _wrapped(
            f"no cure for {_counted(len(names), 'history', 'histories')}: {reason}", style="bold red"
        )
        yield from _names(names)
    yield _last(fix)


def _names(names: Sequence[str], style: str = "") -> Iterator[Line]:
    yield from (Line(f"  {name}", style) for name in names[:_SHOWN])
    if len(names) > _SHOWN:
        yield Line(f"  and {len(names) - _SHOWN} more", style)


def _nothing_broken(fix: Fix) -> Iterator[Line]:
    unjudged = [verdict for verdict in fix.verdicts if verdict.outcome is Outcome.UNJUDGED]
    by_reason: dict[str, list[str]] = {}
    for verdict in unjudged:
        by_reason.setdefault(_what(verdict), []).append(verdict.history)
    for reason, names in by_reason.items():
        yield from _names(names, style="yellow")
        yield from _wrapped(f"unjudged: {reason}", indent=4, style="yellow")
    judged = len(fix.verdicts) - len(unjudged)
    if unjudged and not judged:
        yield Line(
            f"nothing could be judged: {_counted(len(unjudged), 'history', 'histories')}", "bold yellow"
        )
    elif unjudged:
        left = _counted(len(unjudged), "history was", "histories were")
        yield Line(f"nothing to fix in {judged} of {len(fix.verdicts)}; {left} not judged", "bold yellow")
    else:
        yield Line(f"nothing to fix: {_counted(judged, 'history replays', 'histories replay')}", "bold green")


def _of_cure(cure: Cure) -> Iterator[Line]:
    for place in cure.places:
        yield Line(f"{place.file}:{place.line} in {place.function}: {_how(place)}")
    for note in cure.notes:
        yield from _wrapped(f"note: {note}", style="yellow")
    yield Line("")
    for text in cure.diff.removesuffix("\n").split("\n"):
        yield Line(text, _STYLES.get(text[:1], "") if text[:3] not in ("+++", "---") else "bold")
    yield Line("")
    yield from (Line(text, "bold") for text in _in_column("tried: ", str(cure.tried).split("; ")))
    for name, why in cure.tried.not_tried.items():
        yield from _wrapped(f"not tried on grown runs of {name}: {why}", style="yellow")


def _wrapped(text: str, *, indent: int = 0, style: str = "") -> Iterator[Line]:
    margin = " " * indent
    wrapped = textwrap.wrap(
        text, _WIDTH, initial_indent=margin, subsequent_indent=margin,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    yield from (Line(line, style) for line in wrapped)


def _in_column(title: str, parts: Iterable[str]) -> Iterator[str]:
    """A title, and beside it one part a line."""
    for number, part in enumerate(parts):
        yield (title if number == 0 else " " * len(title)) + part


_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def _how(place: Place) -> str:
    return f"patch {place.patch_id!r}" if place.patch_id else "as in the base"


def _last(fix: Fix) -> Line:
    if fix.applied:
        return Line("applied: look at it with git diff, and commit it", "bold green")
    if fix.cure is not None:
        return Line("write it into the files: replaykit fix --apply", "bold")
    return Line("no guard that was tried lets these runs survive the change", "bold red")


def _what(verdict: Verdict) -> str:
    return ", and ".join(_parts(verdict))


def _parts(verdict: Verdict) -> Sequence[str]:
    """What is wrong: what was recorded, and what the code asks for; else why there is no more to say."""
    divergence = verdict.divergence
    if divergence is None:
        return [(verdict.message or str(verdict.reason or "")).partition("\n")[0]]
    asked = divergence.produced or "nothing more"
    return [f"event {divergence.event_id}: {divergence.recorded}", f"the code asks for {asked}"]


def _by_reason(fix: Fix) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, reason in fix.uncured.items():
        found.setdefault(reason, []).append(name)
    return found


def document_of(fix: Fix) -> Document:
    """A Fix as the JSON report of `replaykit fix`.

    Args:
        fix: What it came to.
    """
    by_name = {verdict.history: verdict for verdict in fix.verdicts}
    return Document(
        report="fix",
        data={
            "exit_code": fix.exit_code,
            "summary": {
                "histories": len(fix.verdicts),
                "broken": len(fix.broken),
                "cured": len(fix.cure.histories) if fix.cure is not None else 0,
            },
            "base": fix.base or None,
            "since": since_as_data(fix.since),
            "broken": [
                {
                    "history": name,
                    "workflow_type": by_name[name].workflow_type,
                    "message": _what(by_name[name]),
                    "cured": name not in fix.uncured,
                    "reason": fix.uncured.get(name),
                }
                for name in fix.broken
            ],
            "cure": _cure(fix.cure) if fix.cure is not None else None,
            "applied": fix.applied,
        },
    )


def _cure(cure: Cure) -> dict[str, Any]:
    return {
        "patch_ids": list(cure.patch_ids),
        "places": [
            {
                "file": place.file,
                "line": place.line,
                "function": place.function,
                "patch_id": place.patch_id or None,
                "in_loop": place.in_loop,
            }
            for place in cure.places
        ],
        "diff": cure.diff,
        "files": dict(cure.after),
        "notes": list(cure.notes),
        "tried": {
            "text": str(cure.tried),
            "histories": cure.tried.histories,
            "others": cure.tried.others,
            "base_runs": cure.tried.base_runs,
            "new_runs": cure.tried.new_runs,
            "candidates": cure.tried.candidates,
            "not_tried": dict(cure.tried.not_tried),
        },
    }


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
