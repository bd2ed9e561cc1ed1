"""A plugin of the SDK that puts a workflow runner of ours around a Replayer's own."""

from __future__ import annotations

import abc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from temporalio.client import WorkflowHistory
from temporalio.worker import (
    Plugin,
    Replayer,
    ReplayerConfig,
    UnsandboxedWorkflowRunner,
    Worker,
    WorkerConfig,
    WorkflowReplayResult,
    WorkflowRunner,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

__all__ = ["WrappingPlugin"]


class WrappingPlugin(Plugin):
    """Wraps the runners that the plugins before it have left; leaves workers alone."""

    @abc.abstractmethod
    def wrapped(self, runner: WorkflowRunner) -> WorkflowRunner:
        """What stands in the place of a runner."""

    def configure_replayer(self, config: ReplayerConfig) -> ReplayerConfig:
        config["workflow_runner"] = self.wrapped(config.get("workflow_runner") or SandboxedWorkflowRunner())
        config["unsandboxed_workflow_runner"] = self.wrapped(
            config.get("unsandboxed_workflow_runner") or UnsandboxedWorkflowRunner()
        )
        return config

    def run_replayer(
        self,
        replayer: Replayer,
        histories: AsyncIterator[WorkflowHistory],
        next: Callable[  # noqa: A002  # the SDK passes it by this name
            [Replayer, AsyncIterator[WorkflowHistory]],
            AbstractAsyncContextManager[AsyncIterator[WorkflowReplayResult]],
        ],
    ) -> AbstractAsyncContextManager[AsyncIterator[WorkflowReplayResult]]:
        return next(replayer, histories)

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        return config

    async def run_worker(
        self,
        worker: Worker,
        next: Callable[[Worker], Awaitable[None]],  # noqa: A002  # as above
    ) -> None:
        await next(worker)
