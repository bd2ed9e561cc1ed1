"""The rules, as a table: what is known of a patch, and where it stands."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from replaykit.capture import VisibleRun
from replaykit.code.patch_calls import PatchCall
from replaykit.patches.patch import Evidence, Seen, State, Took
from replaykit.patches.state import judge

DAY = datetime(2026, 1, 2, 3, 4, tzinfo=timezone.utc)
PATCHED = PatchCall(name="patched", patch_id="p", file="w.py", line=3, function="run")
DEPRECATED = PatchCall(name="deprecate_patch", patch_id="p", file="w.py", line=3, function="run")
COMPUTED = PatchCall(name="patched", patch_id=None, file="w.py", line=9, function="run")


def run(took: Took, *, closed: bool = False, age: int = 0, diverged: bool = False, **options: Any) -> Seen:
    known = VisibleRun(
        workflow_id=f"order-{age}",
        run_id=f"run-{age}",
        workflow_type="Order",
        started=DAY - timedelta(days=age),
        closed=DAY if closed else None,
        **options,
    )
    return Seen(took=took, diverged=diverged, run=known)


def fixture(took: Took) -> Seen:
    return Seen(took=took, fixture="histories/Order/a.json")


OLD, OLD_CLOSED = run(Took.OLD), run(Took.OLD, closed=True)
MARKED, MARKED_CLOSED = run(Took.MARKED), run(Took.MARKED, closed=True)
SPENT, NOT_REACHED = run(Took.DEPRECATED), run(Took.NOT_REACHED)
BROKEN, BROKEN_CLOSED = run(Took.OLD, diverged=True), run(Took.OLD, diverged=True, closed=True)
PINNED_OLD, PINNED_MARKED = run(Took.OLD, pinned=True), run(Took.MARKED, pinned=True)

TABLE: list[tuple[str, tuple[PatchCall, ...], tuple[Seen, ...], State]] = [
    ("nothing is known of it", (PATCHED,), (), State.NEW),
    ("only old runs", (PATCHED,), (OLD, NOT_REACHED), State.NEW),
    ("an old run is open", (PATCHED,), (OLD, MARKED), State.ACTIVE),
    ("an old run is closed", (PATCHED,), (OLD_CLOSED, MARKED), State.ACTIVE),
    ("one that may be old", (PATCHED,), (run(Took.UNKNOWN), MARKED), State.ACTIVE),
    ("none is old", (PATCHED,), (MARKED,), State.MAY_BE_DEPRECATED),
    ("none is past the call", (PATCHED,), (MARKED, NOT_REACHED), State.MAY_BE_DEPRECATED),
    ("an old run is pinned to its version", (PATCHED,), (MARKED, PINNED_OLD), State.MAY_BE_DEPRECATED),
    ("rolled back from deprecate_patch", (PATCHED,), (SPENT, OLD), State.ACTIVE),
    ("both calls: the old branch is there", (PATCHED, DEPRECATED), (MARKED, OLD), State.ACTIVE),
    ("an old run is open, its branch gone", (DEPRECATED,), (BROKEN, MARKED), State.REMOVED_TOO_EARLY),
    ("an old run is closed, its branch gone", (DEPRECATED,), (BROKEN_CLOSED,), State.REMOVED_TOO_EARLY),
    ("never patched, and the code fits it", (DEPRECATED,), (OLD, SPENT), State.MAY_BE_REMOVED),
    ("a marker is open", (DEPRECATED,), (MARKED, SPENT), State.DEPRECATED),
    ("a marker is closed", (DEPRECATED,), (MARKED_CLOSED,), State.DEPRECATED),
    ("a marker is pinned", (DEPRECATED,), (PINNED_MARKED,), State.MAY_BE_REMOVED),
    ("only deprecated markers", (DEPRECATED,), (SPENT, NOT_REACHED), State.MAY_BE_REMOVED),
    ("no call, and a marker is open", (), (MARKED,), State.REMOVED_TOO_EARLY),
    ("no call, and a marker is closed", (), (MARKED_CLOSED,), State.REMOVED_TOO_EARLY),
    ("no call, and a marker is pinned", (), (PINNED_MARKED,), State.UNKNOWN_IN_CODE),
    ("no call, and only deprecated markers", (), (SPENT,), State.UNKNOWN_IN_CODE),
]


@pytest.mark.parametrize(
    ("calls", "runs", "state"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_the_state(calls: tuple[PatchCall, ...], runs: tuple[Seen, ...], state: State) -> None:
    patch = judge(Evidence(patch_id="p", worker="default", calls=calls, runs=runs))
    assert patch.state is state
    assert patch.reason
    assert patch.advice


@pytest.mark.parametrize(
    ("calls", "runs", "state"),
    [
        ((PATCHED,), (OLD_CLOSED, MARKED), State.MAY_BE_DEPRECATED),
        ((PATCHED,), (OLD, MARKED), State.ACTIVE),
        ((DEPRECATED,), (MARKED_CLOSED,), State.MAY_BE_REMOVED),
        ((DEPRECATED,), (BROKEN_CLOSED,), State.MAY_BE_REMOVED),
        ((), (MARKED_CLOSED,), State.UNKNOWN_IN_CODE),
        ((), (MARKED,), State.REMOVED_TOO_EARLY),
    ],
)
def test_closed_runs_may_be_left_out(
    calls: tuple[PatchCall, ...], runs: tuple[Seen, ...], state: State
) -> None:
    evidence = Evidence(patch_id="p", worker="default", calls=calls, runs=runs, closed_not_seen=7)
    assert judge(evidence, open_only=True).state is state


@pytest.mark.parametrize(
    ("calls", "state"),
    [
        ((PATCHED,), State.ACTIVE),
        ((DEPRECATED,), State.DEPRECATED),
        ((), State.UNKNOWN_IN_CODE),
    ],
)
def test_without_the_service_no_step_is_advised(calls: tuple[PatchCall, ...], state: State) -> None:
    patch = judge(
        Evidence(patch_id="p", worker="default", calls=calls, fixtures=(fixture(Took.MARKED),), runs=None)
    )
    assert patch.state is state
    assert patch.reason.endswith("1 fixture carries its marker; the service was not asked")


@pytest.mark.parametrize("calls", [(PATCHED,), (DEPRECATED,)])
@pytest.mark.parametrize("unseen", [{"open_not_seen": 3}, {"closed_not_seen": 3}])
def test_runs_that_nobody_looked_at_hold_it_back(
    calls: tuple[PatchCall, ...], unseen: dict[str, Any]
) -> None:
    runs = (MARKED,) if calls == (PATCHED,) else (SPENT,)
    patch = judge(Evidence(patch_id="p", worker="default", calls=calls, runs=runs, **unseen))
    assert patch.state in (State.ACTIVE, State.DEPRECATED)
    kind = "open" if "open_not_seen" in unseen else "closed"
    assert patch.reason == f"3 {kind} runs not looked at"
    assert "--most N" in patch.advice


def test_the_reason_has_numbers_and_the_oldest_run() -> None:
    runs = (run(Took.OLD, age=3), run(Took.UNKNOWN, age=9), run(Took.OLD, age=5, closed=True), MARKED)
    patch = judge(Evidence(patch_id="p", worker="default", calls=(PATCHED,), runs=runs))
    assert patch.reason == (
        "2 open and 1 closed runs took the old branch (1 of them perhaps: a replay did not show it); "
        "the oldest: order-9 (open, since 2025-12-24 03:04 UTC)"
    )
    assert [seen.run.workflow_id for seen in patch.held_by if seen.run] == ["order-9", "order-3", "order-5"]


def test_a_computed_id_may_be_the_missing_one() -> None:
    evidence = Evidence(patch_id="p", worker="default", computed=(COMPUTED,), runs=(MARKED,))
    patch = judge(evidence)
    assert (patch.state, patch.reason) == (
        State.UNKNOWN_IN_CODE,
        "no call names it, but ids are computed at w.py:9",
    )
    broken = Evidence(
        patch_id="p", worker="default", computed=(COMPUTED,), runs=(run(Took.MARKED, diverged=True),)
    )
    assert judge(broken).state is State.REMOVED_TOO_EARLY


@pytest.mark.parametrize(
    ("fixtures", "runs", "needs"),
    [
        ((), (OLD, MARKED), "needs a pre-patch fixture: capture one of order-0"),
        ((fixture(Took.OLD),), (OLD, MARKED), "needs a fixture with the marker: capture one of order-0"),
        ((fixture(Took.OLD), fixture(Took.MARKED)), (OLD, MARKED), None),
        ((fixture(Took.MARKED),), (MARKED,), None),
        ((fixture(Took.MARKED),), None, "needs a pre-patch fixture: capture a run that went past the call "
         "before it was there"),
    ],
)  # fmt: skip
def test_the_branch_that_no_fixture_reaches(
    fixtures: tuple[Seen, ...], runs: tuple[Seen, ...] | None, needs: str | None
) -> None:
    evidence = Evidence(patch_id="p", worker="default", calls=(PATCHED,), fixtures=fixtures, runs=runs)
    assert judge(evidence).needs == needs


@pytest.mark.parametrize(
    ("calls", "runs", "took"),
    [((PATCHED,), (MARKED,), Took.OLD), ((DEPRECATED,), (SPENT,), Took.MARKED)],
)
@pytest.mark.parametrize(
    ("count", "shown"),
    [(1, "a.json too: no run is like it"), (5, "a.json and 2 more too: no run is like them")],
)
def test_fixtures_that_the_step_breaks_go_with_it(
    calls: tuple[PatchCall, ...], runs: tuple[Seen, ...], took: Took, count: int, shown: str
) -> None:
    fixtures = (*[fixture(took)] * count, fixture(Took.NOT_REACHED))
    evidence = Evidence(patch_id="p", worker="default", calls=calls, runs=runs, fixtures=fixtures)
    advice = judge(evidence).advice
    assert "Delete histories/Order/a.json" in advice
    assert shown in advice
    assert 'waived: rule = "deleted-fixture", in a change of its own' in advice
    assert advice.endswith("--accept-weaker-policy.")
