"""The first difference of two runs."""

from __future__ import annotations

from typing import Any

import pytest

from replaykit.perturb.axes import AXES, CONTROL, TOGETHER, Conditions, axes_of_round, axis_named
from replaykit.perturb.run_differences import first_difference
from replaykit.verdict import SourceLine


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
