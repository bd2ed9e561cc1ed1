"""The first difference of two runs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from replaykit.config import Config, StrictPolicy, StrictRules
from replaykit.perturb.axes import AXES, CONTROL, TOGETHER, Conditions, axes_of_round, axis_named
from replaykit.perturb.cases import Case
from replaykit.perturb.engine import _Work
from replaykit.perturb.left_out import field_of
from replaykit.perturb.run_differences import first_difference
from replaykit.perturb.runs import Ran
from replaykit.processes import Children
from replaykit.replay import kinds
from replaykit.verdict import Severity, SourceLine


def command(name: str, event_id: int | None = 5, **attributes: Any) -> dict[str, Any]:
    return {
        "label": f"ScheduleActivity {name}",
        "kind": "ScheduleActivity",
        "event_id": event_id,
        "attributes": {"activity_type": name, **attributes},
        "source": ["app.py", 3, "run"],
    }


def replay(*commands: dict[str, Any], **end: Any) -> dict[str, Any]:
    ends = {"outcome": "consistent", "reason": None, "failure": None, "source": None, **end}
    return {"commands": list(commands), **ends}


def test_equal_runs_have_none() -> None:
    assert first_difference(replay(command("pay")), replay(command("pay"))) is None


def test_another_command() -> None:
    found = first_difference(replay(command("pay"), command("ship")), replay(command("pay"), command("pack")))
    assert found is not None
    assert (found.command, found.event_id, found.field) == (2, 5, None)
    assert (found.usual, found.perturbed) == ("ScheduleActivity ship", "ScheduleActivity pack")
    assert found.source == SourceLine(file="app.py", line=3, function="run")


def test_another_attribute_of_the_same_command() -> None:
    found = first_difference(
        replay(command("pay", arguments=[{"sum": 1}])), replay(command("pay", arguments=[{"sum": 2}]))
    )
    assert found is not None
    assert (found.field, found.usual, found.perturbed) == ("arguments[0].sum", "1", "2")


@pytest.mark.parametrize("turned", [False, True])
def test_a_command_that_is_missing(turned: bool) -> None:
    runs = [replay(command("pay")), replay(command("pay"), command("ship", None))]
    one, other = reversed(runs) if turned else runs
    found = first_difference(one, other)
    assert found is not None
    assert found.command == 2
    assert {found.usual, found.perturbed} == {"nothing more", "ScheduleActivity ship"}


def test_another_end_of_the_same_commands() -> None:
    failed = replay(
        command("pay"), outcome="unjudged", reason="workflow_task_failed", failure="KeyError: 'x'"
    )
    found = first_difference(replay(command("pay")), failed)
    assert found is not None
    assert found.command is None
    assert found.perturbed == "unjudged (workflow_task_failed): KeyError: 'x'"


def test_a_long_value_is_cut() -> None:
    found = first_difference(replay(command("pay", text="a" * 900)), replay(command("pay", text="b")))
    assert found is not None
    assert len(found.usual) == 200


# What strict mode leaves out


def rules(*ignore: str, fail_on: Severity = Severity.BEHAVIOURAL) -> StrictRules:
    return StrictRules(ignore=ignore, fail_on=fail_on)


@pytest.mark.parametrize(
    ("kind", "path", "field"),
    [
        (kinds.SCHEDULE_ACTIVITY, "headers.tenant", "activity.headers.tenant"),
        (kinds.SCHEDULE_ACTIVITY, "user_metadata.summary", "activity.summary"),
        (kinds.START_TIMER, "user_metadata.details", "timer.static_details"),
        (kinds.START_CHILD_WORKFLOW, "input[0].sum", "child_workflow.input[0].sum"),
        (kinds.SCHEDULE_NEXUS_OPERATION, "nexus_header.tenant", "nexus.headers.tenant"),
        (kinds.SIGNAL_EXTERNAL_WORKFLOW, "args[0]", "signal_external.arguments[0]"),
        (
            kinds.SIGNAL_EXTERNAL_WORKFLOW,
            "workflow_execution.workflow_id",
            "signal_external.workflow_id",
        ),
        (kinds.CANCEL_TIMER, "seq", "cancel_timer.target"),
        (kinds.CANCEL_CHILD_WORKFLOW, "child_workflow_seq", "cancel_child.target"),
        (kinds.UPDATE_RESPONSE, "completed.sum", "update.result.sum"),
        (kinds.UPDATE_RESPONSE, "rejected.message", "update.failure.message"),
        (kinds.FAIL_WORKFLOW, "failure.application_failure_info.type", "workflow.failure.type"),
        (kinds.UPSERT_SEARCH_ATTRIBUTES, "search_attributes.indexed_fields.At", "search_attributes.At"),
        (kinds.MODIFY_WORKFLOW_PROPERTIES, "upserted_memo.fields.note", "memo.note"),
        (kinds.START_TIMER, "event_group_markers[0].label.label", "event_groups"),
    ],
    ids=str,
)
def test_a_field_has_the_name_that_strict_mode_has(kind: kinds.CommandKind, path: str, field: str) -> None:
    assert field_of(kind.name, path) == field


HEADERS = (replay(command("pay")), replay(command("pay", headers={"tenant": "a"})))
SUMMARIES = tuple(replay(command("pay", user_metadata={"summary": text})) for text in "ab")


@pytest.mark.parametrize("runs", [HEADERS, SUMMARIES], ids=["headers", "summaries"])
def test_what_is_cosmetic_is_no_difference_unless_strict_mode_fails_on_it(runs: tuple[Any, Any]) -> None:
    assert first_difference(*runs, rules()) is None
    assert first_difference(*runs, rules(fail_on=Severity.COSMETIC)) is not None
    assert first_difference(*runs, rules("activity.*", fail_on=Severity.COSMETIC)) is None


def test_what_the_project_ignores_is_no_difference_and_the_rest_is() -> None:
    one = replay(command("pay", task_queue="a", arguments=[1]))
    assert first_difference(one, replay(command("pay", task_queue="b", arguments=[1]))) is not None
    queue = replay(command("pay", task_queue="b", arguments=[1]))
    assert first_difference(one, queue, rules("activity.task_queue")) is None
    both = replay(command("pay", task_queue="b", arguments=[2]))
    found = first_difference(one, both, rules("activity.task_queue"))
    assert found is not None
    assert found.field == "arguments[0]"


def test_many_differences_that_are_left_out_hide_no_other() -> None:
    many = [{str(n): value for n in range(20)} for value in (1, 2)]
    one, other = (replay(command("pay", headers=each, arguments=[at])) for at, each in enumerate(many))
    found = first_difference(one, other)
    assert found is not None
    assert found.field == "arguments[0]"


def test_another_command_is_one_whatever_is_ignored() -> None:
    found = first_difference(replay(command("pay")), replay(command("ship")), rules("activity.arguments"))
    assert found is not None


def test_the_rules_are_those_of_the_workflow_type() -> None:
    config = Config(
        root=Path(),
        strict_policy=StrictPolicy(workflows={"Order": rules("activity.task_queue")}),
    )
    usual, changed = Ran(), Ran()
    for name in ("Order", "Invoice"):
        case = Case(path=Path(f"{name}.json"), name=name, workflow_type=name, worker="default")
        usual.replays[case] = [replay(command("pay", task_queue="a"))]
        changed.replays[case] = [replay(command("pay", task_queue="b"))]
    with ThreadPoolExecutor(1) as pool:
        work = _Work(config, tuple(usual.replays), pool, Children(), lambda done, total: None)
        assert [case.name for case in work._differing(usual, changed, TOGETHER)] == ["Invoice"]


# The axes


def test_a_round_changes_its_axes_and_no_others() -> None:
    usual = Conditions(round=3, started_at=1e9)
    changed = Conditions(axes=axes_of_round(3), round=3, started_at=1e9)
    assert usual.variables() == {"PYTHONHASHSEED": "0", "TZ": "UTC"}
    assert (usual.clock, usual.salt("random seed")) == (1e9, 0)
    assert changed.variables()["TZ"] != "UTC"
    assert changed.variables()["PYTHONHASHSEED"] != "0"
    assert changed.clock != 1e9


def test_every_axis_is_changed_in_the_first_two_rounds() -> None:
    assert axes_of_round(0) | axes_of_round(1) == set(AXES)


def test_rounds_differ() -> None:
    rounds = [Conditions(axes=frozenset(AXES), round=number, started_at=1e9) for number in range(8)]
    assert len({each.variables()["PYTHONHASHSEED"] for each in rounds}) == 8
    assert len({each.clock for each in rounds}) == 8


def test_the_first_round_turns_morning_into_evening_and_evening_into_morning() -> None:
    changed = Conditions(axes=frozenset({"wall clock"}), started_at=9 * 3600.0)
    assert 12 <= changed.clock % 86_400 / 3600 < 24


def test_what_is_no_axis_has_words_too() -> None:
    assert [axis_named(name).name for name in (CONTROL, TOGETHER)] == [CONTROL, TOGETHER]
