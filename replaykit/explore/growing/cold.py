"""Asks the code what it wants next: Core activates it on a growing history.

Each question is a whole cold replay, with Core's own state machines: what TRY_CANCEL resolves at once, in
which order the jobs of a task come, what a patch answers, none of it is modelled here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from replaykit.errors import ReplaykitError
from replaykit.explore.growing.engine import NO_ANSWER, Turn, failure_around
from replaykit.explore.growing.heard import Heard
from replaykit.explore.growing.lines import Lines
from replaykit.explore.growing.service import Encoder, Ledger, LocalOutcome
from replaykit.explore.growing.service.subjects.updates import with_admitted
from replaykit.explore.growing.tip import Tip, ask_queries, end_locals, note
from replaykit.explore.scenario import Step
from replaykit.history import History
from replaykit.replay.lane import LaneBroken, Stalled
from replaykit.replay.raised import CodeFailure
from replaykit.replay.recorder import Activate, Made, Recording
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import Worker

__all__ = ["Cold"]


class Cold:
    """Asks by whole replays.

    Args:
        worker: The worker's code.
        root: The project.
        timeout_s: Deadline of each question, in seconds.
        made: Called with each instance that a replay makes.
        before: Called with each activation, before the code is.
    """

    def __init__(
        self,
        worker: Worker,
        *,
        root: Path,
        timeout_s: float = 20.0,
        made: Made | None = None,
        before: Callable[[WorkflowActivation], None] | None = None,
    ) -> None:
        self.heard = Heard()
        self.lines = Lines()
        interceptors = (*worker.interceptors, *self.heard.interceptors)
        self.worker = dataclasses.replace(worker, interceptors=interceptors)
        self._tip: Tip | None = None
        self._recording = Recording()
        self._before = before
        self.session = ReplaySession(
            self.worker, root=root, timeout_s=timeout_s, around=self._around, made=made
        )
        self.session.begin()  # values are written as the worker's plugins have it
        self.converter = self.session.data_converter
        self.encoder = Encoder(self.converter)

    def close(self) -> None:
        """End the Replayers."""
        self.session.close()

    def ask(
        self, ledger: Ledger, outcomes: Sequence[LocalOutcome], queries: Sequence[tuple[int, Step]]
    ) -> Turn:
        """See `replaykit.explore.growing.engine.Engine.ask`."""
        self.heard.results.begin()
        events = tuple(with_admitted(ledger))
        tip = Tip(started_id=len(events), outcomes=outcomes, queries=queries, encoder=ledger.encoder)
        self._tip = tip
        history = dataclasses.replace(ledger.history(), events=events)
        with self.heard.patches.predated(ledger.opening.predates):
            failure, problem = self._replay(history)
        self._tip = None
        return Turn(
            asked=tuple(tip.asked),
            flags=tuple(sorted(tip.flags)),
            waiting=tuple(target for target, _ in tip.waiting.values()),
            failure=failure,
            problem="" if failure is not None else problem,
        )

    def asked_again(
        self, ledger: Ledger, outcomes: Sequence[LocalOutcome], queries: Sequence[tuple[int, Step]]
    ) -> Recording:
        """See `replaykit.explore.growing.engine.Engine.asked_again`."""
        self.ask(ledger, outcomes, queries)
        return self._recording

    def _replay(self, history: History) -> tuple[CodeFailure | None, str]:
        try:
            replayed = self.session.record(history)
        except Stalled:
            return None, NO_ANSWER
        except LaneBroken as error:
            raise ReplaykitError(
                f"the SDK's Replayer broke down: {error.__cause__ or error}",
                cure="Replay a captured history of this workflow first: replaykit replay.",
            ) from error
        recording = self._recording = replayed.recording
        return recording.failure or failure_around(recording), str(replayed.failure or "")

    def _around(self, activate: Activate, act: WorkflowActivation) -> WorkflowActivationCompletion:
        tip = self._tip
        if tip is None:
            return activate(act)
        if self._before is not None:
            self._before(act)
        if act.history_length not in tip.seen:
            ask_queries(activate, act, tip)
            tip.seen.append(act.history_length)
        completion = activate(act) if act.is_replaying else self.lines.of(lambda: activate(act))
        if act.history_length == tip.started_id:
            note(tip, completion)
            if not act.is_replaying:
                end_locals(activate, act, tip, completion)
                if not tip.waiting:
                    ask_queries(activate, act, tip)
        return completion
