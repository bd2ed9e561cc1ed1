"""One table: what the sandbox refuses and what a perturbed run changes have the same cures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from temporalio.worker.workflow_sandbox import SandboxMatcher, SandboxRestrictions

from replaykit.code.replacements import REPLACEMENTS, cure_of_call, cure_of_condition
from replaykit.perturb.axes import AXES


def test_no_call_stands_twice_and_no_row_has_two_cures() -> None:
    calls = Counter(call for row in REPLACEMENTS for call in row.calls)
    assert [call for call, count in calls.items() if count > 1] == []
    assert [row for row in REPLACEMENTS if bool(row.use) == bool(row.advice)] == []


def test_every_axis_is_a_condition_of_the_table_in_its_order() -> None:
    conditions = list(dict.fromkeys(row.condition for row in REPLACEMENTS))
    assert conditions[: len(AXES)] == list(AXES)
    assert {name: axis.cure for name, axis in AXES.items()} == {
        name: cure_of_condition(name) for name in AXES
    }


@pytest.mark.parametrize(
    ("call", "cure"),
    [
        ("random.randint.__call__", "Use `workflow.random()`, which is the same again in a replay."),
        ("uuid.uuid4.__call__", "Use `workflow.uuid4()`, which is the same again in a replay."),
        ("datetime.datetime.now.__call__", "Use `workflow.now()`, which is the same again in a replay."),
        (
            "time.time.__call__",
            "Use `workflow.now()` or `workflow.time()`, which are the same again in a replay.",
        ),
        ("time.sleep.__call__", "Use `await workflow.sleep(...)`"),
        ("os.environ.get", "Pass the value as an argument of the workflow"),
        ("os.remove.__call__", "Do it in an activity"),
        ("osmium.read", "If osmium does the same in every replay, import it under"),
        ("asyncio.wait_for", "If asyncio does the same in every replay"),
    ],
)
def test_the_longest_name_counts_and_no_part_of_one(call: str, cure: str) -> None:
    assert cure_of_call(call).startswith(cure)


def test_a_condition_has_the_calls_of_all_its_rows() -> None:
    assert cure_of_condition("random seed") == (
        "Use `workflow.random()` or `workflow.uuid4()`, which are the same again in a replay."
    )
    with pytest.raises(KeyError):
        cure_of_condition("weather")


def refused(matcher: SandboxMatcher, name: str = "") -> Iterator[str]:
    yield from (f"{name}.{member}" for member in matcher.use if member != "*")
    for child, inside in matcher.children.items():
        yield from refused(inside, f"{name}.{child}".lstrip("."))


@pytest.mark.parametrize("module", ["random", "secrets", "uuid", "time", "datetime"])
def test_what_the_sandbox_refuses_of_clock_and_chance_has_a_call_in_its_place(module: str) -> None:
    names = [
        name
        for name in refused(SandboxRestrictions.default.invalid_module_members)
        if name.startswith(f"{module}.")
    ]
    assert names
    assert [
        name
        for name in names
        if "`workflow." not in cure_of_call(name) and "`await workflow." not in cure_of_call(name)
    ] == []
