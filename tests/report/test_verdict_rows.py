"""The block of a failure: fewer than 15 lines, 80 columns, both sides, the cure."""

from __future__ import annotations

from replaykit.report.rows import plain_lines
from replaykit.report.verdict_rows import block_of, headline
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

LINE = SourceLine(file="app/workflows.py", line=31, function="run")


def lines_of(verdict: Verdict, *, verbose: bool = False) -> list[str]:
    return plain_lines(block_of(verdict, verbose=verbose).whole)


def step(number: int, *, matches: bool = True) -> AlignedStep:
    return AlignedStep(
        event_id=number,
        recorded=f"ActivityTaskScheduled step_{number}_of_the_long_chain",
        produced=f"ScheduleActivity step_{number}_of_the_long_chain",
        matches=matches,
    )


def diverged(**changes: object) -> Verdict:
    fields: dict[str, object] = {
        "event_id": 23,
        "recorded": "ActivityTaskScheduled process_payment",
        "produced": "ScheduleActivity validate_order",
        "source": LINE,
        "message": "Activity type of scheduled event 'a' does not match",
        "suggestion": 'Guard it:\n    if workflow.patched("x"):\n        await f()',
        "suggestion_kind": SuggestionKind.PATCH,
        "before": tuple(step(n) for n in (5, 11, 17)),
        "after": tuple(step(n, matches=False) for n in (29, 35, 41)),
        "raw": "4: Failure { ... }",
        **changes,
    }
    return Verdict(
        history="histories/Order/a.json",
        workflow_type="Order",
        workflow_id="a",
        outcome=Outcome.DIVERGED,
        message="short",
        detail="4: Failure { ... }",
        commands_compared=3,
        divergence=Divergence(**fields),  # type: ignore[arg-type]
    )


def test_the_fullest_block_is_short_and_narrow() -> None:
    lines = lines_of(diverged())
    assert len(lines) < 15
    assert max(map(len, lines)) <= 80
    assert lines[:5] == [
        "histories/Order/a.json: diverged",
        "  workflow  Order a",
        "  at        event 23, after 3 commands that matched",
        "  line      app/workflows.py:31 in run",
        "            recorded                           produced",
    ]
    assert [line[2] for line in lines[5:8]] == ["=", "=", "="]
    assert lines[8:10] == [
        "  >     23  ActivityTaskScheduled              ScheduleActivity validate_order",
        "            process_payment",
    ]
    assert lines[-3:] == [
        "  hint      Guard it:",
        '                if workflow.patched("x"):',
        "                    await f()",
    ]
    assert not any("Failure {" in line for line in lines)


def test_the_raw_text_is_there_when_asked_for() -> None:
    lines = lines_of(diverged(), verbose=True)
    assert lines.index("    4: Failure { ... }") == lines.index("  hint      Guard it:") - 1


def test_a_side_that_is_nothing_says_so() -> None:
    lines = lines_of(diverged(produced=None, before=(), after=()))
    assert "  >     23  ActivityTaskScheduled              nothing more" in lines


def test_where_temporal_stops_later_stands_in_a_note() -> None:
    lines = lines_of(diverged(event_id=5, stopped_at=23, suggestion=None))
    note = " ".join(" ".join(lines).split())
    assert "note Temporal stops at event 23; the arguments show that the change is at event 5" in note


def test_a_disagreement_is_never_hidden() -> None:
    lines = lines_of(diverged(disagreement="Core sees it at event 7", suggestion=None))
    assert "  note      Core sees it at event 7" in lines
    assert any(line.startswith("  Temporal  Activity type") for line in lines)


def test_an_unjudged_history_says_why() -> None:
    verdict = Verdict(
        history="a.json", outcome=Outcome.UNJUDGED, reason=Reason.VACUOUS, message="nothing to compare"
    )
    assert headline(verdict) == "unjudged (vacuous)"
    assert lines_of(verdict) == ["a.json: unjudged (vacuous)", "  why       nothing to compare"]


def test_drifts_show_both_values_and_only_the_first_few() -> None:
    drifts = tuple(
        Drift(
            event_id=n,
            field="activity.start_to_close_timeout",
            recorded="10s",
            produced={"seconds": n},
            severity=Severity.BEHAVIOURAL if n else Severity.COSMETIC,
            source=LINE,
        )
        for n in range(5)
    )
    verdict = Verdict(history="a.json", outcome=Outcome.DRIFTED, message="5 drifts", drifts=drifts)
    lines = lines_of(verdict)
    assert lines[1:5] == [
        "  drift     event 1 activity.start_to_close_timeout at app/workflows.py:31 in",
        "            run",
        "            recorded 10s",
        '            produced {"seconds": 1}',
    ]
    assert lines[-1] == "            and 1 more, 1 cosmetic (--verbose)"
    assert not any("(cosmetic)" in line for line in lines)
    whole = lines_of(verdict, verbose=True)
    assert [line.split()[2] for line in whole if "  drift " in line] == ["1", "2", "3", "4", "0"]
    assert whole[-4].startswith("  drift     event 0 activity.start_to_close_timeout (cosmetic)")


def drift(number: int, severity: Severity = Severity.BEHAVIOURAL, cure: str | None = None) -> Drift:
    return Drift(event_id=number, field="timer.x", recorded=1, produced=2, severity=severity, suggestion=cure)


def drifted(*drifts: Drift) -> Verdict:
    return Verdict(history="a.json", outcome=Outcome.DRIFTED, message="drifts", drifts=drifts)


def test_a_cosmetic_drift_that_fails_alone_is_shown() -> None:
    lines = lines_of(drifted(drift(5, Severity.COSMETIC)))
    assert lines[1] == "  drift     event 5 timer.x (cosmetic)"
    assert not any("--verbose" in line for line in lines)


def test_one_cure_of_many_drifts_is_shown_once_and_last() -> None:
    lines = lines_of(drifted(*(drift(n, cure="Do it.") for n in range(3))))
    assert [n for n, line in enumerate(lines) if "Do it." in line] == [len(lines) - 1]


def test_two_cures_stand_with_their_drifts() -> None:
    lines = lines_of(drifted(drift(1, cure="One."), drift(2, cure="Two."), drift(3, cure="One.")))
    assert [line.split()[-1] for line in lines if "hint" in line] == ["One.", "Two."]
    assert lines.index("  hint      One.") < lines.index("  drift     event 2 timer.x")
