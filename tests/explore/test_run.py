"""The whole of an exploration as a value: how its process ends, and what it leaves in a folder."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.config import Config, WorkerConfig
from replaykit.explore.rows import rows_of_explored, totals
from replaykit.explore.run import Effort, ExploreRun, run_explore
from replaykit.explore.searching.futures import Future
from replaykit.explore.searching.summary import Explored, Story, Summary
from replaykit.history import find_fixtures, read_history
from replaykit.replay.raised import NEVER_YIELDED
from replaykit.report.rows import plain_lines
from replaykit.verdict import Divergence, Outcome, Reason, SourceLine, Verdict
from tests.history.builders import HistoryBuilder

RUNNER = UnsandboxedWorkflowRunner()
DIVERGENCE = Divergence(event_id=5, recorded="a", produced="b", message="it differs", raw="")
STORY = Story(lines=("starts",), history=HistoryBuilder().history())


def summary(*findings: str, started: int = 3) -> Summary:
    return Summary(
        workflow_type="Order",
        scenarios=3,
        started=started,
        steps=9,
        seconds=0.5,
        statuses={"COMPLETED": 3},
        command_pairs=2,
        lines=frozenset(),
        raised={},
        refused={},
        unhindered=3,
        problems={},
        findings=dict.fromkeys(findings, STORY),
    )


def explored(*findings: str, started: int = 3) -> Explored:
    verdict = Verdict(history="grown", outcome=Outcome.DIVERGED, divergence=DIVERGENCE)
    return Explored(summary=summary(*findings, started=started), verdicts=dict.fromkeys(findings, verdict))


def future(*stops: str) -> Future:
    return Future(name="a.json", verdict=None, summary=summary(*stops), starts=1)


def before(outcome: Outcome, reason: Reason | None = None) -> Future:
    divergence = DIVERGENCE if outcome is Outcome.DIVERGED else None
    verdict = Verdict(history="b.json", outcome=outcome, reason=reason, divergence=divergence)
    return Future(name="b.json", verdict=verdict)


STUCK = before(Outcome.UNJUDGED, Reason.WORKFLOW_TASK_FAILED)
NEVER = explored(started=0)
"""Whose code fails its first workflow task whatever it is given."""
NOWHERE = Future(name="c.json", verdict=None)
"""A closed run without a place inside it to go on from."""
SLOW = before(Outcome.UNJUDGED, Reason.TIMED_OUT)


@pytest.mark.parametrize(
    ("workflows", "futures", "code"),
    [
        ((), (), 2),
        ((explored(),), (), 0),
        ((explored(), explored("one")), (), 1),
        ((), (future(),), 0),
        ((), (future("stop"),), 1),
        ((), (future(), before(Outcome.DIVERGED)), 1),
        ((), (STUCK,), 1),
        ((), (SLOW,), 2),
        ((), (SLOW, future()), 2),
        ((), (SLOW, future("stop")), 1),
        ((NEVER,), (), 2),
        ((NEVER, explored()), (), 2),
        ((NEVER, explored("one")), (), 1),
        ((), (NOWHERE,), 2),
        ((), (NOWHERE, future()), 0),
    ],
)
def test_exit_codes(workflows: tuple[Explored, ...], futures: tuple[Future, ...], code: int) -> None:
    run = ExploreRun(base=None, explored=workflows, futures=futures, kept={}, stops={})
    assert run.exit_code == code
    assert run.is_empty == all(each in (NEVER, NOWHERE) for each in (*workflows, *futures))


def test_the_last_line_has_what_was_never_reached() -> None:
    one = dataclasses.replace(explored(), unreached=(("app.py", 3), ("app.py", 4)))
    other = dataclasses.replace(explored(), unreached=(("app.py", 4),))
    run = ExploreRun(base=None, explored=(one, other), futures=(), kept={}, stops={})
    assert totals(run).endswith("; 2 lines never reached")
    whole = ExploreRun(base=None, explored=(explored(),), futures=(), kept={}, stops={})
    assert "never reached" not in totals(whole)


class Watching:
    def __init__(self) -> None:
        self.seen: list[tuple[str, Mapping[str, Path]]] = []

    def explored(self, explored: Explored, root: Path, kept: Mapping[str, Path]) -> None:
        self.seen.append((explored.summary.workflow_type, dict(kept)))

    def future(self, future: Future, kept: Mapping[str, Path]) -> None:
        raise AssertionError("no run was recorded")

    def note(self, message: str) -> None:
        raise AssertionError(message)


def explore_changing(keep: Path, seed: int) -> tuple[ExploreRun, Watching]:
    """The code of `Changing` asks for another activity each time."""
    worker = WorkerConfig(
        workflows=("tests.explore.test_assertions:Changing",), workflow_runner=f"{__name__}:RUNNER"
    )
    watching = Watching()
    config = Config(root=Path(__file__).resolve().parents[2], workers=(worker,))
    effort = Effort(seconds=30, scenarios=10, seed=seed)
    return run_explore(config, (), effort, keep=keep, watcher=watching), watching


@pytest.mark.exhaustive
def notes(raised: Mapping[str, Story], *timed_out: str) -> list[str]:
    """What the terminal shows of what the code raised, beside findings of that reason."""
    verdict = Verdict(history="grown", outcome=Outcome.UNJUDGED, reason=Reason.TIMED_OUT)
    found = Explored(
        summary=dataclasses.replace(summary(*timed_out), raised=raised),
        verdicts=dict.fromkeys(timed_out, verdict),
    )
    shown = plain_lines(rows_of_explored(found, Path(), {}))
    return [line.strip() for line in shown if "note: " in line]


def test_what_the_code_raised_at_one_line_is_one_note() -> None:
    there = dataclasses.replace(STORY, source=SourceLine(file="flows.py", line=7, function="run"))
    raised = {"KeyError: 'a'": STORY, "KeyError: 'b'": STORY, "KeyError: 'c'": there, "OSError: d": STORY}
    assert notes(raised) == [
        "note: the code that grew it raised KeyError: 'a' after its start (and 1 more of KeyError there)",
        "note: the code that grew it raised KeyError: 'c' after its start",
        "note: the code that grew it raised OSError: d after its start",
    ]


def test_code_that_never_yielded_is_a_note_where_it_is_no_finding() -> None:
    """Tracing slows code down: what a replay comes past is none."""
    there = dataclasses.replace(STORY, source=SourceLine(file="flows.py", line=7, function="run"))
    raised = {f"{NEVER_YIELDED}: an endless loop": there}
    (note,) = notes(raised)
    assert note == "note: stuck after its start: the code never yielded: an endless loop, flows.py:7 in run"
    assert notes(raised, "timed_out | flows.py:7") == []


@pytest.mark.exhaustive
def test_findings_are_kept_as_they_come_in(tmp_path: Path) -> None:
    """None of them overwrites another, which can have its name: of this search, or of one before."""
    kept: set[Path] = set()
    for seed in (1, 2):
        found, watching = explore_changing(tmp_path, seed)
        assert found.exit_code == 1
        assert found.kept.keys() == found.explored[0].verdicts.keys()
        assert watching.seen == [("Changing", found.kept)]
        for key, path in found.kept.items():
            assert read_history(path).events == found.explored[0].summary.findings[key].history.events
        kept |= set(found.kept.values())
    assert set(find_fixtures([tmp_path])) == kept
