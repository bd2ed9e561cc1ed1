"""Ways to take the fixture of a pinned run out of sight, or to pass an unpinned one off as pinned."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.gate.fooling import Row
from tests.gate.repository import FIXTURE, UNCHANGED, Repository

__all__ = ["ROWS"]

_LATE = UNCHANGED.replace('"load_total"', '"load_sum"')
"""Diverges from the whole run, and not from its beginning."""
_SHORT = "histories/short.json"
_WORKERS = """
[[tool.replaykit.worker]]
name = "flows"
task_queues = ["nobody"]
workflows = ["flows"]

[[tool.replaykit.worker]]
name = "other"
task_queues = ["nobody-else"]
workflows = ["other"]
"""


def with_run(
    behaviour: str, then: Callable[[Repository], object], *, policy: str = ""
) -> Callable[[Repository], None]:
    """Both sides have a run of a behaviour, and the beginning of an auto-upgrade one; then it changes.

    Args:
        behaviour: How the run moves between versions.
        then: What becomes of its fixture.
        policy: Of both sides.
    """

    def make(repository: Repository) -> None:
        rewrite(repository, behaviour)
        beginning = document(repository)
        del beginning["events"][10:]
        beginning["replaykit"] |= {"workflowId": "short", "status": "RUNNING"}
        beginning["events"][0]["workflowExecutionStartedEventAttributes"]["workflowId"] = "short"
        (repository.root / _SHORT).write_text(json.dumps(beginning), encoding="utf-8")
        rewrite(repository, behaviour, _SHORT, instead="AUTO_UPGRADE")
        if policy:
            repository.policy(f"\n[tool.replaykit.gate]\n{policy}\n")
        repository.commit("both sides")
        repository.git("branch", "--force", "main", "HEAD")
        repository.code(_LATE)
        then(repository)
        repository.commit()

    return make


def document(repository: Repository, path: str = FIXTURE) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((repository.root / path).read_text(encoding="utf-8"))
    return found


def rewrite(repository: Repository, behaviour: str, path: str = FIXTURE, *, instead: str = "") -> None:
    """Write into a fixture how its run moves between deployment versions."""
    changed = document(repository, path)
    for event in changed["events"]:
        if "workflowTaskCompletedEventAttributes" in event:
            event["workflowTaskCompletedEventAttributes"] |= {
                "versioningBehavior": f"VERSIONING_BEHAVIOR_{instead or behaviour}",
                "deploymentVersion": {"buildId": "v1", "deploymentName": "data"},
            }
    (repository.root / path).write_text(json.dumps(changed), encoding="utf-8")


def gone(repository: Repository) -> None:
    repository.remove(FIXTURE)


def recorded_again(repository: Repository) -> None:
    text = (repository.root / FIXTURE).read_text(encoding="utf-8")
    (repository.root / FIXTURE).write_text(text.replace("load_total", "load_sum"), encoding="utf-8")


def made_pinned(repository: Repository) -> None:
    """The fixture of an auto-upgrade run is edited: now it is that of a pinned one."""
    rewrite(repository, "PINNED")


def left_out(repository: Repository) -> None:
    table = repository.root / "pyproject.toml"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("[tool.replaykit]", f'[tool.replaykit]\nhistories = ["{_SHORT}"]', 1))


def moved(behaviour: str) -> Callable[[Repository], None]:
    """Folders decide which worker judges, and the run's fixture goes to that with the old code."""

    def make(repository: Repository) -> None:
        root = repository.root
        rewrite(repository, behaviour)
        (root / "other.py").write_text(UNCHANGED, encoding="utf-8")
        (root / "pyproject.toml").write_text(_WORKERS, encoding="utf-8")
        for name in ("flows", "other"):
            (root / "histories" / name).mkdir()
        (root / FIXTURE).rename(root / "histories" / "flows" / "run.json")
        repository.commit("both sides")
        repository.git("branch", "--force", "main", "HEAD")
        repository.code(_LATE)
        (root / "histories" / "flows" / "run.json").rename(root / "histories" / "other" / "run.json")
        repository.commit()

    return make


_APART = "and belongs to a run pinned to deployment version data v1, which this code never meets"

ROWS = (
    Row(
        name="a deleted fixture of a pinned run",
        make=with_run("PINNED", gone),
        exit_code=0,
        rule="pinned-run",
        text=f"{FIXTURE}: was deleted together with the code, {_APART}",
        absent="deleted-fixture",
    ),
    Row(
        name="a fixture of a pinned run that is recorded again",
        make=with_run("PINNED", recorded_again),
        exit_code=0,
        rule="pinned-run",
        text=f"{FIXTURE}: was re-recorded together with the code, {_APART}",
        absent="rewritten-fixture",
    ),
    Row(
        name="a fixture of a pinned run that is no longer named",
        make=with_run("PINNED", left_out),
        exit_code=0,
        rule="pinned-run",
        text=f"{FIXTURE}: is no longer replayed, {_APART}",
    ),
    Row(
        name="a fixture of a pinned run that moves to another worker",
        make=moved("PINNED"),
        exit_code=0,
        rule="pinned-run",
        text=f"histories/flows/run.json: was moved to another worker's folder, {_APART}",
        absent="moved-fixture",
    ),
    Row(
        name="a deleted fixture of a pinned run where the policy counts it",
        make=with_run("PINNED", gone, policy='pinned = "fail"'),
        exit_code=1,
        rule="deleted-fixture",
        absent="pinned-run",
    ),
    Row(
        name="a deleted fixture of an auto-upgrade run",
        make=with_run("AUTO_UPGRADE", gone),
        exit_code=1,
        rule="deleted-fixture",
        absent="pinned-run",
    ),
    Row(
        name="a fixture of an auto-upgrade run that is recorded again",
        make=with_run("AUTO_UPGRADE", recorded_again),
        exit_code=1,
        rule="rewritten-fixture",
        absent="pinned-run",
    ),
    Row(
        name="a fixture of an auto-upgrade run that moves to another worker",
        make=moved("AUTO_UPGRADE"),
        exit_code=1,
        rule="moved-fixture",
        absent="pinned-run",
    ),
    Row(
        name="a fixture of an auto-upgrade run that is made one of a pinned run",
        make=with_run("AUTO_UPGRADE", made_pinned),
        exit_code=1,
        rule="rewritten-fixture",
    ),
)
