"""The Judge that answers from before where nothing has changed, and asks another Judge for the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType

from replaykit.check.judge import Given, Judge, OnVerdict
from replaykit.check.kept.answers import Answers, Decision
from replaykit.check.kept.keeping import Ran, keep
from replaykit.check.known import Fixture, Registered
from replaykit.config import Config
from replaykit.errors import ReplaykitError
from replaykit.trust import Finding
from replaykit.verdict import Verdict

__all__ = ["KeptCheck"]


class KeptCheck:
    """Judges as another Judge does, which is made where something has to be replayed.

    It is a context manager; what was replayed is kept when it is left. A Verdict from before says so:
    `Verdict.kept`. What is no fixture's path is always replayed.

    Args:
        config: What to judge with.
        answers: What is known of earlier checks.
        make: Makes what replays.
    """

    def __init__(
        self, config: Config, answers: Answers, make: Callable[[], AbstractContextManager[Judge]]
    ) -> None:
        self._config = config
        self._answers = answers
        self._make = make
        self._judge: Judge | None = None
        self._registered: Sequence[Registered] | None = answers.registered()
        self._fresh: Sequence[Registered] | None = None
        """What the workers run, as they were just loaded."""
        self._decisions: dict[Path, Decision] = {}
        self._judged: dict[Path, tuple[Decision, Verdict]] = {}
        self._open = ExitStack()

    def __enter__(self) -> KeptCheck:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._open:
            if kind is None:
                self._keep()

    @property
    def config(self) -> Config:
        """What it judges with."""
        return self._config

    @property
    def decisions(self) -> Sequence[Decision]:
        """What was done about each fixture, and why."""
        return tuple(self._decisions.values())

    def decide(self, path: Path) -> Decision:
        """What is to be done about a fixture as long as no code is loaded, and why."""
        return self._answers.decide(path)

    def registered(self, *, whole: bool) -> Sequence[Registered]:
        """See `Judge.registered`; all workers are loaded for it, once after each change."""
        if self._registered is None:
            self._fresh = self._registered = self._started().registered(whole=True)
        return self._registered

    @property
    def hash_seeds(self) -> tuple[int, ...]:
        """PYTHONHASHSEED of each process that has judged anything, where those have their own."""
        return tuple(getattr(self._judge, "hash_seeds", ()))

    @property
    def findings(self) -> Sequence[Finding]:
        """See `Judge.findings`: a Verdict that something was noticed with is not kept."""
        return self._judge.findings if self._judge is not None else ()

    def files(self) -> Sequence[str]:
        """See `Judge.files`; none where nothing was replayed."""
        files = self._judge.files() if self._judge is not None else ()
        return [name for name in files if not name.startswith("<")]

    def known(self, path: Path) -> Fixture:
        """See `Judge.known`."""
        return self._answers.known(path) or self._started().known(path)

    def judge(self, given: Given, *, name: str | None = None) -> Verdict:
        """See `Judge.judge`; a path without another name may be answered from before."""
        if name is not None or not isinstance(given, Path):
            return self._started().judge(given, name=name)
        return next(self.judge_all([given]))

    def judge_all(
        self, sources: Iterable[Given], *, on_verdict: OnVerdict | None = None
    ) -> Iterator[Verdict]:
        """See `Judge.judge_all`.

        Raises:
            ReplaykitError: The code cannot be loaded.
        """
        given = list(sources)
        self.prepare(source for source in given if isinstance(source, Path) and str(source) != "-")
        waiting = [source for source in given if not self._is_answered(source)]
        replayed = self._started().judge_all(waiting, on_verdict=on_verdict) if waiting else iter(())
        for source in given:
            if isinstance(source, Path) and self._is_answered(source):
                verdict = self._decisions[source].verdict
                assert verdict is not None, source
                if on_verdict is not None:
                    on_verdict(verdict)
            else:
                verdict = next(replayed)
                if isinstance(source, Path) and source in self._decisions:
                    self._judged[source] = self._decisions[source], verdict
            yield verdict
        for verdict in replayed:  # its end: only then is all known about those that judged
            raise AssertionError(verdict.history)

    def prepare(self, paths: Iterable[Path]) -> None:
        """Decide about fixtures; where one has to be replayed, load the code.

        Raises:
            ReplaykitError: It cannot be loaded.
        """
        new = [path for path in paths if path not in self._decisions]
        self._decisions.update((path, self.decide(path)) for path in new)
        if self._fresh is not None or self._registered is None or not all(map(self._is_answered, new)):
            self._ensure_still_run(new)

    def _is_answered(self, source: Given) -> bool:
        decision = self._decisions.get(source) if isinstance(source, Path) else None
        return decision is not None and decision.verdict is not None

    def _ensure_still_run(self, paths: Iterable[Path]) -> None:
        """Where code is loaded anyway, see that it runs the workflows of answered Histories as before."""
        if self._fresh is None:
            self._fresh = self._registered = self._started().registered(whole=True)
        for path in filter(self._is_answered, paths):
            decision = self._decisions[path]
            if not self._answers.still_run(decision, path, self._fresh):
                self._decisions[path] = Decision(
                    history=decision.history,
                    content=decision.content,
                    verdict=None,
                    why="its worker runs other workflows now",
                )

    def _started(self) -> Judge:
        if self._judge is None:
            self._judge = self._open.enter_context(self._make())
        return self._judge

    def _keep(self) -> None:
        judge = self._judge
        if judge is None:
            return
        try:
            registered = judge.registered(whole=True)
        except ReplaykitError:  # its code cannot be loaded, which whoever had it judge knows
            return
        ran = Ran(
            judged=self._judged,
            answered=[*filter(self._is_answered, self._decisions)],
            registered=registered,
            files=frozenset(judge.files()),
            findings=judge.findings,
        )
        keep(self._answers, ran)
