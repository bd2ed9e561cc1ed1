"""The seam: sources in, Verdicts out, one after the other or one alone."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from replaykit.check import Check, Fixture, Judge, Judgeable, Named
from replaykit.config import StrictPolicy, StrictRules
from replaykit.history import History, read_history
from replaykit.limits import Limits
from replaykit.replay.diagnosis import Diagnosis
from replaykit.replay.session import ReplaySession
from replaykit.verdict import Outcome, Reason, Verdict
from tests.check.gallery import CONFIG, FIXTURES, ROOT, checked
from tests.history.no_files import NO_FILES

ORDERS = sorted((ROOT / "histories" / "OrderWorkflow").glob("order-v3--*.json"))
PATCH = "validate-before-payment"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")


def steady(verdict: Verdict) -> Verdict:
    return dataclasses.replace(verdict, duration_s=0.0)


def test_a_history_of_the_sdk_is_judged_as_its_fixture() -> None:
    given = WorkflowHistory.from_json("order-v3", ORDERS[0].read_text(encoding="utf-8"))
    with Check(CONFIG) as judge:
        verdict, fixture = judge.judge(given), judge.judge(ORDERS[0])
        (among_others,) = judge.judge_all([given])
    assert (verdict.outcome, verdict.commands_compared) == (Outcome.CONSISTENT, fixture.commands_compared)
    assert (verdict.workflow_id, verdict.run_id) == (fixture.workflow_id, fixture.run_id)
    assert verdict.history == verdict.workflow_id
    assert steady(among_others) == steady(verdict)


def test_a_history_of_the_sdk_without_events_is_unjudged_under_its_id() -> None:
    with Check(CONFIG) as judge:
        verdict = judge.judge(WorkflowHistory("empty-1", []))
    assert (verdict.outcome, verdict.history) == (Outcome.UNJUDGED, "empty-1")


def test_a_history_of_the_sdk_that_the_code_does_not_fit_diverges() -> None:
    events = [*read_history(ORDERS[0]).events]
    changed = HistoryEvent()
    for at, event in enumerate(events):
        if event.HasField("activity_task_scheduled_event_attributes"):
            changed.CopyFrom(event)
            changed.activity_task_scheduled_event_attributes.activity_type.name = "another"
            events[at] = changed
            break
    with Check(CONFIG) as judge:
        assert judge.judge(WorkflowHistory("order-v3", events)).outcome is Outcome.DIVERGED


@pytest.mark.parametrize("given", ["histories/x.json", 3, [], {"events": []}])
def test_what_is_no_history_at_all_is_refused_by_its_type(given: Any) -> None:
    with Check(CONFIG) as judge, pytest.raises(TypeError, match=f"got {type(given).__name__}"):
        judge.judge(given)


def test_a_source_alone_is_judged_as_it_is_among_others(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    history = read_history(ORDERS[0])
    sources: list[Judgeable] = [
        ORDERS[0],
        broken,
        history,
        Named(history=history, name="renamed"),
        dataclasses.replace(history, path=None),
        dataclasses.replace(history, path=None, task_queue="elsewhere"),
    ]
    with Check(CONFIG) as in_process:
        judge: Judge = in_process
        together = [steady(verdict) for verdict in judge.judge_all(sources)]
        assert [steady(judge.judge(source)) for source in sources] == together
    usual = ORDERS[0].relative_to(ROOT).as_posix()
    assert [verdict.history for verdict in together] == [
        usual,
        str(broken),
        usual,
        "renamed",
        history.workflow_id,
        history.workflow_id,
    ]
    assert [verdict.reason for verdict in together] == [
        None,
        Reason.UNREADABLE,
        None,
        None,
        None,
        Reason.UNKNOWN_WORKFLOW,
    ]


@POSIX
def test_what_is_no_file_costs_itself_alone(tmp_path: Path) -> None:
    for kind, (make, _) in NO_FILES.items():
        (tmp_path / kind).mkdir()
        make(tmp_path / kind / "x.json")
    shutil.copyfile(ORDERS[0], tmp_path / "good.json")
    report = checked(CONFIG, [tmp_path])
    assert report.exit_code == 2
    assert report.count(Outcome.CONSISTENT) == 1
    unread = {Path(verdict.history).parent.name: verdict for verdict in report.verdicts if verdict.reason}
    assert unread.keys() == NO_FILES.keys()
    for kind, (_, message) in NO_FILES.items():
        assert unread[kind].reason is Reason.UNREADABLE
        assert message in (unread[kind].message or "")


def test_a_breakdown_of_ours_costs_one_history(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnose = ReplaySession.diagnose

    def broken(session: ReplaySession, history: History) -> Diagnosis:
        if history.path == ORDERS[0]:
            raise LookupError("ours")
        return diagnose(session, history)

    monkeypatch.setattr(ReplaySession, "diagnose", broken)
    other = next((ROOT / "histories" / "OrderWorkflow").glob("order-v1--*.json"))
    first, second = checked(CONFIG, [ORDERS[0], other]).verdicts
    assert (first.reason, second.outcome) == (Reason.CRASHED, Outcome.CONSISTENT)
    assert first.message == "replaykit broke down under this history: LookupError. Please report it"
    assert "LookupError: ours" in (first.detail or "")


def test_the_configured_limits_hold_for_every_reader() -> None:
    tight = dataclasses.replace(CONFIG, limits=Limits(events=5))
    report = checked(tight, ORDERS[:1], with_self_test=True)
    assert [verdict.reason for verdict in report.verdicts] == [Reason.UNREADABLE]
    assert "at most 5 are read. Raise `events`" in (report.verdicts[0].message or "")
    assert report.self_test is not None
    assert report.self_test.mutated == ()
    with Check(tight) as judge:
        assert judge.known(ORDERS[0]).workflow_type is None


def test_verdicts_come_one_by_one() -> None:
    asked: list[Path] = []

    def sources() -> Iterator[Path]:
        for path in ORDERS * 2:
            asked.append(path)
            yield path

    with Check(CONFIG) as judge:
        next(judge.judge_all(sources()))
    assert len(asked) == 1


def test_a_verdict_knows_the_patches_of_its_history() -> None:
    with Check(CONFIG) as judge:
        assert judge.judge(ORDERS[0]).markers == (PATCH,)
        # Nothing is replayed where no worker is found; the History still has its markers.
        verdict = judge.judge(dataclasses.replace(read_history(ORDERS[0]), task_queue="elsewhere"))
        assert (verdict.reason, verdict.markers) == (Reason.UNKNOWN_WORKFLOW, (PATCH,))
        (before,) = (ROOT / "histories" / "OrderWorkflow").glob("order-v1--*.json")
        assert judge.judge(before).markers == ()


def test_histories_of_one_marker_are_counted_over_a_whole_check(tmp_path: Path) -> None:
    gone = dataclasses.replace(CONFIG, root=ROOT).with_workflows(["tests.gallery.order.v1"])
    for index in (1, 2):
        (tmp_path / f"{index}.json").write_bytes(ORDERS[0].read_bytes())
    report = checked(gone, [tmp_path])
    for verdict in report.verdicts:
        assert verdict.divergence is not None
        assert (verdict.divergence.suggestion or "").endswith("2 of the histories carry this marker.")
    (alone,) = checked(gone, [tmp_path / "1.json"]).verdicts
    assert alone.divergence is not None
    assert "carry this marker" not in (alone.divergence.suggestion or "")


def test_what_is_known_of_a_fixture_comes_back_from_plain_data() -> None:
    verdict = Verdict(
        history="histories/Order/1.json",
        workflow_type="Order",
        outcome=Outcome.CONSISTENT,
        commands_compared=3,
        worker="eu",
        foreign_encodings=("binary/encrypted", "json/sealed"),
    )
    facts = Fixture.of(verdict).facts()
    assert all(type(value) in (str, int) for value in facts.values())
    assert Fixture.of_facts(facts) == Fixture.of(verdict)
    unread = Fixture(history="broken.json", workflow_type=None, worker=None)
    assert Fixture.of_facts(unread.facts()) == unread


@pytest.mark.parametrize(("ignore", "is_strict"), [(("*",), False), (("activity.task_queue",), True)])
def test_a_report_claims_attributes_only_where_any_is_compared(
    ignore: tuple[str, ...], is_strict: bool
) -> None:
    policy = StrictPolicy(rules=StrictRules(ignore=ignore))
    config = dataclasses.replace(CONFIG, strict=True, strict_policy=policy)
    report = checked(config, FIXTURES[:1])
    assert report.strict == is_strict
    assert report.verdicts[0].is_consistent
