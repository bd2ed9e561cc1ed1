"""The one use case that both doors call: fixtures in, Verdicts out."""

from __future__ import annotations

import dataclasses
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType

from replaykit.check.corpus import Fixture, Registered, findings_of, registered_by
from replaykit.check.worker_choice import folders_of, workers_of
from replaykit.config import Config
from replaykit.errors import ConfigError, HistoryError, InvalidHistoryError
from replaykit.history import History, find_fixtures, read_history
from replaykit.replay.encodings import foreign_encodings
from replaykit.replay.session import ReplaySession
from replaykit.replay.suggestions import patches_of, with_marker_count
from replaykit.replay.workers import Worker, load_worker
from replaykit.trust import Finding, FindingKind
from replaykit.verdict import Outcome, Reason, Report, Verdict

__all__ = ["Check", "as_narrowed", "check", "corpus_findings", "fixtures_of", "others_of"]


def fixtures_of(config: Config, paths: Iterable[Path] = ()) -> tuple[Path, ...]:
    """The fixtures that a check is about: those below the given paths, else below the configured ones.

    Raises:
        ReplaykitError: A path does not exist, or nothing to replay lies below any of them.
    """
    given = tuple(paths)
    # A configured folder comes with the first capture; any other that somebody named should be there.
    usual = {os.path.realpath(path) for path in config.histories}
    asked = [
        path
        for path in given or config.histories
        if os.path.exists(path) or os.path.realpath(path) not in usual
    ]
    found = find_fixtures(asked)
    if not found:
        raise ConfigError(
            f"nothing to replay: {_absence(asked)}",
            where=", ".join(display(path) for path in given or config.histories),
            cure="Capture a workflow first: replaykit capture WORKFLOW_ID" + ("" if asked else _ELSEWHERE),
        )
    return found


_ELSEWHERE = """
It makes the folder. If they are kept in another one, name that in pyproject.toml:

[tool.replaykit]
histories = ["FOLDER"]"""


def _absence(folders: Sequence[Path]) -> str:
    if not folders:
        return "there is no such folder"
    return f"no *.json or *.json.gz below {'it' if len(folders) == 1 else 'them'}"


def check(
    config: Config,
    paths: Iterable[Path] = (),
    *,
    debug: bool = False,
    evidence: bool = False,
    on_verdict: Callable[[Verdict], None] | None = None,
) -> Report:
    """Judge every fixture below the paths.

    Args:
        config: What to judge with.
        paths: Files and folders; the configured histories where there are none.
        debug: See `ReplaySession`.
        evidence: See `ReplaySession`.
        on_verdict: Called with each Verdict as it comes.

    Raises:
        ReplaykitError: There is nothing to replay, or the code cannot be loaded.
    """
    began = time.perf_counter()
    verdicts: list[Verdict] = []
    fixtures = fixtures_of(config, paths)
    with Check(config, debug=debug, evidence=evidence) as judging:
        for path in fixtures:
            verdict = judging.judge_file(path)
            verdicts.append(verdict)
            if on_verdict is not None:
                on_verdict(verdict)
        told = [with_marker_count(verdict, judging.markers) for verdict in verdicts]
        findings = corpus_findings(judging, fixtures, [Fixture.of(verdict) for verdict in verdicts])
    report = Report.of(told, duration_s=time.perf_counter() - began, findings=findings)
    return dataclasses.replace(report, strict=config.strict)


def corpus_findings(
    judging: Check, paths: Iterable[Path], fixtures: Sequence[Fixture]
) -> tuple[Finding, ...]:
    """What the corpus of fixtures says beside the Verdicts.

    A run that was narrowed to some of the configured histories cannot tell which workflows have no fixture;
    where that fails the check, the others are read too.

    Args:
        judging: The check, which knows the workers.
        paths: The fixtures that were judged.
        fixtures: What is known of them.
    """
    config = judging.config
    others = others_of(config, paths)
    if others and config.require_fixtures:
        fixtures = [*fixtures, *map(judging.fixture, others)]
    findings = findings_of(
        judging.registered,
        fixtures,
        whole=config.require_fixtures or not others,
        required=config.require_fixtures,
    )
    return as_narrowed(config, findings)


