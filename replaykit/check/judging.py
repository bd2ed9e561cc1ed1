"""The Judge of this process."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from replaykit.check.judge import Given, Named, OnVerdict, judgeable, name_of, one_by_one, unread
from replaykit.check.known import Fixture, Registered
from replaykit.check.leaks import Findings, Leaks, MakeElsewhere, Spoiled
from replaykit.check.opened import used_files
from replaykit.check.stalls import Stalls
from replaykit.check.workers import NoWorker, Workers, left_out
from replaykit.config import Config
from replaykit.errors import HistoryError, ReplaykitError
from replaykit.history import History, read_history, timeline
from replaykit.replay.encodings import foreign_encodings
from replaykit.replay.session import ReplaySession
from replaykit.replay.suggestions import patches_of
from replaykit.replay.workers import Worker
from replaykit.verdict import Outcome, Reason, Verdict

__all__ = ["Check"]


class Check:
    """Judges one History after the other, each by the worker that it belongs to.

    Code is loaded and replays are set up once, so keep one for many Histories, and close it: it is a context
    manager.

    Args:
        config: What to judge with; its workers are loaded at once, and a replay may take its `timeout_s`.
        workers: In place of those of the configuration, where they are loaded already.
        debug: Let `breakpoint()` in workflow code through, and wait without a deadline.
        evidence: Put the whole alignment and the timeline into each Verdict.
        watched: Entered around each replay, and around loading the code that it needs.
        on_replay: Called before each replay, with the History and the name of its worker.
        on_load: Called with the name of a worker before its code is imported.
        make_elsewhere: Makes what judges in place of this process once a replay has changed something there
            that those after it could see, and that cannot be undone; given the modules to import first.
        on_spoiled: Called where a replay has changed something, undone or not.

    Raises:
        WorkflowCodeError: The code of the only worker cannot be loaded; one of several is only loaded when a
            History needs it, and costs those alone.

    Example:
        with Check(load_config()) as check:
            verdict = check.judge(Path("histories/OrderWorkflow/order-17--6279184bd1cf.json"))
        assert verdict.is_consistent, verdict.message
    """

    def __init__(
        self,
        config: Config,
        *,
        workers: Workers | None = None,
        debug: bool = False,
        evidence: bool = False,
        watched: Callable[[], AbstractContextManager[None]] = nullcontext,
        on_replay: Callable[[History, str], None] | None = None,
        on_load: Callable[[str], None] | None = None,
        make_elsewhere: MakeElsewhere | None = None,
        on_spoiled: Callable[[Spoiled], None] | None = None,
    ) -> None:
        self.config = config
        self.workers = workers if workers is not None else Workers(config, on_load=on_load)
        self._debug = debug
        self._evidence = evidence
        self._watched = watched
        self._on_replay = on_replay
        self.stalls = Stalls(None if debug else config.timeout_s)
        """Workers that answer nothing any more are not asked."""
        self._sessions: dict[str, ReplaySession] = {}
        self._leaks = Leaks(make_elsewhere, on_spoiled)

    def __enter__(self) -> Check:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def registered(self, *, whole: bool) -> Sequence[Registered]:
        """Find every workflow of its workers.

        Args:
            whole: Load all of them for it; else one that no History has needed gives what its source shows.

        Returns:
            They, by worker.
        """
        return self.workers.registered(whole=whole)

    def files(self) -> tuple[str, ...]:
        """Find the files of the user's that its code was loaded from so far.

        Returns:
            Their paths, in the order of their modules; with `Config.changed` then those that were opened.
        """
        elsewhere = self._leaks.elsewhere
        there = elsewhere.files() if elsewhere is not None else ()
        return tuple(dict.fromkeys((*used_files(), *there)))

    @property
    def findings(self) -> Findings:
        """What was noticed about the code meanwhile: globals that a run changed."""
        return self._leaks.findings

    def known(self, path: Path) -> Fixture:
        """Read a fixture without a replay.

        Args:
            path: The file.

        Returns:
            What is known of it.
        """
        return self.workers.known(path, self.config.limits)

    def close(self) -> None:
        """End every replay session."""
        self._leaks.close()
        while self._sessions:
            self._sessions.popitem()[1].close()

    def judge_all(
        self, sources: Iterable[Given], *, on_verdict: OnVerdict | None = None
    ) -> Iterator[Verdict]:
        """Judge many sources.

        Args:
            sources: As `judge` takes them.
            on_verdict: Called with each Verdict.

        Returns:
            One Verdict for each, in their order, each made when it is asked for.
        """
        return one_by_one(self.judge, sources, on_verdict)

    def judge(self, given: Given, *, name: str | None = None) -> Verdict:
        """Judge one source by the worker of its task queue, of its folder, or the one that knows it.

        Args:
            given: A fixture's path, a History, or a `temporalio.client.WorkflowHistory`.
            name: What the Verdict calls it; by default the path, else the workflow id.

        Returns:
            The Verdict. What cannot be read or judged is an unjudged one, not an exception.
        """
        source = judgeable(given)
        if self._leaks.elsewhere is not None:
            return self._leaks.elsewhere.judge(source, name=name)
        if isinstance(source, Path):
            return self._judge_file(source, name or name_of(source))
        history = source.history if isinstance(source, Named) else source
        return self._judge_history(history, name or name_of(source))

    def judge_file(self, path: Path, *, name: str | None = None) -> Verdict:
        """Read a fixture and judge it.

        Args:
            path: The file.
            name: What the Verdict calls it; by default the path from the current folder.

        Returns:
            The Verdict. What cannot be read is an unjudged one, not an exception.
        """
        return self.judge(path, name=name)

    def _judge_file(self, path: Path, name: str) -> Verdict:
        began = time.perf_counter()
        try:
            history = read_history(path, limits=self.config.limits)
        except HistoryError as error:
            return unread(name, error, duration_s=time.perf_counter() - began)
        return self._judge_history(history, name)

    def _judge_history(self, history: History, name: str) -> Verdict:
        try:
            with self._watched():
                return self._judged(history, name)
        except ReplaykitError:
            raise
        except Exception as error:  # of ours: it costs this History, not those after it
            return Verdict(
                history=name,
                workflow_type=history.workflow_type,
                workflow_id=history.workflow_id,
                run_id=history.run_id,
                outcome=Outcome.UNJUDGED,
                reason=Reason.CRASHED,
                message=f"replaykit broke down under this history: {type(error).__name__}. Please report it",
                detail=traceback.format_exc(),
            )

    def _judged(self, history: History, name: str) -> Verdict:
        worker = self.workers.of(history)
        if isinstance(worker, NoWorker):
            return Verdict(
                history=name,
                workflow_type=history.workflow_type,
                workflow_id=history.workflow_id,
                run_id=history.run_id,
                outcome=Outcome.UNJUDGED,
                reason=Reason.WORKFLOW_TASK_FAILED if worker.is_broken else Reason.UNKNOWN_WORKFLOW,
                message=worker.message,
                markers=patches_of(history),
            )
        stopped = self.stalls.verdict(worker.config.name, name=name)
        if stopped is not None:
            return replace(
                stopped,
                workflow_type=history.workflow_type,
                workflow_id=history.workflow_id,
                run_id=history.run_id,
                worker=_name_of(worker, history),
                markers=patches_of(history),
            )
        verdict = self._replayed(history, worker, name)
        self.stalls.note(worker.config.name, verdict)
        return verdict

    def _replayed(self, history: History, worker: Worker, name: str) -> Verdict:
        if self._on_replay is not None:
            self._on_replay(history, worker.config.name)
        session = self._session(worker)
        began = time.perf_counter()
        with self._leaks.watched(worker, history.workflow_type):
            diagnosis = session.diagnose(history)
        duration_s = time.perf_counter() - began
        if self.config.narrowed and diagnosis.reason is Reason.UNKNOWN_WORKFLOW:
            diagnosis = left_out(history)
        return diagnosis.verdict(
            history,
            name=name,
            duration_s=duration_s,
            timeline=timeline(history) if self._evidence else (),
            worker=_name_of(worker, history),
            foreign_encodings=foreign_encodings(history, session.data_converter),
            markers=patches_of(history),
        )

    def _session(self, worker: Worker) -> ReplaySession:
        key = worker.config.name
        if key not in self._sessions:
            self._sessions[key] = ReplaySession(
                worker,
                root=self.config.root,
                timeout_s=self.config.timeout_s,
                debug=self._debug,
                evidence=self._evidence,
                strict=self.config.strict_policy if self.config.strict else None,
                warm=self.config.warm,
            )
        return self._sessions[key]


def _name_of(worker: Worker, history: History) -> str | None:
    return worker.config.name if worker.knows(history.workflow_type or "") else None
