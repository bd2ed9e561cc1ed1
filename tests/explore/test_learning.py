"""What fixtures show is drawn: as it was recorded, varied lightly, and never against a type hint."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, PayloadCodec

from replaykit.config import Config, ExploreConfig, WorkerConfig, load_config
from replaykit.errors import ConfigError, ValuesError
from replaykit.explore import Values
from replaykit.explore.growing.service import Encoder
from replaykit.explore.learning import learned_by
from replaykit.explore.run import Effort, ExploreRun, run_explore
from replaykit.explore.values.learned import Learned, Role
from replaykit.history import dump_history
from tests.explore.learning_workflows import Tiered
from tests.explore.test_run import Watching
from tests.history.builders import HistoryBuilder, payload, payloads_json

ROOT = Path(__file__).resolve().parents[2]
ANSWER: dict[str, Any] = {"account": {"id": 41, "tier": "gold", "open": True}, "tags": ["a", "b"]}
MANY = 200


class Opaque:
    """Of a type that has no strategy."""

    def __init__(self, text):  # type: ignore[no-untyped-def]  # as people write it
        self.text = text


class Percent(BaseModel):
    share: int = Field(ge=0, le=100)


@dataclass
class Note:
    text: str


@workflow.defn
class Listening:
    @workflow.run
    async def run(self, order: dict, note: str = "") -> None:  # type: ignore[type-arg]
        pass

    @workflow.signal
    def approve(self, by: Any) -> None: ...

    @workflow.update
    def change(self, note: Note) -> None: ...


def learned(*recorded: tuple[Role, str, Sequence[object]], converter: Any = None) -> Learned:
    """What fixtures with these values show."""
    known: dict[tuple[Role, str], list[tuple[Payload, ...]]] = {}
    for role, name, values in recorded:
        known.setdefault((role, name), []).append(tuple(map(payload, values)))
    converter = converter or DataConverter.default.payload_converter
    return Learned(recorded=known, converter=converter, fixtures=1)


def results(values: Values, name: str, hint: Any = None) -> list[Any]:
    shape = values.activity_result(name, hint)
    return [shape.sample(random.Random(seed)) for seed in range(MANY)]


def json_types(value: Any) -> Any:
    """A JSON value with its type in place of each leaf."""
    if isinstance(value, dict):
        return {key: json_types(part) for key, part in value.items()}
    if isinstance(value, list):
        return [json_types(part) for part in value]
    return type(value)


@pytest.mark.parametrize("hint", [None, Any, dict, dict[str, Any], object])
def test_where_hints_show_nothing_recorded_values_alone_are_drawn(hint: Any) -> None:
    drawn = results(Values(learned=learned((Role.ACTIVITY, "lookup", [ANSWER]))), "lookup", hint)
    assert drawn.count(ANSWER) > MANY / 2
    assert all(json_types(value) == json_types(ANSWER) for value in drawn)
    assert len({str(value["account"]["tier"]) for value in drawn}) > 1, "its leaves are varied"


def test_one_leaf_at_a_time_is_varied() -> None:
    def leaves(value: dict[str, Any]) -> list[Any]:
        return [*(value["account"][key] for key in ANSWER["account"]), *value["tags"]]

    for value in results(Values(learned=learned((Role.ACTIVITY, "lookup", [ANSWER]))), "lookup"):
        changed = [one for one, other in zip(leaves(value), leaves(ANSWER), strict=True) if one != other]
        assert len(changed) <= 1


def test_the_recorded_value_is_the_simplest() -> None:
    values = Values(learned=learned((Role.ACTIVITY, "lookup", [ANSWER]), (Role.ACTIVITY, "count", [41])))
    assert values.activity_result("lookup").simplest() == ANSWER
    assert values.activity_result("count", int).simplest() == 41


def test_a_result_with_a_hint_is_mixed_and_always_one_that_the_hint_takes() -> None:
    converter = pydantic_data_converter.payload_converter
    shown = learned(
        (Role.ACTIVITY, "rate", [{"share": 17}]),
        (Role.ACTIVITY, "rate", [{"share": 170}]),
        converter=converter,
    )
    values = Values(learned=shown, types={Percent: Percent(share=3), int: 1000})
    drawn = results(values, "rate", Percent)
    assert {type(value) for value in drawn} == {Percent}
    assert {value.share for value in drawn} == {3, 17}, "the recorded 170 and a varied 1000 are refused"


def test_a_type_without_a_strategy_is_drawn_from_what_was_recorded() -> None:
    class Reading(DataConverter.default.payload_converter_class):  # type: ignore[name-defined, misc]
        def from_payload(self, payload: Payload, type_hint: Any = None) -> Any:
            value = super().from_payload(payload, None if type_hint is Opaque else type_hint)
            make: Any = Opaque
            return make(value) if type_hint is Opaque else value

    with pytest.raises(ValuesError, match="Opaque"):
        Values().activity_result("make", Opaque).simplest()
    shown = learned((Role.ACTIVITY, "make", ["as recorded"]), converter=Reading())
    drawn = results(Values(learned=shown), "make", Opaque)
    assert "as recorded" in {value.text for value in drawn}


def test_what_no_hint_takes_leaves_the_hint_alone() -> None:
    drawn = results(Values(learned=learned((Role.ACTIVITY, "count", [{"no": "number"}]))), "count", int)
    assert {type(value) for value in drawn} == {int}
    with pytest.raises(ValuesError, match="Opaque"):
        Values(learned=learned((Role.ACTIVITY, "other", [1]))).activity_result("make", Opaque).simplest()


def test_inputs_signals_updates_and_children_are_learned_too() -> None:
    values = Values(
        learned=learned(
            (Role.INPUT, "Listening", [{"customer": "c-1"}]),
            (Role.SIGNAL, "approve", [["ann"]]),
            (Role.UPDATE, "change", [{"text": "later"}]),
            (Role.CHILD, "Ship", [{"parcel": 9}]),
            (Role.NEXUS, "bank.pay", [{"paid": True}]),
        )
    )
    assert values.workflow_input(Listening).simplest() == ({"customer": "c-1"},)
    assert values.signal_arguments(Listening, "approve").simplest() == (["ann"],)
    assert values.update_arguments(Listening, "change").simplest() == (Note("later"),)
    assert values.child_result("Ship").simplest() == {"parcel": 9}
    assert values.nexus_result("bank.pay").simplest() == {"paid": True}


def test_recorded_arguments_that_do_not_fit_the_handler_are_not_drawn() -> None:
    shown = learned((Role.INPUT, "Listening", []), (Role.INPUT, "Listening", [{}, "a", "one too many"]))
    shape = Values(learned=shown).workflow_input(Listening)
    assert {len(shape.sample(random.Random(seed))) for seed in range(MANY)} == {1, 2}


def test_the_users_own_values_come_first() -> None:
    values = Values(learned=learned((Role.ACTIVITY, "lookup", [ANSWER])), activities={"lookup": "own"})
    assert set(results(values, "lookup")) == {"own"}


class Flipped(PayloadCodec):
    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [
            Payload(metadata={"encoding": b"flipped"}, data=p.SerializeToString()[::-1]) for p in payloads
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        if any(p.metadata["encoding"] != b"flipped" for p in payloads):
            raise ValueError("of another key")
        return [Payload.FromString(p.data[::-1]) for p in payloads]


def recorded_run() -> HistoryBuilder:
    """A run with a value of each kind."""
    run = HistoryBuilder(workflow_type="Tiered", input=payloads_json({"customer": "c-1"}))
    run.task()
    run.add("WorkflowExecutionSignaled", signalName="approve", input=payloads_json("ann"))
    asked = run.add("ActivityTaskScheduled", activityId="1", activityType={"name": "lookup"})
    run.add("ActivityTaskCompleted", scheduledEventId=asked, result=payloads_json(ANSWER))
    run.add(
        "MarkerRecorded",
        markerName="core_local_activity",
        details={
            "data": payloads_json({"seq": 1, "activity_type": "near", "attempt": 1}),
            "result": payloads_json("here"),
        },
    )
    run.add(
        "WorkflowExecutionUpdateAccepted",
        acceptedRequest={"input": {"name": "change", "args": payloads_json({"text": "x"})}},
    )
    run.add(
        "StartChildWorkflowExecutionInitiated",
        workflowType={"name": "Ship"},
        workflowId="s",
        input=payloads_json(4),
    )
    run.add("ChildWorkflowExecutionCompleted", workflowType={"name": "Ship"}, result=payloads_json("sent"))
    operation = run.add("NexusOperationScheduled", service="bank", operation="pay")
    paid = payloads_json(True)["payloads"][0]
    run.add("NexusOperationCompleted", scheduledEventId=operation, result=paid)
    run.add("WorkflowExecutionCompleted", result=payloads_json("41"))
    return run


def saved(folder: Path, run: HistoryBuilder, name: str = "run.json") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(dump_history(run.history(workflow_type="Tiered")))
    return folder / name


def config_of(*learn: Path, workflows: str = "tests.explore.learning_workflows") -> Config:
    return Config(
        root=ROOT,
        workers=(WorkerConfig(workflows=(workflows,)),),
        explore=ExploreConfig(learn=learn),
    )


def test_a_fixture_shows_values_of_each_kind(tmp_path: Path) -> None:
    saved(tmp_path, recorded_run())
    saved(tmp_path, recorded_run(), "again.json")
    shown = learned_by(config_of(tmp_path), Encoder(DataConverter.default))
    assert shown is not None
    decoded = {
        key: [shown.decoded(one, [Any] * len(one)) for one in ones] for key, ones in shown.recorded.items()
    }
    assert decoded == {
        (Role.INPUT, "Tiered"): [({"customer": "c-1"},)],
        (Role.SIGNAL, "approve"): [("ann",)],
        (Role.ACTIVITY, "lookup"): [(ANSWER,)],
        (Role.ACTIVITY, "near"): [("here",)],
        (Role.UPDATE, "change"): [({"text": "x"},)],
        (Role.INPUT, "Ship"): [(4,)],
        (Role.CHILD, "Ship"): [("sent",)],
        (Role.NEXUS, "bank.pay"): [(True,)],
        (Role.CHILD, "Tiered"): [("41",)],
    }
    assert (shown.count, shown.fixtures) == (9, 2)


def test_payloads_are_decoded_by_the_workers_codec_and_those_of_another_key_left_out(tmp_path: Path) -> None:
    encoder = Encoder(DataConverter(payload_codec=Flipped()))
    run = recorded_run()
    encoder.code(run.events[0].workflow_execution_started_event_attributes)
    saved(tmp_path, run)
    shown = learned_by(config_of(tmp_path), encoder)
    assert shown is not None
    assert list(shown.recorded) == [(Role.INPUT, "Tiered")]
    assert shown.decoded(shown.recorded[Role.INPUT, "Tiered"][0], [Any]) == ({"customer": "c-1"},)


def test_without_fixtures_to_learn_from_nothing_is_learned() -> None:
    assert learned_by(config_of(), Encoder(DataConverter.default)) is None


def test_paths_to_learn_from_are_relative_to_the_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.replaykit.explore]\nlearn = ["histories", "b.json"]\n')
    assert load_config(tmp_path).explore.learn == (tmp_path / "histories", tmp_path / "b.json")


class Noting(Watching):
    def note(self, message: str) -> None:
        self.notes = [*getattr(self, "notes", []), message]

    def future(self, future: object, kept: object) -> None:
        pass


def explored(config: Config, recorded: Sequence[Path] = ()) -> tuple[ExploreRun, list[str]]:
    watcher = Noting()
    effort = Effort(seconds=20, scenarios=30)
    run = run_explore(config, (), effort, recorded=recorded, watcher=watcher)
    return run, getattr(watcher, "notes", [])


@pytest.mark.exhaustive
def test_an_exploration_reaches_what_only_a_recorded_answer_leads_to(tmp_path: Path) -> None:
    """And a fixture that cannot be read is reported, and leaves nothing green."""
    saved(tmp_path, recorded_run())
    (tmp_path / "torn.json").write_text('{"events": [')
    run, notes = explored(config_of(tmp_path))
    (one,) = run.explored
    sleeps = 1 + next(
        number
        for number, line in enumerate(Path(Tiered.run.__code__.co_filename).read_text().splitlines())
        if "workflow.sleep" in line
    )
    assert sleeps in {line for _, line in one.summary.lines}
    assert (one.summary.learned_values, one.summary.learned_fixtures) == (9, 1)
    assert "torn.json" in "\n".join(notes)
    assert (run.exit_code, list(run.unread)) == (2, [(tmp_path / "torn.json").as_posix()])


@pytest.mark.exhaustive
def test_without_a_fixture_nothing_is_learned() -> None:
    run, _ = explored(config_of())
    assert run.explored
    assert {(each.summary.learned_values, each.summary.learned_fixtures) for each in run.explored} == {(0, 0)}


@pytest.mark.exhaustive
def test_a_path_to_learn_from_that_is_not_there_is_an_error_of_its_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"explore\] learn: there is no such file or folder") as raised:
        explored(config_of(tmp_path / "gone"))
    assert "gone" in str(raised.value)


@pytest.mark.exhaustive
def test_a_folder_without_a_fixture_is_noted(tmp_path: Path) -> None:
    _, notes = explored(config_of(tmp_path))
    assert notes == ["[tool.replaykit.explore] learn: no fixture is there to learn from"]
