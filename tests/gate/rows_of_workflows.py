"""Ways to have a gate claim more about a workflow than its fixtures show, or less."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.gate.fooling import Row
from tests.gate.repository import CHANGED, FIXTURE, RENAMED, UNCHANGED, Repository

__all__ = ["DROPPED", "ORDER", "ROWS", "UNPROVEN", "on_main", "orders"]

_ORDERS = Path(__file__).resolve().parents[2] / "histories" / "OrderWorkflow"
_PATCHED = (
    'if workflow.patched("validate-before-payment"):\n            await self.do("validate_order", order)'
)
_DEPRECATED = (
    'workflow.deprecate_patch("validate-before-payment")\n        await self.do("validate_order", order)'
)
ORDER = f"""\
from datetime import timedelta

from temporalio import workflow


@workflow.defn
class OrderWorkflow:
    def __init__(self) -> None:
        self._confirmed = False

    async def do(self, activity: str, order: str) -> str:
        return await workflow.execute_activity(activity, order, start_to_close_timeout=timedelta(seconds=10))

    @workflow.run
    async def run(self, order: str) -> str:
        {_PATCHED}
        await self.do("process_payment", order)
        await workflow.wait_condition(lambda: self._confirmed)
        return await self.do("ship_order", order)

    @workflow.signal
    def payment_confirmed(self) -> None:
        self._confirmed = True
"""
_VERSION = {"buildId": "v1", "deploymentName": "data"}


def on_main(repository: Repository, change: Callable[[], object]) -> None:
    """Make a change that both sides have."""
    change()
    repository.commit("both sides")
    repository.git("branch", "--force", "main", "HEAD")


def edited(file: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Change a fixture."""
    document = json.loads(file.read_text(encoding="utf-8"))
    edit(document)
    file.write_text(json.dumps(document), encoding="utf-8")


def pinned(
    code: str = CHANGED,
    *,
    behaviours: tuple[str, ...] = ("PINNED",),
    version: Mapping[str, str] | None = _VERSION,
    override: Mapping[str, Any] | None = None,
    policy: str = "",
) -> Callable[[Repository], None]:
    """The run was made by workers of a deployment version; each workflow task reports how it moves."""

    def make(repository: Repository) -> None:
        def edit(document: dict[str, Any]) -> None:
            tasks = [
                event["workflowTaskCompletedEventAttributes"]
                for event in document["events"]
                if "workflowTaskCompletedEventAttributes" in event
            ]
            for number, task in enumerate(tasks):
                behaviour = behaviours[min(number, len(behaviours) - 1)]
                task["versioningBehavior"] = f"VERSIONING_BEHAVIOR_{behaviour}"
                if version is not None:
                    task["deploymentVersion"] = dict(version)
            if override is not None:
                started = document["events"][0]["workflowExecutionStartedEventAttributes"]
                started["versioningOverride"] = dict(override)

        on_main(repository, lambda: edited(repository.root / FIXTURE, edit))
        if policy:
            on_main(repository, lambda: repository.policy(f"\n[tool.replaykit.gate]\n{policy}\n"))
        repository.code(code)
        repository.commit()

    return make


def orders(
    *fixtures: str,
    then: Callable[[Repository], object] = lambda repository: None,
    code: str = ORDER,
    base: str = ORDER,
    policy: str = "",
    requires: Mapping[str, list[str]] | None = None,
) -> Callable[[Repository], None]:
    """A project with a patch, and fixtures of runs from before it (`v1`) and after it (`v3`)."""

    def make(repository: Repository) -> None:
        root = repository.root

        def both() -> None:
            repository.remove("histories")
            (root / "histories").mkdir()
            for name in fixtures:
                (root / "histories" / f"{name}.json").write_bytes(
                    next(_ORDERS.glob(f"order-{name}--*.json")).read_bytes()
                )
            for name, texts in (requires or {}).items():
                keep(repository, name, texts)
            repository.code(base)
            if policy:
                repository.policy(f"\n[tool.replaykit.gate]\n{policy}\n")

        on_main(repository, both)
        repository.code(code)
        then(repository)
        (root / "NOTES.txt").write_text("more", encoding="utf-8")
        repository.commit()

    return make


def keep(repository: Repository, name: str, texts: list[str]) -> None:
    edited(
        repository.root / "histories" / f"{name}.json",
        lambda document: document["replaykit"].update(requires=texts),
    )


def replaced(repository: Repository) -> None:
    """The fixture from before the patch holds a run from after it now, of the same workflow id."""
    root = repository.root / "histories"
    (root / "v1.json").write_bytes((root / "v3.json").read_bytes())


def deleted(repository: Repository) -> None:
    repository.remove("histories/v1.json")


DROPPED = ORDER.replace(_PATCHED, _DEPRECATED)
_PRE_PATCH = "pre-patch:validate-before-payment"
UNPROVEN = "unproven: OrderWorkflow has no old branch of patch 'validate-before-payment' any more"

