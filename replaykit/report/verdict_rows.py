"""One Verdict as a short readable block: what both doors print for a failure."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence

from replaykit.history.durations import with_readable_spans
from replaykit.report.phrases import counted, place_in_code, stops_later
from replaykit.report.rows import AnyRow, Block, Head, Line, Pair, Pairs, Row, labelled, plain_lines
from replaykit.verdict import AlignedStep, Divergence, Drift, Outcome, Severity, SuggestionKind, Verdict
from replaykit.visible import visible

__all__ = ["COLOURS", "advice_rows", "block_of", "by_weight", "cure_of", "headline", "rows_of"]

COLOURS = {
    Outcome.CONSISTENT: "green",
    Outcome.DRIFTED: "yellow",
    Outcome.DIVERGED: "red",
    Outcome.UNJUDGED: "magenta",
}
_HINT = "hint"
"""How advice is called that nobody has tried."""
_MOST_DRIFTS = 3
_MOST_LINES = 12
"""Lines about a divergence, its cure among them."""
_MOST_OF_A_VALUE = 198


def headline(verdict: Verdict) -> str:
    """Outcome, and reason where there is one, in one phrase, such as `unjudged (vacuous)`."""
    return f"{verdict.outcome} ({verdict.reason})" if verdict.reason else verdict.outcome.value


def block_of(verdict: Verdict, *, verbose: bool = False) -> Block:
    """The story of one Verdict, in about a dozen lines of 80 columns; code in a cure may be longer.

    Args:
        verdict: One that is not consistent, as a rule.
        verbose: Every drift, and `Verdict.detail`: Core's raw text, or the traceback of workflow code.
    """
    style = f"bold {COLOURS[verdict.outcome]}"
    rows: list[AnyRow] = []
    if verdict.workflow_type:
        rows += labelled("workflow", f"{verdict.workflow_type} {verdict.workflow_id or ''}")
    return Block(
        head=Head(name=f"{verdict.history}: ", text=headline(verdict), style=style),
        rows=(*rows, *rows_of(verdict, verbose=verbose)),
    )


def rows_of(verdict: Verdict, *, verbose: bool = False) -> tuple[AnyRow, ...]:
    """The same without a word on whose Verdict it is."""
    rows: list[AnyRow] = []
    if verdict.divergence is not None:
        rows += _divergence(verdict, verdict.divergence)
    elif verdict.message and not verdict.drifts:
        rows += labelled("why", verdict.message)
    if verdict.stuck is not None and verdict.stuck not in (verdict.message or ""):
        rows += labelled("stuck", f"its last workflow task failed when it was captured: {verdict.stuck}")
    cure = cure_of(verdict)
    if verdict.since is not None:
        rows += labelled("since", verdict.since.in_words(time.time()))
    rows += _drifts(verdict.drifts, cure, verbose=verbose)
    if verbose and verdict.detail:
        rows += [Line(text=""), *(Line(text=line, indent=4) for line in visible(verdict.detail).splitlines())]
    # Last, for all that it is about: media that show many Verdicts show each cure once.
    return (*rows, *advice_rows(verdict))


def advice_rows(verdict: Verdict) -> tuple[Row, ...]:
    """What to do about a Verdict: a cure where that was tried, a hint where it was guessed; none for neither.

    Args:
        verdict: It.
    """
    divergence = verdict.divergence
    is_tried = divergence is not None and divergence.suggestion_kind is SuggestionKind.TRIED
    return labelled("cure" if is_tried else _HINT, cure_of(verdict) or "")


def by_weight(drifts: Iterable[Drift]) -> list[Drift]:
    """Drifts with those that change what the workflow does first; the order is kept among equals."""
    return sorted(drifts, key=lambda drift: drift.severity is Severity.COSMETIC)


def cure_of(verdict: Verdict) -> str | None:
    """The one cure of a Verdict; None for none, and where each of its drifts has its own."""
    if verdict.divergence is not None:
        return verdict.divergence.suggestion
    cures = {drift.suggestion for drift in verdict.drifts}
    return cures.pop() if len(cures) == 1 else None


def _drifts(drifts: Sequence[Drift], cure: str | None, *, verbose: bool) -> list[AnyRow]:
    """What weighs most first, each with its cure unless that is the Verdict's; cosmetic ones are counted."""
    rows: list[AnyRow] = []
    heavy = [drift for drift in drifts if drift.severity is not Severity.COSMETIC]
    shown = by_weight(drifts) if verbose else (heavy or drifts)[:_MOST_DRIFTS]
    known = {cure}
    for drift in shown:
        rows += _drift(drift)
        if drift.suggestion not in known:
            rows += labelled(_HINT, drift.suggestion or "")
            known.add(drift.suggestion)
    left = len(heavy or drifts) - len(shown)
    folded = len(drifts) - len(heavy) if heavy and not verbose else 0
    parts = [f"{left} more"] if left > 0 else []
    parts += [f"{folded} cosmetic"] if folded else []
    if parts:
        rows.append(Row(text=f"and {', '.join(parts)} (--verbose)"))
    return rows


