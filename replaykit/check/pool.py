"""The Judge that has several children do it, each as `ChildCheck` asks one."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from replaykit.check.child import ChildCheck
from replaykit.check.hash_seeds import USUAL, VARIABLE, Trial, seeds
from replaykit.check.judge import Given, OnVerdict, name_of, one_by_one
from replaykit.check.known import Fixture, Registered
from replaykit.check.lessons import Lessons
from replaykit.check.programs import judging_child_here
from replaykit.check.questions import Loaded
from replaykit.check.sharing import Sharing, Task
from replaykit.config import Config
from replaykit.errors import ReplaykitError
from replaykit.processes import Program, usable_cores
from replaykit.trust import Finding
from replaykit.verdict import Verdict

__all__ = ["PoolCheck"]

_T = TypeVar("_T")
_LOOK_S = 0.1
"""How often it is asked whether another process would pay for itself."""
_PAYS = 2.0
"""Another one is started for work of so many times its own start."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Member:
    """One child of a pool."""

    child: ChildCheck
    seed: int
    """Its PYTHONHASHSEED."""
    asking: threading.Lock = field(default_factory=threading.Lock)
    """It is asked by one thread at a time."""


class PoolCheck:
    """Judges as `ChildCheck` does, in as many children as there are cores and as the Histories are worth.

    A context manager: the first child is started when it is entered, and none is left when it is left. Each
    child has a hash seed of its own; what fails under another one than the first child's is judged under that
    too. Files are handed out one by one, the largest first; a child that is lost costs the one that it had.

    What a child learns of workers holds for all (`Lessons`): three deadlines in a row are three of whatever
    children, and a worker whose code one did not survive is loaded by no other. What came before in its
    process is each child's own: one in question is judged again in a new process in its place, by that child.

    Args:
        config: What to judge with. Of its `jobs`, so many children; None for as many as pay for themselves.
        seed: PYTHONHASHSEED of the first child; by default that of the environment, else any.
        evidence: Put the whole alignment and the timeline into each Verdict.
        program: What each child runs, where that is not the code of this folder.
        on_output: Given what the code prints.
    """

    def __init__(
        self,
        config: Config,
        *,
        seed: int | None = None,
        evidence: bool = False,
        program: Program | None = None,
        on_output: Callable[[bytes], None] | None = None,
    ) -> None:
        self._config = config
        self._program = program or judging_child_here(config, evidence=evidence, on_output=on_output)
        self._seeds = seeds(seed)
        self._members: list[_Member] = []
        self._lessons = Lessons(config.timeout_s)
        self._findings: dict[Finding, None] = {}
        self._busy: set[int] = set()
        """The numbers of the children that have been given anything."""
        self._began = 0.0
        self._load_s = 0.0
        """What the first child took to load, in seconds; 0 as long as nobody knows."""
        self._open = ExitStack()

    def __enter__(self) -> PoolCheck:
        self._began = time.monotonic()
        self._add()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    @property
    def config(self) -> Config:
        """What it judges with."""
        return self._config

    @property
    def hash_seeds(self) -> tuple[int, ...]:
        """PYTHONHASHSEED of each process that has judged anything."""
        return tuple(self._members[number].seed for number in sorted(self._busy))

    @property
    def loaded(self) -> Loaded:
        """What the first child has loaded; waits for it.

        Raises:
            ReplaykitError: The code cannot be loaded.
        """
        return self._loaded(USUAL)

    @property
    def findings(self) -> Sequence[Finding]:
        """See `Judge.findings`: each once; those of several children in the order of what they are about."""
        found = dict.fromkeys(finding for each in self._members for finding in each.child.findings)
        if len(self._members) == 1:
            return tuple(found)
        return sorted((*found, *self._findings), key=lambda each: (each.kind, each.subject, each.message))

    def registered(self, *, whole: bool) -> Sequence[Registered]:
        """See `Judge.registered`: of each worker what a child answers that has loaded it.

        Raises:
            ReplaykitError: A child was lost over it.
        """
        numbers = [USUAL] if whole else sorted({USUAL, *self._busy})
        answers = [self._asked(number, partial(ChildCheck.registered, whole=whole)) for number in numbers]
        if len(answers) == 1:
            return answers[0]
        return _merged(answers, [worker.name for worker in self._config.workers])

    def files(self) -> Sequence[str]:
        """See `Judge.files`."""
        answers = [self._asked(number, ChildCheck.files) for number in sorted({USUAL, *self._busy})]
        return tuple(dict.fromkeys(file for files in answers for file in files))

    def known(self, path: Path) -> Fixture:
        """What is known of a file without a replay.

        Raises:
            ReplaykitError: The child was lost over it.
        """
        return self._asked(USUAL, lambda child: child.known(path))

    def judge(self, given: Given, *, name: str | None = None) -> Verdict:
        """Judge one source, in the first child.

        Raises:
            ReplaykitError: The code cannot be loaded, or this SDK does not let replaykit judge.
        """
        self._busy.add(USUAL)
        return self._asked(USUAL, lambda child: child.judge(given, name=name))

    def judge_all(
        self, sources: Iterable[Given], *, on_verdict: OnVerdict | None = None
    ) -> Iterator[Verdict]:
        """See `Judge.judge_all`: files are judged in all children, and what is no file in the first.

        Raises:
            ReplaykitError: The code cannot be loaded.
        """
        given = sources if isinstance(sources, Sequence) else ()
        files = [(source, name_of(source)) for source in given if isinstance(source, Path)]
        if not files or len(files) < len(given):
            return one_by_one(self.judge, sources, on_verdict)
        return self._judged(files, on_verdict)

    def judge_files(self, files: Mapping[str, Path]) -> Iterator[Verdict]:
        """The Verdicts on files, in their order.

        Args:
            files: By what the Verdict calls it.

        Raises:
            ReplaykitError: The code cannot be loaded.
        """
        return self._judged([(path, name) for name, path in files.items()], None)

    def _judged(self, files: Sequence[tuple[Path, str]], on_verdict: OnVerdict | None) -> Iterator[Verdict]:
        most = min(self._config.jobs or usable_cores(), len(files))
        if most < 2:
            names = iter([name for _, name in files])
            yield from one_by_one(
                lambda path: self.judge(path, name=next(names)), [path for path, _ in files], on_verdict
            )
            return
        sharing = Sharing([Task.of(index, path, name) for index, (path, name) in enumerate(files)])
        at_work: list[threading.Thread] = []
        ready: dict[int, Verdict] = {}
        try:
            for index in range(len(files)):
                while index not in ready:
                    self._put_to_work(min(most, self._worth(sharing)), sharing, at_work)
                    done = sharing.next(_LOOK_S)
                    if done is not None:
                        ready[done.index] = done.verdict
                        if on_verdict is not None:
                            on_verdict(done.verdict)
                yield ready.pop(index)
        finally:
            sharing.stop()
            self._busy.update(sharing.busy)
            self._findings.update(dict.fromkeys(sharing.findings))

    def _worth(self, sharing: Sharing) -> int:
        """How many processes pay for themselves: the first one shows what a start and a replay take here."""
        if self._config.jobs is not None:
            return self._config.jobs
        if not self._load_s or sharing.spent_s() < self._load_s / 2:  # its first replay takes longer
            return 1
        return max(1, math.ceil(sharing.waiting_s() / (_PAYS * self._load_s)))

    def _put_to_work(self, count: int, sharing: Sharing, at_work: list[threading.Thread]) -> None:
        """Have so many children judge; where more of them do already, they go on."""
        for number in range(len(at_work), count):
            if number == len(self._members):
                self._add()
            thread = threading.Thread(
                target=self._serve, args=(number, sharing), name=f"replaykit-pool-{number}", daemon=True
            )
            at_work.append(thread)
            thread.start()

    def _add(self) -> None:
        """Start one more child, and do not wait for it."""
        seed = next(self._seeds)
        program = replace(self._program, env={**self._program.env, VARIABLE: str(seed)})
        child = ChildCheck(self._config, program=program, lessons=self._lessons)
        self._members.append(_Member(child=self._open.enter_context(child), seed=seed))

    def _asked(self, number: int, ask: Callable[[ChildCheck], _T]) -> _T:
        """What a child answers; a thread that still waits for its answer to something else is waited for."""
        member = self._members[number]
        with member.asking:
            return ask(member.child)

    def _loaded(self, number: int) -> Loaded:
        loaded = self._asked(number, lambda child: child.loaded)
        if number == USUAL and not self._load_s:
            self._load_s = time.monotonic() - self._began
        return loaded

    def _serve(self, number: int, sharing: Sharing) -> None:
        """In a thread of its own: have one child judge what there is."""
        seed = self._members[number].seed
        try:
            self._loaded(number)
            while (task := sharing.take(number)) is not None:
                verdict = self._asked(number, partial(ChildCheck.judge, given=task.path, name=task.name))
                sharing.answer(task, Trial(number=number, seed=seed, verdict=verdict))
        except ReplaykitError as error:
            # One more child may find no memory to load in: the others go on, and the first one decides.
            if number == USUAL or number in sharing.busy:
                sharing.fail(error)
        except BaseException as error:
            sharing.fail(error)


def _merged(answers: Iterable[Sequence[Registered]], names: Sequence[str]) -> tuple[Registered, ...]:
    """What several children have registered, worker by worker; one that has not loaded it knows less.

    Args:
        answers: Of each child.
        names: Of the workers, in their order.
    """
    found: dict[str, Sequence[Registered]] = {}
    for entries in answers:
        for name in names:
            own = [entry for entry in entries if entry.worker == name]
            if name not in found or (_is_loaded(own) and not _is_loaded(found[name])):
                found[name] = own
    return tuple(entry for name in names for entry in found[name])


def _is_loaded(entries: Iterable[Registered]) -> bool:
    return any(entry.code is not None for entry in entries)
