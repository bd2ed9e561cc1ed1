"""Strict mode names the condition that a drifting value depends on."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from replaykit.check import Check, Fixture, check, fixtures_of
from replaykit.config import load_config
from replaykit.perturb import Case, with_axes
from replaykit.perturb import runs as perturb_runs
from replaykit.perturb.run_differences import differing_fields
from replaykit.report.as_json import verdict_as_data
from replaykit.report.rows import plain_lines
from replaykit.report.verdict_rows import block_of
from replaykit.verdict import Drift, Outcome, Report, Severity, Verdict
from tests.conftest import RunReplaykit
from tests.plugin.project import UNCHANGED, write_project
from tests.report.json_reports import checked

IMPORTS = """\
with workflow.unsafe.imports_passed_through():
    import os
    import socket
    import time
    import uuid

"""
VALUES = {
    "random seed": "f'{source} {uuid.uuid4()}'",
    "hash seed": "' '.join({'one', 'two', 'three', 'four', source})",
    "wall clock": "f'{source} {time.time()}'",
    "time zone": "f'{source} {time.localtime(0)}'",
    "environment": "f'{source} {os.environ.get(\"HOME\")}'",
    "is_replaying": "f'{source} {workflow.unsafe.is_replaying()}'",
    "host name": "f'{source} {socket.gethostname()}'",
}
"""By condition, an argument that depends on it."""


def _code(value: str) -> str:
    code = UNCHANGED.replace("@workflow.defn\n", f"{IMPORTS}\n@workflow.defn(sandboxed=False)\n")
    code = code.replace('"extract_rows", source', f'"extract_rows", {value}')
    return code.replace(
        '"load_total", rows, start_to_close_timeout=SOON',
        '"load_total", rows, start_to_close_timeout=2 * SOON',
    )


def _judged(root: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """As `replaykit replay --strict` does it, but for the process that judges."""
    monkeypatch.chdir(root)
    monkeypatch.syspath_prepend(str(root))
    monkeypatch.delitem(__import__("sys").modules, "flows", raising=False)
    config = dataclasses.replace(load_config(root), strict=True)
    with Check(config) as judge:
        report = check(judge, ())
    judged = {verdict.history: Fixture.of(verdict) for verdict in report.verdicts}
    fixtures = fixtures_of(config, ())
    cases = Case.all_of((path, judged[path.relative_to(root).as_posix()]) for path in fixtures)
    return with_axes(config, cases, report)


@pytest.mark.exhaustive
@pytest.mark.parametrize("axis", VALUES)
@pytest.mark.thinned(8)
def test_the_condition_is_named_and_a_change_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, axis: str
) -> None:
    write_project(tmp_path, code=_code(VALUES[axis]))
    (verdict,) = _judged(tmp_path, monkeypatch).verdicts
    assert verdict.outcome is Outcome.DRIFTED
    named = {drift.field: drift.axis for drift in verdict.drifts}
    assert named.pop("activity.arguments[0]") == axis
    assert set(named) == {"activity.start_to_close_timeout"}
    assert set(named.values()) == {None}


@pytest.mark.weekly
def test_both_media_have_it(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, code=_code(VALUES["random seed"]), copies=2)
    result = run_replaykit("replay", "--strict", "--json", "report.json")
    assert result.returncode == 1, result.stdout + result.stderr
    assert "\n            differs from run to run: random seed\n" in result.stdout
    document = checked((tmp_path / "report.json").read_bytes(), "replay")
    axes = [[drift["axis"] for drift in verdict["drifts"]] for verdict in document["verdicts"]]
    assert axes == [["random seed", None], ["random seed", None]]


@pytest.mark.exhaustive
def test_a_plain_change_costs_two_runs_and_names_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = perturb_runs.run
    runs: list[object] = []

    def counted(*args: Any, **options: Any) -> Any:
        runs.append(args)
        return real(*args, **options)

    monkeypatch.setattr("replaykit.perturb.drift_axes.run", counted)
    write_project(tmp_path, code=_code("source"))
    (verdict,) = _judged(tmp_path, monkeypatch).verdicts
    assert [drift.axis for drift in verdict.drifts] == [None]
    assert len(runs) == 2


def test_nothing_is_run_where_nothing_drifted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*args: Any, **options: Any) -> Any:
        raise AssertionError("a process was started")

    monkeypatch.setattr("replaykit.perturb.drift_axes.run", never)
    write_project(tmp_path)
    report = _judged(tmp_path, monkeypatch)
    assert report.exit_code == 0


def _command(kind: str, event_id: int | None, **attributes: Any) -> dict[str, Any]:
    return {"label": kind, "kind": kind, "event_id": event_id, "attributes": attributes, "source": None}


def _runs(*pairs: tuple[dict[str, Any], dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"commands": [one for one, _ in pairs]}, {"commands": [other for _, other in pairs]}


def test_every_field_in_which_two_runs_differ() -> None:
    one, other = _runs(
        (
            _command("ScheduleActivity", 5, arguments=[{"id": "a", "n": 1}], task_queue="q"),
            _command("ScheduleActivity", 5, arguments=[{"id": "b", "n": 1}], task_queue="q"),
        ),
        (
            _command("StartTimer", 11, start_to_fire_timeout="5s", user_metadata={"summary": "x"}),
            _command("StartTimer", 11, start_to_fire_timeout="6s", user_metadata={"summary": "y"}),
        ),
        (_command("CompleteWorkflow", None, result="a"), _command("CompleteWorkflow", None, result="a")),
    )
    assert differing_fields(one, other) == {
        (5, "activity.arguments[0].id"),
        (11, "timer.start_to_fire_timeout"),
        (11, "timer.summary"),
    }
    assert differing_fields(one, one) == frozenset()


def test_what_comes_after_other_commands_is_not_compared() -> None:
    one, other = _runs(
        (_command("StartTimer", 5), _command("ScheduleActivity", 5)),
        (
            _command("CompleteWorkflow", 9, result="a"),
            _command("CompleteWorkflow", 9, result="b"),
        ),
    )
    assert differing_fields(one, other) == frozenset()


DRIFT = Drift(
    event_id=5, field="activity.arguments[0]", recorded="a", produced="b", severity=Severity.BEHAVIOURAL
)


@pytest.mark.parametrize("message", [None, "the tail asks for another timer"])
def test_the_row(message: str | None) -> None:
    for axis in (None, "wall clock"):
        drift = dataclasses.replace(DRIFT, axis=axis, message=message)
        verdict = Verdict(history="a.json", outcome=Outcome.DRIFTED, message="it drifts", drifts=(drift,))
        text = "\n".join(plain_lines(block_of(verdict).rows))
        assert ("differs from run to run: wall clock" in text) == (axis is not None)
        assert verdict_as_data(verdict)["drifts"][0]["axis"] == axis
