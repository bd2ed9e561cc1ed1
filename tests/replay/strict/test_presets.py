"""Presets of strict mode: what they cover, how they are configured, and what is reported of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent

from replaykit.config import PRESETS, Config, StrictPolicy, StrictRules, load_config
from replaykit.errors import ConfigError
from replaykit.gate.policy_changes import strongest, weaker_settings
from replaykit.perturb.run_differences import first_difference
from replaykit.replay.strict.differences import differences
from replaykit.replay.strict.severity import preset_of
from replaykit.report.as_json import verdict_as_data
from replaykit.report.summary import ignored_line
from replaykit.verdict import Outcome, Report, Severity, Verdict
from tests.replay.strict.conftest import Recorded
from tests.replay.strict.judging import edited, judge, of_type
from tests.replay.strict.stories import story


def load(root: Path, text: str) -> Config:
    (root / "pyproject.toml").write_text(text, encoding="utf-8")
    return load_config(root)


def call(run: str, *, count: int = 1, amount: int = 1) -> dict[str, Any]:
    """What an agent of Strands gives an activity: the ids are another one in each run."""
    messages = [{"tracking_id": f"{run}-{index}", "amount": amount} for index in range(count)]
    return {"invocation_state": {"messages": messages}}


def verdict_of(recorded: Recorded, before: object, now: object, rules: StrictRules) -> Verdict:
    def edit(events: list[HistoryEvent]) -> None:
        (event,) = of_type(events, "ACTIVITY_TASK_SCHEDULED")
        payload = Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(before).encode())
        del event.activity_task_scheduled_event_attributes.input.payloads[:]
        event.activity_task_scheduled_event_attributes.input.payloads.append(payload)

    policy = StrictPolicy(rules=rules)
    return judge(edited(recorded["Activity"], edit), story("Activity", args=[now]), policy=policy)


STRANDS = StrictRules(presets=("strands-agents",))


# What it makes of a Verdict


@pytest.mark.parametrize("count", [1, 9, 30])
def test_what_a_preset_covers_is_no_drift_and_counted(count: int, recorded: Recorded) -> None:
    """Nine differences in one value would be one difference: of the whole value."""
    before, now = call("one", count=count), call("two", count=count)
    assert verdict_of(recorded, before, now, StrictRules()).outcome is Outcome.DRIFTED
    verdict = verdict_of(recorded, before, now, STRANDS)
    assert (verdict.outcome, verdict.drifts) == (Outcome.CONSISTENT, ())
    assert verdict_as_data(verdict)["ignored_by_preset"] == {"strands-agents": count}


def test_what_a_preset_covers_is_no_drift_where_cosmetic_ones_fail(recorded: Recorded) -> None:
    rules = StrictRules(presets=("strands-agents",), fail_on=Severity.COSMETIC)
    assert verdict_of(recorded, call("one"), call("two"), rules).outcome is Outcome.CONSISTENT


def test_beside_what_a_preset_covers_everything_is_compared(recorded: Recorded) -> None:
    verdict = verdict_of(recorded, call("one", count=9), call("two", count=9, amount=2), STRANDS)
    assert verdict.outcome is Outcome.DRIFTED
    assert [drift.field for drift in verdict.drifts] == ["activity.arguments"]
    one = verdict_of(recorded, call("one"), call("two", amount=2), STRANDS)
    assert [drift.field for drift in one.drifts] == [
        "activity.arguments[0].invocation_state.messages[0].amount"
    ]


def test_one_message_more_is_a_drift(recorded: Recorded) -> None:
    verdict = verdict_of(recorded, call("one"), call("one", count=2), STRANDS)
    assert [drift.field for drift in verdict.drifts] == ["activity.arguments[0].invocation_state.messages"]
    assert verdict.ignored_by_preset == {}


def test_another_preset_covers_nothing_of_it(recorded: Recorded) -> None:
    rules = StrictRules(presets=("pydantic-ai", "langgraph", "deepagents"))
    assert verdict_of(recorded, call("one"), call("two"), rules).outcome is Outcome.DRIFTED


def test_a_field_to_ignore_is_left_out_of_a_large_value_too(recorded: Recorded) -> None:
    rules = StrictRules(ignore=("activity.arguments[0].*.tracking_id",))
    verdict = verdict_of(recorded, call("one", count=9), call("two", count=9), rules)
    assert (verdict.outcome, verdict.ignored_by_preset) == (Outcome.CONSISTENT, {})


# What it covers


@pytest.mark.parametrize(
    ("field", "preset"),
    [
        ("activity.arguments[0].messages[12].timestamp", "pydantic-ai"),
        ("activity.arguments[0].messages[0].parts[1].timestamp", "pydantic-ai"),
        ("activity.arguments[0].serialized_run_context.active_capability_ids[2]", "pydantic-ai"),
        ("activity.arguments[0].langgraph_config.configurable.checkpoint_map.", "langgraph"),
        ("activity.arguments[0].messages[3].kwargs.id", "deepagents"),
        ("activity.arguments[0].messages[0].parts[1].content.orders[2].timestamp", None),
        ("activity.arguments[0].messages[0].parts[1].content", None),
        ("activity.arguments[0].serialized_run_context.active_capability_ids", None),
        ("activity.arguments[0].timestamp", None),
        ("activity.arguments[0].messages[3].kwargs.identity", None),
        ("workflow.result.messages[0].timestamp", None),
    ],
)
def test_the_fields_of_presets(field: str, preset: str | None) -> None:
    assert preset_of(field, PRESETS) == preset


def test_two_runs_are_compared_without_what_a_preset_covers() -> None:
    def replay(run: str, amount: int = 1) -> dict[str, Any]:
        command = {
            "kind": "ScheduleActivity",
            "label": "ScheduleActivity charge",
            "event_id": 5,
            "source": None,
            "attributes": {"arguments": [call(run, count=9, amount=amount)]},
        }
        return {"commands": [command], "outcome": "consistent", "reason": None, "failure": None}

    assert first_difference(replay("one"), replay("two")) is not None
    assert first_difference(replay("one"), replay("two"), STRANDS) is None
    assert first_difference(replay("one"), replay("two", amount=2), STRANDS) is not None


def test_what_is_left_out_does_not_make_a_large_difference() -> None:
    before = {"ids": list(range(20)), "amount": 1}
    now = {"ids": list(range(20, 40)), "amount": 2}
    assert [each.path for each in differences(before, now)] == [""]
    (left,) = differences(before, now, lambda path: path.startswith(".ids"))
    assert left.path == ".amount"


# Configured


def test_presets_are_read_and_those_of_a_workflow_added(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """
        [tool.replaykit.strict]
        presets = ["pydantic-ai"]

        [tool.replaykit.strict.workflows.Researcher]
        presets = ["langgraph", "pydantic-ai"]
        """,
    )
    policy = config.strict_policy
    assert policy.rules == StrictRules(presets=("pydantic-ai",))
    assert policy.of("Researcher").presets == ("pydantic-ai", "langgraph")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('["pydantic_ai"]', "no preset is named 'pydantic_ai'. Did you mean 'pydantic-ai'? There are: "),
        ('["nonesuch"]', f"There are: {', '.join(PRESETS)}."),
        ('"langgraph"', 'Write it as ["langgraph"]'),
        ("[1]", "expected a list of strings"),
    ],
)
def test_a_preset_that_there_is_not(value: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, f"[tool.replaykit.strict]\npresets = {value}\n")
    assert text in str(caught.value)
    assert "tool.replaykit.strict.presets" in str(caught.value)


# In the gate's policy


def _config(*presets: str, workflows: dict[str, StrictRules] | None = None) -> Config:
    policy = StrictPolicy(rules=StrictRules(presets=presets), workflows=workflows or {})
    return Config(root=Path(), strict=True, strict_policy=policy)


def test_a_preset_that_comes_with_a_change_is_a_weaker_policy() -> None:
    base, head = _config("langgraph"), _config("langgraph", "pydantic-ai")
    (weaker,) = weaker_settings(base, head, (), is_strict=True)
    assert (weaker.key, weaker.before, weaker.now) == ("strict.presets", "langgraph", "pydantic-ai too")
    assert strongest(base, head, is_strict=True).strict_policy.rules.presets == ("langgraph",)


def test_a_preset_for_one_workflow_is_a_weaker_policy() -> None:
    head = _config(workflows={"Agent": StrictRules(presets=("deepagents",))})
    (weaker,) = weaker_settings(_config(), head, (), is_strict=True)
    assert weaker.key == "strict.workflows.Agent.presets"
    assert strongest(_config(), head, is_strict=True).strict_policy.of("Agent").presets == ()


def test_a_preset_that_goes_is_no_weaker_policy() -> None:
    assert not [*weaker_settings(_config("langgraph"), _config(), (), is_strict=True)]


# Reported


def test_a_report_adds_up_what_presets_leave_out(recorded: Recorded) -> None:
    verdict = verdict_of(recorded, call("one", count=2), call("two", count=2), STRANDS)
    report = Report.of([verdict, verdict])
    assert (
        ignored_line(report.ignored_by_preset) == "Attributes that differ: 4 ignored by preset strands-agents"
    )
    assert ignored_line(Report.of([]).ignored_by_preset) is None
