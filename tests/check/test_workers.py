"""Which worker a History belongs to, where a project has several."""

from __future__ import annotations

from pathlib import Path

import pytest

from replaykit.check import NoWorker, Registered, Workers
from replaykit.config import WorkerConfig
from replaykit.history import History
from replaykit.replay.workers import Worker


def worker(name: str, *types: str, queues: tuple[str, ...] = (), dynamic: bool = False) -> Worker:
    config = WorkerConfig(name=name, task_queues=queues)
    return Worker(config=config, workflows=(), names=types, has_dynamic=dynamic)


def recorded(workflow_type: str | None, queue: str | None = None, path: Path | None = None) -> History:
    return History(events=(), workflow_type=workflow_type, task_queue=queue, path=path)


EU = worker("eu", "Invoice", "Order", queues=("eu-*",))
US = worker("us", "Order", queues=("us-*",))


def named(found: Worker | NoWorker | None) -> str | None:
    return found.config.name if isinstance(found, Worker) else None


@pytest.mark.parametrize(
    ("workflow_type", "queue", "folder", "expected"),
    [
        ("Order", "us-1", "eu", "us"),
        ("Order", "elsewhere", "us", "us"),
        ("Invoice", None, "us", "eu"),
        ("Invoice", "us-1", "eu", "us"),
    ],
    ids=["its queue", "its folder", "the only one that knows it", "the only one that polls its queue"],
)
def test_the_worker_of(
    tmp_path: Path, workflow_type: str, queue: str | None, folder: str, expected: str
) -> None:
    workers = Workers.loaded((EU, US), root=tmp_path)
    history = recorded(workflow_type, queue, tmp_path / "histories" / folder / "1.json")
    assert named(workers.of(history)) == expected


def test_a_folder_outside_of_the_project_names_none(tmp_path: Path) -> None:
    workers = Workers.loaded((EU, US), root=tmp_path / "project")
    assert isinstance(workers.of(recorded("Order", None, tmp_path / "us" / "1.json")), NoWorker)


def test_none_where_nothing_decides_between_several(tmp_path: Path) -> None:
    found = Workers.loaded((EU, US), root=tmp_path).of(recorded("Order", "elsewhere"))
    assert found == NoWorker(
        message="workers eu, us all have a workflow type 'Order', and task queue 'elsewhere' does not "
        "decide between them. Add it to the task_queues of one, or pass --worker NAME"
    )


@pytest.mark.parametrize("workflow_type", ["Gone", None])
def test_none_where_no_worker_has_the_type(tmp_path: Path, workflow_type: str | None) -> None:
    found = Workers.loaded((EU, US), root=tmp_path).of(recorded(workflow_type, "elsewhere"))
    assert found == NoWorker(
        message=f"no worker has a workflow type {workflow_type!r}. Configured are: Invoice, Order. "
        "Add its module to the workflows of one"
    )


def test_the_only_worker_is_asked_whatever_it_knows_and_runs_what_it_knows(tmp_path: Path) -> None:
    workers = Workers.loaded((US,), root=tmp_path)
    assert workers.of(recorded("Gone", "elsewhere")) == US
    assert workers.running(recorded("Gone", "elsewhere")) is None
    assert workers.running(recorded("Order", "elsewhere")) == US


def test_a_run_of_a_service_has_no_folder(tmp_path: Path) -> None:
    workers = Workers.loaded((EU, US), root=tmp_path)
    assert named(workers.of_run("Order", "eu-3")) == "eu"
    assert isinstance(workers.of_run("Order", "elsewhere"), NoWorker)


def test_every_workflow_of_every_worker_is_registered(tmp_path: Path) -> None:
    workers = Workers.loaded((EU, worker("rest", dynamic=True)), root=tmp_path)
    assert workers.registered(whole=True) == (
        Registered(worker="eu", workflow_type="Invoice"),
        Registered(worker="eu", workflow_type="Order"),
        Registered(worker="rest", workflow_type=None),
    )
