"""The Judge that has a child do it: whatever the code does to its process, the other Histories are judged."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from replaykit.check.judge import (
    Given,
    Judgeable,
    OnVerdict,
    history_in,
    judgeable,
    name_of,
    one_by_one,
    unread,
)
from replaykit.check.known import Fixture, Registered
from replaykit.check.lessons import Lessons
from replaykit.check.programs import judging_child_here
from replaykit.check.questions import (
    AboutFile,
    AboutWorkers,
    Began,
    Loaded,
    Loading,
    Spoiled,
    ToJudge,
    WhichFiles,
)
from replaykit.config import Config
from replaykit.errors import HistoryError, ReplaykitError
from replaykit.paths import display, display_code
from replaykit.processes import ChildLostError, Children, Program, to_answer, to_load
from replaykit.replay.converter_steps import cure_of_loss, step_in_stack
from replaykit.trust import Finding, FindingKind
from replaykit.verdict import Outcome, Reason, SourceLine, Verdict

__all__ = ["ChildCheck"]

_IN_QUESTION = {
    Reason.CRASHED,
    Reason.UNDECODABLE_PAYLOAD,
    Reason.UNREADABLE,
    Reason.WORKFLOW_TASK_FAILED,
}
"""Reasons that what an earlier run left in the process can bring about."""
_AT = re.compile(r"^(.*):(\d+) in (.*)$", re.DOTALL)
_STDIN = Path("-")
_LOST = "<ended its process>"
"""Among files: what else there was is not known; see `used_files`."""


class ChildCheck:
    """Judges as `Check` does, in a child: one that the code ends, stops or spoils costs the History at hand.

    It is a context manager; the child is started when it is entered, and is gone when it is left.

    Args:
        config: What to judge with.
        evidence: Put the whole alignment and the timeline into each Verdict.
        program: What the child runs, where that is not the code of this folder.
        on_output: Given what the code prints.
        imported: Modules that are imported before the first replay, since a replay would be the first to.
        lessons: What other children of the same check have taught; it is added to.
    """

    def __init__(
        self,
        config: Config,
        *,
        evidence: bool = False,
        program: Program | None = None,
        on_output: Callable[[bytes], None] | None = None,
        imported: Sequence[str] = (),
        lessons: Lessons | None = None,
    ) -> None:
        self._config = config
        self._program = program or judging_child_here(config, evidence=evidence, on_output=on_output)
        self._children = Children()
        self._child = self._children.of(self._program)
        self._loaded: Loaded | None = None
        self._began: Began | None = None
        self._lessons = lessons or Lessons(config.timeout_s)
        self._lessons.import_early(imported)
        self._is_news: bool | None = None
        """Of the worker that the child was lost over while it loaded it; None where it was lost over none."""
        self._found: dict[Finding, None] = {}
        self._files: dict[str, None] = {}
        """What earlier children have loaded and opened, where that is asked."""
        self._is_spoiled = False
        self._has_judged = False

    def __enter__(self) -> ChildCheck:
        self._children.__enter__()
        try:
            self._child.launch()
        except BaseException:
            self._children.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._children.__exit__(kind, error, trace)

    @property
    def config(self) -> Config:
        """What it judges with."""
        return self._config

    @property
    def loaded(self) -> Loaded:
        """What the child has loaded; waits for it.

        Raises:
            ReplaykitError: The code cannot be loaded.
        """
        if self._loaded is None:
            self._loaded = self._child.loaded()
        return self._loaded

    def registered(self, *, whole: bool) -> Sequence[Registered]:
        """See `Judge.registered`.

        Raises:
            ReplaykitError: The child was lost over it.
        """
        _ = self.loaded
        found: Sequence[Registered] = self._insisted(
            lambda: AboutWorkers(whole=whole, broken=self._lessons.broken)
        )
        return found

    def files(self) -> Sequence[str]:
        """See `Judge.files`; none where the child is lost over it."""
        try:
            self._files.update(dict.fromkeys(self._asked(WhichFiles())))
        except ReplaykitError:
            self._files[_LOST] = None
        return tuple(name for name in self._files if name != _LOST or self._config.changed)

    @property
    def findings(self) -> Sequence[Finding]:
        """See `Judge.findings`."""
        return tuple(self._found)

    def judge_all(
        self, sources: Iterable[Given], *, on_verdict: OnVerdict | None = None
    ) -> Iterator[Verdict]:
        """See `Judge.judge_all`.

        Raises:
            ReplaykitError: The code cannot be loaded.
        """
        return one_by_one(self.judge, sources, on_verdict)

    def judge(self, given: Given, *, name: str | None = None) -> Verdict:
        """Judge one source, in the child.

        Args:
            given: A fixture's path, a History, or a `temporalio.client.WorkflowHistory`.
            name: What the Verdict calls it; by default the path, else the workflow id.

        Returns:
            The Verdict; unjudged where the child did not survive the replay.

        Raises:
            ReplaykitError: The code cannot be loaded, or this SDK does not let replaykit judge.
        """
        source = judgeable(given)
        name = name or name_of(source)
        _ = self.loaded
        if source == _STDIN:  # the child has another one
            from replaykit.history import read_history

            try:
                source = read_history(_STDIN, limits=self._config.limits)
            except HistoryError as error:
                return unread(name, error)
        source = source.absolute() if isinstance(source, Path) else source  # whatever folder it is in then
        is_first = self._is_spoiled or not self._has_judged
        verdict = self._judged(source, name)
        cause = None if is_first else _cause_in_question(verdict)
        if cause is not None and not self._lessons.is_confirmed(cause):
            again = self._in_another(verdict, source)
            if again.reason is verdict.reason:
                self._lessons.confirm(cause)
            verdict = again
        if self._began is not None:
            self._lessons.note(self._began.worker, verdict)
        return verdict

    def _judged(self, source: Judgeable, name: str) -> Verdict:
        self._began = None
        try:
            verdict: Verdict = self._asked(
                ToJudge(
                    source=source,
                    name=name,
                    stalls=self._lessons.stalls,
                    broken=self._lessons.broken,
                    imported=self._lessons.imported,
                )
            )
        except ChildLostError as error:
            self._has_judged = False
            if self._is_news is False:  # the History is not to blame, and another one has paid for it
                return self._judged(source, name)
            return self._lost(name, source, error)
        self._has_judged = True
        return verdict

    def _in_another(self, verdict: Verdict, source: Judgeable) -> Verdict:
        """The Verdict of a child that has judged nothing before, in place of one that had."""
        self._is_spoiled = True
        again = self._judged(source, verdict.history)
        if again.reason is not verdict.reason:
            kind = verdict.workflow_type or "a run"
            finding = Finding(
                kind=FindingKind.SHARED_STATE,
                subject=verdict.history,
                worker=verdict.worker or "default",
                detail=kind,
                message=f"{verdict.history} was judged again in a new process: after other histories it was "
                f"unjudged ({verdict.message})",
                cure="Something that a run of them leaves in its process reaches others: a library that is\n"
                "patched, a setting of the interpreter. In production it would be those of the same worker",
            )
            self._found[finding] = None
        return again

    def known(self, path: Path) -> Fixture:
        """What is known of a file without a replay.

        Raises:
            ReplaykitError: The child was lost over it.
        """
        _ = self.loaded
        fixture: Fixture = self._insisted(
            lambda: AboutFile(path=path.absolute(), broken=self._lessons.broken)
        )
        return replace(fixture, history=display(path))

    def _insisted(self, question: Callable[[], AboutFile | AboutWorkers]) -> Any:
        """The answer to a question, asked again without each worker whose code a child did not survive.

        Raises:
            ReplaykitError: The child was lost over something else.
        """
        while True:
            try:
                return self._asked(question())
            except ChildLostError:
                if self._is_news is None:
                    raise

    def _asked(self, question: ToJudge | AboutFile | AboutWorkers | WhichFiles) -> Any:
        """The child's answer to a question; where it is lost, the next one is asked of a new child.

        Raises:
            ReplaykitError: It was lost.
        """
        self._is_news = None
        if self._is_spoiled or not self._child.is_running:
            self._note_files()
            try:
                self._child.start()
            except ReplaykitError as error:  # it did load before
                raise ChildLostError(str(error), reason=Reason.CRASHED) from error
            self._is_spoiled = False
        self._child.send(question)
        loading: str | None = None
        while True:
            try:
                answer = self._child.hear(self._within_s(loading))
            except ReplaykitError as error:
                if loading is not None:
                    self._is_news = self._lessons.give_up(loading, str(error))
                raise
            if isinstance(answer, Began):
                self._began = answer
            elif isinstance(answer, Spoiled):
                self._note(answer)
            elif not isinstance(answer, Loading):
                return answer
            loading = answer.worker if isinstance(answer, Loading) else None

    def _note_files(self) -> None:
        """What a child has opened is known to it alone, and it is about to be replaced."""
        if not self._config.changed:
            return
        self._child.send(WhichFiles())
        try:
            self._files.update(dict.fromkeys(self._child.hear(self._within_s(None))))
        except ReplaykitError:
            self._files[_LOST] = None

    def _note(self, spoiled: Spoiled) -> None:
        """What is judged next has a new child, where this one cannot be made as before."""
        self._found.update(dict.fromkeys(spoiled.findings))
        self._lessons.import_early(spoiled.imported)
        self._is_spoiled = not spoiled.is_undone

    def _within_s(self, loading: str | None) -> float:
        """How long an answer may take, in seconds."""
        return (to_answer if loading is None else to_load)(self._config.timeout_s)

    def _lost(self, name: str, source: Judgeable, lost: ChildLostError) -> Verdict:
        step = step_in_stack(lost.there.stack)
        verdict = Verdict(
            history=name,
            outcome=Outcome.UNJUDGED,
            reason=lost.reason,
            message=f"{lost}, in the {step.part}. {cure_of_loss(step)}" if step is not None else str(lost),
            source=self._line(lost.there.at),
        )
        run = self._began or history_in(source, self._config.limits)
        if run is None:
            return verdict
        return replace(
            verdict,
            workflow_type=run.workflow_type,
            workflow_id=run.workflow_id,
            run_id=run.run_id,
            worker=run.worker if isinstance(run, Began) else None,
        )

    def _line(self, at: str) -> SourceLine | None:
        found = _AT.match(at)
        if found is None:
            return None
        file, line, function = found.groups()
        return SourceLine(file=display_code(file, self._config.root), line=int(line), function=function)


def _cause_in_question(verdict: Verdict) -> Hashable:
    """What may have come of earlier runs, the same for all that fail alike; None where nothing may."""
    if verdict.reason not in _IN_QUESTION:
        return None
    return verdict.reason, verdict.worker, verdict.workflow_type, verdict.source