ROWS = (
    Row(
        name="a run pinned to another version",
        make=pinned(),
        exit_code=0,
        rule="pinned-run",
        text="its run is pinned to deployment version data v1, where it stays",
        absent="new-divergence",
    ),
    Row(
        name="a run pinned to another version where the policy counts it",
        make=pinned(policy='pinned = "fail"'),
        exit_code=1,
        rule="new-divergence",
    ),
    Row(
        name="a run that was pinned and moves now",
        make=pinned(behaviours=("PINNED", "AUTO_UPGRADE")),
        exit_code=1,
        rule="new-divergence",
        absent="pinned-run",
    ),
    Row(
        name="a pinned run that an override moves",
        make=pinned(override={"autoUpgrade": True}),
        exit_code=1,
        rule="new-divergence",
        absent="pinned-run",
    ),
    Row(
        name="a pinned run of no deployment version",
        make=pinned(version=None),
        exit_code=1,
        rule="new-divergence",
        absent="pinned-run",
    ),
    Row(
        name="a class that says it is pinned and a run that is not",
        make=pinned(
            CHANGED.replace(
                "@workflow.defn",
                "from temporalio.common import VersioningBehavior\n\n\n"
                "@workflow.defn(versioning_behavior=VersioningBehavior.PINNED)",
            ),
            behaviours=("AUTO_UPGRADE",),
        ),
        exit_code=1,
        rule="new-divergence",
        absent="pinned-run",
    ),
    Row(
        name="a patch that is deprecated, with fixtures from after it alone",
        make=orders("v3", code=DROPPED),
        exit_code=0,
        rule="unproven-patch-removal",
        text=UNPROVEN,
        absent="old runs survive it",
    ),
    Row(
        name="a patch whose call is gone, with fixtures that have not come to it",
        make=orders("v3", code=ORDER.replace(_PATCHED, 'await self.do("validate_order", order)')),
        exit_code=1,
        rule="unproven-patch-removal",
        text=UNPROVEN,
    ),
    Row(
        name="a patch that is deprecated, where the policy wants proof",
        make=orders("v3", code=DROPPED, policy='unproven_patch = "fail"'),
        exit_code=1,
        rule="unproven-patch-removal",
        text=UNPROVEN,
    ),
    Row(
        name="a patch that is deprecated, with a fixture from before it",
        make=orders("v1", "v3", code=DROPPED),
        exit_code=1,
        rule="new-divergence",
        absent="unproven",
    ),
    Row(
        name="a fixture from before a patch that the policy asks for is replaced",
        make=orders("v1", "v3", then=replaced, policy=f'requires = ["{_PRE_PATCH}"]'),
        exit_code=1,
        rule="requirement-not-met",
        text=f"no fixture that was judged shows {_PRE_PATCH}, which [tool.replaykit.gate] requires asks for",
    ),
    Row(
        name="a fixture from before a patch loses what it is kept for",
        make=orders("v1", "v3", then=replaced, requires={"v1": [_PRE_PATCH]}),
        exit_code=1,
        rule="requirement-not-met",
        text=f"no fixture that was judged shows {_PRE_PATCH}, which v1.json of the base asks for",
    ),
    Row(
        name="a fixture from before a patch is deleted with what it is kept for",
        make=orders("v1", "v3", then=deleted, requires={"v1": [_PRE_PATCH]}),
        exit_code=1,
        rule="requirement-not-met",
    ),
    Row(
        name="a fixture that does not show what it is kept for",
        make=orders("v3", requires={"v3": [_PRE_PATCH]}),
        exit_code=1,
        rule="requirement-not-met",
        text="which histories/v3.json asks for",
    ),
    Row(
        name="a fixture that shows what it is kept for",
        make=orders("v1", "v3", requires={"v1": [_PRE_PATCH]}),
        exit_code=0,
        absent="requirement-not-met",
    ),
    Row(
        name="a fixture kept for what there is not",
        make=orders("v3", requires={"v3": ["prepatch:validate"]}),
        exit_code=1,
        rule="requirement-not-met",
        text="'prepatch:validate' is nothing that a fixture can show",
    ),
    Row(
        name="no open run where the policy asks for one, and without a base",
        make=orders("v3", policy='requires = ["open:OrderWorkflow"]'),
        exit_code=1,
        rule="requirement-not-met",
        arguments=("--base", "none"),
    ),
    Row(
        name="a run from before a patch, without a base",
        make=orders("v1", "v3", policy=f'requires = ["{_PRE_PATCH}"]'),
        exit_code=0,
        absent="requirement-not-met",
        arguments=("--base", "none"),
    ),
    Row(
        name="a constant that a workflow uses",
        make=lambda repository: repository.code(UNCHANGED.replace("seconds=10", "seconds=20")),
        exit_code=0,
        rule="changed-workflow-without-fixture",
        text="The run that its fixture recorded replays on it.",
    ),
    Row(
        name="a removed workflow of a run that is pinned",
        make=pinned(RENAMED.replace("class DataProcessingWorkflow", "class OtherWorkflow")),
        exit_code=2,
        rule="pinned-run",
        absent="removed-workflow",
    ),
)