def as_narrowed(config: Config, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The Findings of a run as its command line meant it: what it leaves out is not stale."""
    if not config.narrowed:
        return tuple(findings)
    return tuple(
        dataclasses.replace(
            finding,
            kind=FindingKind.LEFT_OUT,
            message=f"{finding.subject} is a history of {finding.detail}, which this run leaves out",
            cure="They stay unjudged. To replay the others alone, name paths such as histories/OrderWorkflow",
        )
        if finding.kind is FindingKind.FIXTURE_WITHOUT_WORKFLOW
        else finding
        for finding in findings
    )


def others_of(config: Config, paths: Iterable[Path]) -> tuple[Path, ...]:
    """The fixtures below the configured histories that are not among these."""
    asked = {path.resolve() for path in paths}
    below = find_fixtures(path for path in config.histories if path.exists())
    return tuple(path for path in below if path.resolve() not in asked)


class Check:
    """Judges one History after the other, each by the worker that it belongs to.

    Args:
        config: What to judge with; its workers are loaded at once.
        debug: See `ReplaySession`.
        evidence: See `ReplaySession`.

    Raises:
        WorkflowCodeError: A worker's code cannot be loaded.
    """

    def __init__(self, config: Config, *, debug: bool = False, evidence: bool = False) -> None:
        self.config = config
        self._debug = debug
        self._evidence = evidence
        self._workers = [load_worker(config, worker) for worker in config.workers]
        self._sessions: dict[str, ReplaySession] = {}
        self.markers: Counter[str] = Counter()
        """By patch id, how many of the Histories judged so far carry its marker."""

    def __enter__(self) -> Check:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every replay session."""
        while self._sessions:
            self._sessions.popitem()[1].close()

    def judge_file(self, path: Path) -> Verdict:
        """Read a fixture and judge it. What cannot be read is an unjudged Verdict, not an exception."""
        name = display(path)
        began = time.perf_counter()
        try:
            history = read_history(path)
        except HistoryError as error:
            invalid = isinstance(error, InvalidHistoryError)
            return Verdict(
                history=name,
                outcome=Outcome.UNJUDGED,
                reason=Reason.INVALID_HISTORY if invalid else Reason.UNREADABLE,
                message=str(error),
                duration_s=time.perf_counter() - began,
            )
        return self.judge(history, name=name)

    def judge(self, history: History, *, name: str | None = None) -> Verdict:
        """Judge one History by the worker of its task queue, of its folder, or the one that knows it."""
        name = name or (display(history.path) if history.path else history.workflow_id or "history")
        self.markers.update(patches_of(history))
        worker, ambiguity = self._worker_of(history)
        if ambiguity is not None:
            return Verdict(
                history=name,
                workflow_type=history.workflow_type,
                workflow_id=history.workflow_id,
                run_id=history.run_id,
                outcome=Outcome.UNJUDGED,
                reason=Reason.UNKNOWN_WORKFLOW,
                message=ambiguity,
            )
        session = self._session(worker)
        verdict = session.judge(history, name=name)
        if self.config.narrowed and verdict.reason is Reason.UNKNOWN_WORKFLOW:
            verdict = dataclasses.replace(
                verdict,
                message=f"this run leaves workflow type {history.workflow_type!r} out: "
                "the command line chose other workflows",
            )
        return dataclasses.replace(
            verdict,
            worker=worker.config.name if worker.knows(history.workflow_type or "") else None,
            foreign_encodings=foreign_encodings(history, session.data_converter),
        )

    @property
    def registered(self) -> tuple[Registered, ...]:
        """Every workflow of every worker."""
        return registered_by(self._workers)

    def fixture(self, path: Path) -> Fixture:
        """What the corpus knows of a fixture without a replay."""
        try:
            history = read_history(path)
        except HistoryError:
            return Fixture(history=display(path), workflow_type=None, worker=None)
        return Fixture(
            history=display(path), workflow_type=history.workflow_type, worker=self.worker_name(history)
        )

    def worker_name(self, history: History) -> str | None:
        """The worker that runs the workflow of a History; None where there is none, or more than one."""
        worker, ambiguity = self._worker_of(history)
        known = ambiguity is None and worker.knows(history.workflow_type or "")
        return worker.config.name if known else None

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
            )
        return self._sessions[key]

    def _worker_of(self, history: History) -> tuple[Worker, str | None]:
        workers = self._workers
        if len(workers) == 1:
            return workers[0], None
        folders = folders_of(history.path, self.config.root)
        found = workers_of(workers, history.workflow_type or "", history.task_queue or "", folders)
        if len(found) == 1:
            return found[0], None
        if found:
            names = ", ".join(worker.config.name for worker in found)
            return found[0], (
                f"workers {names} all have a workflow type {history.workflow_type!r}, and task queue "
                f"{history.task_queue!r} does not tell them apart. Add it to the task_queues of one, "
                "or pass --worker NAME"
            )
        known = sorted({name for worker in workers for name in worker.names})
        return workers[0], (
            f"no worker has a workflow type {history.workflow_type!r}. Configured are: {', '.join(known)}. "
            "Add its module to the workflows of one"
        )


def display(path: Path) -> str:
    """A path as a report shows it: relative to the current folder where it lies below it, with slashes."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return os.fspath(path)
