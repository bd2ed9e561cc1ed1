"""What the present code answers itself at each patch call, when a History is replayed.

A History without a marker may be past the call or before it. Its replay shows which: past the call, `patched`
answers False. Where this temporalio does not let the answers be watched, nothing is known, and `Took` is
`UNKNOWN`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from temporalio.worker import (
    Interceptor,
    UnsandboxedWorkflowRunner,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from replaykit.check.stalls import IN_A_ROW
from replaykit.history import History, event_name
from replaykit.patches.patch import Took
from replaykit.replay.markers import patch_of
from replaykit.replay.sdk.instance import current_instance, wrap_patched
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import Worker
from replaykit.verdict import Outcome, Reason

__all__ = ["Answering", "Answers", "markers_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What one replay showed."""

    by_patch: Mapping[str, bool]
    complete: bool
    """Whether the replay came to the end of the History, so that a call that is not there was not made."""
    diverged: bool


def markers_of(history: History) -> dict[str, Took]:
    """`MARKED` or `DEPRECATED` for each patch id whose marker a History carries."""
    found: dict[str, Took] = {}
    for event in history.events:
        patch = patch_of(event)
        if patch is not None:
            found.setdefault(patch.patch_id, Took.DEPRECATED if patch.deprecated else Took.MARKED)
    return found


class Answering:
    """Replays Histories under one worker's code, for their answers.

    Outside the sandbox unless the worker configures a runner: it is twice as fast, and Verdicts are the
    business of `replaykit replay`.
    """

    def __init__(self, worker: Worker, *, root: Path, timeout_s: float) -> None:
        self._noted: dict[str, bool] = {}
        self._works = False
        self._stalled = 0
        """Replays in a row that passed their deadline."""
        noting = _NotingAnswers(self._note, self._on_start)
        self._session = ReplaySession(
            dataclasses.replace(
                worker,
                interceptors=(*worker.interceptors, noting),
                workflow_runner=worker.workflow_runner or UnsandboxedWorkflowRunner(),
            ),
            root=root,
            timeout_s=timeout_s,
        )

    def __enter__(self) -> Answering:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def answers(self, history: History) -> Answers:
        """Replay a History. Never raises for what it or the code does."""
        if not any(event_name(event) == "WorkflowTaskCompleted" for event in history.events):
            return Answers(by_patch={}, complete=True, diverged=False)  # no code has run
        if self._stalled >= IN_A_ROW:
            return Answers(by_patch={}, complete=False, diverged=False)
        self._noted, self._works = {}, False
        verdict = self._session.judge(history, name=history.workflow_id or "history")
        self._stalled = self._stalled + 1 if verdict.reason is Reason.TIMED_OUT else 0
        # A run that has asked for nothing is `vacuous`, and was replayed to its end like any other.
        complete = verdict.outcome is Outcome.CONSISTENT or verdict.reason is Reason.VACUOUS
        return Answers(
            by_patch=self._noted,
            complete=complete and self._works,
            diverged=verdict.outcome is Outcome.DIVERGED,
        )

    def took(
        self, history: History, patch_ids: Iterable[str], *, always: bool = False
    ) -> tuple[dict[str, Took], bool]:
        """What a History did at each of these patches, and whether the replay diverged.

        Args:
            history: Of a fixture or a run.
            patch_ids: Those that its workflow's code may come to.
            always: Replay it even where the markers answer everything.
        """
        found = markers_of(history)
        open_questions = [patch_id for patch_id in patch_ids if patch_id not in found]
        if not open_questions and not always:
            return found, False
        answers = self.answers(history)
        for patch_id in open_questions:
            answer = answers.by_patch.get(patch_id)
            if answer is None:
                found[patch_id] = Took.NOT_REACHED if answers.complete else Took.UNKNOWN
            else:
                # True without a marker: the open end of the History, where the call is made right now.
                found[patch_id] = Took.NOT_REACHED if answer else Took.OLD
        return found, answers.diverged

    def _note(self, patch_id: str, answer: bool) -> None:
        self._noted.setdefault(patch_id, answer)

    def _on_start(self) -> None:
        self._works = True


class _NotingAnswers(Interceptor):
    """Notes what `patched` and `deprecate_patch` answer."""

    def __init__(self, note: Callable[[str, bool], None], on_start: Callable[[], None]) -> None:
        self._note = note
        self._on_start = on_start

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002  # the SDK's name
    ) -> type[WorkflowInboundInterceptor]:
        note, on_start = self._note, self._on_start

        def noting(patch: Callable[..., Any]) -> Callable[..., Any]:
            def noting_patch(id: str, **options: Any) -> Any:  # noqa: A002
                answer = patch(id, **options)
                note(id, bool(answer))
                return answer

            return noting_patch

        class Noting(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(outbound)
                instance = current_instance()
                if instance is not None and wrap_patched(instance, noting):
                    on_start()

        return Noting