def _divergence(verdict: Verdict, divergence: Divergence) -> list[AnyRow]:
    rows: list[AnyRow] = [*_where(verdict, divergence)]
    differing = Pair(
        event_id=divergence.event_id,
        recorded=divergence.recorded or "nothing more",
        produced=divergence.produced or "nothing more",
        mark=">",
    )
    cure = advice_rows(verdict)
    # What comes before and after gives way to the cure: the block stays something to take in at a glance.
    room = max(0, _MOST_LINES - len(plain_lines([*rows, Pairs(pairs=(differing,)), *cure])))
    before = divergence.before[-min(3, room) :] if room else ()
    after = divergence.after[: min(2, room - len(before))]
    pairs = (*(_pair(step, "=") for step in before), differing, *(_pair(step) for step in after))
    rows.append(Pairs(pairs=pairs))
    if divergence.disagreement:
        rows += labelled("note", divergence.disagreement)
        rows += labelled("Temporal", divergence.message)
    rows += labelled("note", stops_later(divergence) or "")
    return rows


def _where(verdict: Verdict, divergence: Divergence) -> tuple[Row, ...]:
    event = (
        f"event {divergence.event_id}"
        if divergence.event_id is not None
        else "an event that Core does not name"
    )
    rows = labelled("at", f"{event}, after {counted(verdict.commands_compared, 'command')} that matched")
    if divergence.source is not None:
        last = (
            ", of the last command"
            if divergence.waiting and divergence.source not in divergence.waiting
            else ""
        )
        rows += labelled("line", f"{place_in_code(divergence.source)}{last}")
    if divergence.interceptor is not None:
        how = "asked by" if divergence.interceptor.asked else "through"
        rows += labelled(how, f"interceptor {place_in_code(divergence.interceptor)}")
    waiting = [place_in_code(line) for line in divergence.waiting[:2] if line != divergence.source]
    return rows + labelled("waits", " and ".join(waiting))


def _pair(step: AlignedStep, mark: str = "") -> Pair:
    return Pair(event_id=step.event_id, recorded=step.recorded or "", produced=step.produced or "", mark=mark)


def _drift(drift: Drift) -> tuple[Row, ...]:
    cosmetic = " (cosmetic)" if drift.severity is Severity.COSMETIC else ""
    varies = (Row(text=f"differs from run to run: {drift.axis}"),) if drift.axis is not None else ()
    if drift.message is not None:
        return (*labelled("drift", f"{drift.message}{cosmetic}"), *varies)
    event = f"event {drift.event_id} " if drift.event_id is not None else ""
    place = f" at {place_in_code(drift.source)}" if drift.source is not None else ""
    return (
        *labelled("drift", f"{event}{drift.field}{cosmetic}{place}"),
        Row(text=f"recorded {_value(drift.recorded)}"),
        Row(text=f"produced {_value(drift.produced)}"),
        *varies,
    )


def _value(value: object) -> str:
    read = with_readable_spans(value)
    text = read if isinstance(read, str) else json.dumps(read, ensure_ascii=False, default=repr)
    line = " ".join(text.split())
    return line if len(line) <= _MOST_OF_A_VALUE else f"{line[: _MOST_OF_A_VALUE - 1]}…"
