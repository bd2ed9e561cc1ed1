"""The patches that the code asks about, and the runs from before them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator
from typing import Any

from temporalio.worker import (
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from replaykit.replay.sdk.instance import current_instance, wrap_patched

__all__ = ["AskedPatches"]

_Patch = Callable[..., bool]


class AskedPatches(Interceptor):
    """Answers `workflow.patched` with False in a run from before a patch, and listens in every run.

    Outside of a replay the SDK answers True: so a run that is grown is always one from after all patches.
    A replay of what grew with False finds no marker, and answers False by itself.
    """

    def __init__(self) -> None:
        self._seen: dict[str, None] = {}
        self._predates: Collection[str] = ()

    @property
    def seen(self) -> tuple[str, ...]:
        """Ids that any run has asked about so far, the first one first."""
        return tuple(self._seen)

    @contextlib.contextmanager
    def predated(self, predates: Collection[str]) -> Iterator[None]:
        """The instances that are made meanwhile are of a run from before these patches."""
        self._predates = predates
        try:
            yield
        finally:
            self._predates = ()

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002  # the SDK's name
    ) -> type[WorkflowInboundInterceptor]:
        asked = self

        class Answering(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(outbound)
                instance = current_instance()
                if instance is not None:
                    wrap_patched(instance, asked.answering)

        return Answering

    def answering(self, patch: _Patch) -> _Patch:
        """What answers in place of an instance's own method."""
        predates = frozenset(self._predates)
        answers: dict[str, bool] = {}

        def answer(id: str, **options: Any) -> bool:  # noqa: A002  # the SDK's name
            deprecated = options.get("deprecated", False)
            if not deprecated:
                self._seen.setdefault(id)
            # The SDK keeps its first answer to each id: what was answered once stays, here too.
            if answers.get(id) is False or (not deprecated and id in predates and id not in answers):
                answers[id] = False
                return False
            answers[id] = patch(id, **options)
            return answers[id]

        return answer
