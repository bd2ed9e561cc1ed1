"""Verdicts as a check with evidence makes them, built by hand from gallery fixtures."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta, timezone
from pathlib import Path

from replaykit.history import TimelineRow, read_history, timeline
from replaykit.history.events import is_command_event
from replaykit.history.labels import describe_event
from replaykit.verdict import (
    AlignedStep,
    Divergence,
    Drift,
    Outcome,
    Reason,
    Severity,
    SourceLine,
    SuggestionKind,
    Verdict,
)

__all__ = [
    "HOSTILE",
    "SNIPPET",
    "consistent",
    "diverged",
    "drifted",
    "hostile",
    "long_timeline",
    "open_tail",
    "unjudged",
    "waiting",
]

HISTORIES = Path(__file__).resolve().parents[2] / "histories"
HOSTILE = '</script><script>window.pwned=1</script><img src=x onerror="window.pwned=1">\'"&lt;<!--{{ 7*7 }}'
SNIPPET = 'if workflow.patched("validate-order"):\n    await workflow.sleep(1)'
SOURCE = SourceLine(file="flows.py", line=3, function="run")
_START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


def evidence(folder: str) -> tuple[tuple[AlignedStep, ...], tuple[TimelineRow, ...]]:
    """Steps and timeline of a gallery History whose code has not changed."""
    history = read_history(sorted((HISTORIES / folder).glob("*.json"))[0])
    steps = (
        AlignedStep(
            event_id=event.event_id, recorded=describe_event(event), produced=f"Again {event.event_id}"
        )
        for event in history.events
        if is_command_event(event)
    )
    return tuple(steps), timeline(history)


def consistent(name: str = "order-1", folder: str = "OrderWorkflow") -> Verdict:
    steps, rows = evidence(folder)
    return Verdict(
        history=f"histories/{folder}/{name}.json",
        workflow_type=folder,
        workflow_id=name,
        run_id="019b7c3a-1f00-7abc-8def-6279184bd1cf",
        outcome=Outcome.CONSISTENT,
        commands_compared=len(steps),
        duration_s=0.02,
        steps=steps,
        timeline=rows,
    )


def diverged(name: str = "order-17") -> Verdict:
    """The second activity of an order is another one."""
    steps, rows = evidence("OrderWorkflow")
    first, second, *_ = steps
    divergence = Divergence(
        event_id=second.event_id,
        recorded=second.recorded,
        produced="ScheduleActivity validate_order",
        source=SOURCE,
        message="Activity type of scheduled event does not match",
        suggestion="this is new since the history was recorded. Guard it:\n"
        + "\n".join(f"    {line}" for line in SNIPPET.splitlines()),
        suggestion_kind=SuggestionKind.PATCH,
        before=(first,),
        after=(
            AlignedStep(event_id=None, recorded=None, produced="ScheduleActivity ship_order", matches=False),
        ),
        raw="[TMPRL1100] Nondeterminism error: Core's whole text",
    )
    return Verdict(
        history=f"histories/OrderWorkflow/{name}.json",
        workflow_type="OrderWorkflow",
        workflow_id=name,
        run_id="019b7c3a-1f00-7abc-8def-6279184bd1cf",
        outcome=Outcome.DIVERGED,
        message="event 12 recorded ship_order, and the code asked for validate_order",
        commands_compared=1,
        divergence=divergence,
        steps=(
            first,
            AlignedStep(
                event_id=second.event_id,
                recorded=second.recorded,
                produced=divergence.produced,
                source=SOURCE,
                matches=False,
            ),
        ),
        timeline=rows,
    )


def drifted(name: str = "parent-3") -> Verdict:
    steps, rows = evidence("ParentWorkflow")
    return Verdict(
        history=f"histories/ParentWorkflow/{name}.json",
        workflow_type="ParentWorkflow",
        workflow_id=name,
        outcome=Outcome.DRIFTED,
        commands_compared=len(steps),
        steps=steps,
        timeline=rows,
        drifts=(
            Drift(
                event_id=steps[0].event_id,
                field="activity.start_to_close_timeout",
                recorded="30s",
                produced="60s",
                severity=Severity.BEHAVIOURAL,
                source=SOURCE,
            ),
            Drift(
                event_id=None,
                field="child.input",
                recorded=[{"order": 17, "express": False}],
                produced=[{"order": 17, "express": True}],
                severity=Severity.COSMETIC,
            ),
        ),
    )


def waiting(name: str = "order-18") -> Verdict:
    """The code asks for nothing more: it waits at one line in `run` and at another in a handler."""
    verdict = diverged(name)
    assert verdict.divergence is not None
    return dataclasses.replace(
        verdict,
        message="event 12 recorded ship_order, but the code asked for nothing more",
        divergence=dataclasses.replace(
            verdict.divergence,
            produced=None,
            source=dataclasses.replace(SOURCE, line=1, function="Order"),
            waiting=(SOURCE, dataclasses.replace(SOURCE, line=2, function="approve")),
            after=(),
        ),
    )


def open_tail(name: str = "tail-1") -> Verdict:
    """Two commands beyond the end of the History, each with a cure of its own."""
    verdict = drifted(name)
    tail = [
        Drift(
            event_id=None,
            field="tail.ScheduleActivity",
            recorded=None,
            produced=f"ScheduleActivity {asked}",
            severity=Severity.BEHAVIOURAL,
            source=SOURCE,
            message=f"the history ends at event 42; the code already asks for {asked}",
            suggestion="a run that stands here never asked for it. Guard it:\n"
            f'    if workflow.patched("{asked}"):\n        {asked}()',
        )
        for asked in ("refund", "notify")
    ]
    return dataclasses.replace(verdict, drifts=(verdict.drifts[0], *tail))


def unjudged(name: str = "broken") -> Verdict:
    return Verdict(
        history=f"histories/{name}.json",
        outcome=Outcome.UNJUDGED,
        reason=Reason.UNREADABLE,
        message=f"histories/{name}.json: not JSON",
    )


def hostile() -> Verdict:
    """Every text that comes out of a History or of user code tries to be markup."""
    row = TimelineRow(
        event_id=1,
        time=_START,
        elapsed_s=0.0,
        name="MarkerRecorded",
        label=f"MarkerRecorded {HOSTILE}",
        links=(),
    )
    source = SourceLine(file=HOSTILE, line=1, function=HOSTILE)
    step = AlignedStep(
        event_id=1, recorded=f"A {HOSTILE}", produced=f"B {HOSTILE}", source=source, matches=False
    )
    return Verdict(
        history=HOSTILE,
        workflow_type=HOSTILE,
        workflow_id=HOSTILE,
        run_id=HOSTILE,
        outcome=Outcome.DIVERGED,
        message=HOSTILE,
        detail=HOSTILE,
        divergence=Divergence(
            event_id=1,
            recorded=f"A {HOSTILE}",
            produced=f"B {HOSTILE}",
            source=source,
            message=HOSTILE,
            suggestion=f"{HOSTILE}\n    {HOSTILE}",
            before=(step,),
            after=(step,),
            waiting=(source,),
            disagreement=HOSTILE,
            raw=HOSTILE,
        ),
        drifts=(
            Drift(
                event_id=1,
                field=HOSTILE,
                recorded={HOSTILE: HOSTILE},
                produced=HOSTILE,
                severity=Severity.BEHAVIOURAL,
                source=source,
            ),
            Drift(
                event_id=None,
                field=HOSTILE,
                recorded=None,
                produced=HOSTILE,
                severity=Severity.BEHAVIOURAL,
                message=HOSTILE,
                suggestion=f"{HOSTILE}\n    {HOSTILE}",
            ),
        ),
        steps=(step,),
        timeline=(row,),
    )


def long_timeline(events: int = 5000) -> Verdict:
    """One activity after the other, three events each."""
    rows = [TimelineRow(event_id=1, time=_START, elapsed_s=0.0, name="X", label="X", links=())]
    kinds = ("ActivityTaskScheduled", "ActivityTaskStarted", "ActivityTaskCompleted")
    while len(rows) < events:
        event_id = len(rows) + 1
        place = (event_id - 2) % 3
        rows.append(
            TimelineRow(
                event_id=event_id,
                time=_START + timedelta(seconds=event_id),
                elapsed_s=float(event_id),
                name=kinds[place],
                label=f"{kinds[place]} sweep_{event_id}" if place == 0 else kinds[place],
                links=tuple(range(event_id - place, event_id)),
            )
        )
    return Verdict(
        history="histories/Sweep/sweep.json",
        workflow_type="Sweep",
        workflow_id="sweep",
        outcome=Outcome.CONSISTENT,
        steps=tuple(
            AlignedStep(event_id=row.event_id, recorded=row.label, produced="ScheduleActivity sweep")
            for row in rows
            if row.name == kinds[0]
        ),
        timeline=tuple(rows),
    )
