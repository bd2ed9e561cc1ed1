"""Where the conditions reach the workflow: a plugin that wraps its runner, after the worker's own."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import (
    WorkflowInboundInterceptor,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowOutboundInterceptor,
    WorkflowRunner,
)

from replaykit.perturb.child.scope import Scope
from replaykit.replay.sdk.instance import Instance, current_instance
from replaykit.replay.wrapping import WrappingPlugin

__all__ = ["PerturbingPlugin"]


class PerturbingPlugin(WrappingPlugin):
    """Has workflow code run in a Scope.

    Args:
        scope: Entered around each import, and each activation, of workflow code.
        watch: Given every workflow instance before its code runs; None where temporalio keeps it to itself.
        calm_imports: Whether imports are left out of the Scope.
    """

    def __init__(self, scope: Scope, watch: Callable[[Instance | None], None], *, calm_imports: bool) -> None:
        self._scope = scope
        self._watch = watch
        self._importing = contextlib.nullcontext if calm_imports else scope.importing

    def wrapped(self, runner: WorkflowRunner) -> WorkflowRunner:
        return _PerturbingRunner(runner, self._scope, self._watch, self._importing)


class _PerturbingRunner(WorkflowRunner):
    """Runs what another runner makes, in a Scope."""

    def __init__(
        self,
        inner: WorkflowRunner,
        scope: Scope,
        watch: Callable[[Instance | None], None],
        importing: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self.inner = inner
        self._scope = scope
        self._watch = watch
        self._importing = importing

    def prepare_workflow(self, defn: Any) -> None:
        self.inner.prepare_workflow(defn)

    def set_worker_level_failure_exception_types(self, types: Any) -> None:
        self.inner.set_worker_level_failure_exception_types(types)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        watching = _watching(self._watch)
        det = dataclasses.replace(det, interceptor_classes=[watching, *det.interceptor_classes])
        with self._importing():  # the sandbox imports the code again for every run
            instance = self.inner.create_instance(det)
        inner_activate = instance.activate

        def activate(act: WorkflowActivation) -> WorkflowActivationCompletion:
            if any(job.HasField("remove_from_cache") for job in act.jobs):
                return inner_activate(act)
            with self._scope.running():
                return inner_activate(act)

        instance.activate = activate  # type: ignore[method-assign]
        return instance


def _watching(watch: Callable[[Instance | None], None]) -> type[WorkflowInboundInterceptor]:
    class Watching(WorkflowInboundInterceptor):
        def init(self, outbound: WorkflowOutboundInterceptor) -> None:
            watch(current_instance())
            super().init(outbound)

    return Watching
