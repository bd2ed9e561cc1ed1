"""The handlers that the code sets while it runs: its class shows nothing of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from temporalio.worker import (
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from replaykit.explore.scenario import StepKind
from replaykit.replay.sdk.instance import Instance, current_instance, handlers_set

__all__ = ["Functions", "SetHandlers"]

Functions = Mapping[StepKind, Mapping[str, Callable[..., Any]]]
"""By kind and name, the functions that the code has set as handlers."""


class SetHandlers(Interceptor):
    """Keeps hold of the instance that was made last, and reads what it has set."""

    def __init__(self) -> None:
        self._instance: Instance | None = None
        self._known: dict[StepKind, dict[str, Callable[..., Any]]] = {
            StepKind.SIGNAL: {},
            StepKind.UPDATE: {},
            StepKind.QUERY: {},
        }

    def now(self) -> Functions:
        """Those of the run that the code was asked about last; none of the SDK's own, as of a stream."""
        found = handlers_set(self._instance)
        for kind, known in self._known.items():
            known |= {name: f for name, f in found[kind.value].items() if not name.startswith("__")}
        return {
            kind: {name: known[name] for name in sorted(found[kind.value]) if name in known}
            for kind, known in self._known.items()
        }

    @property
    def known(self) -> Functions:
        """Those of all runs so far."""
        return self._known

    def keep(self, instance: Instance | None) -> None:
        """Have this be the run that is asked about."""
        self._instance = instance

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002  # the SDK's name
    ) -> type[WorkflowInboundInterceptor]:
        kept = self

        class Keeping(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(outbound)
                kept.keep(current_instance())

        return Keeping
