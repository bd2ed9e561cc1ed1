"""What one pytest session knows about replays: the histories it was asked for, and the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from replaykit.paths import real
from replaykit.plugin.options import reason_to_replay_all, with_options
from replaykit.plugin.watchdog import watched
from replaykit.visible import visible_in_line

if TYPE_CHECKING:
    from replaykit.check import Check, ChildCheck, Fixture, Given, Judge, KeptCheck, Registered
    from replaykit.config import Config
    from replaykit.plugin.gates import Answer
    from replaykit.report.html import Answer as HtmlAnswer
    from replaykit.trust import Finding
    from replaykit.verdict import Since, Verdict

__all__ = ["REPLAYS", "Replays", "covers"]

_REGISTERED = "replaykit_registered"
_FINDINGS = "replaykit_findings"
_FILES = "replaykit_files"


class Replays:
    """What one pytest session knows about replays."""

    def __init__(self, config: pytest.Config, paths: list[Path]) -> None:
        from replaykit.check import fixtures_of
        from replaykit.config import load_config

        self._pytest = config
        self.paths = paths
        self._check: Check | None = None
        self._kept: KeptCheck | None = None
        self._entries: list[str] = []
        self._answers: list[HtmlAnswer] = []
        self._learned: tuple[Registered, ...] = ()
        self._learned_findings: dict[Finding, None] = {}
        self._learned_files: dict[str, None] = {}
        self._since: Mapping[str, Since] | None = None
        self.config: Config = with_options(load_config(config.rootpath), config.getoption)
        self._replays_all = reason_to_replay_all(config.getoption) if self.config.changed else None
        if self._replays_all is not None:
            self.config = replace(self.config, changed=False)
        found = fixtures_of(self.config, paths) if paths else ()
        self.found_at = {real(path): path.absolute() for path in found}
        """By where a fixture really is, its path as it was found, which can be a link."""
        self.fixtures = frozenset(self.found_at)
        self.expected: set[Path] = set()
        """The fixtures that must become tests in this run."""

    @property
    def check(self) -> Check:
        """The engine; workflow code is imported at the first use."""
        if self._check is None:
            from replaykit.check import Check
            from replaykit.processes import to_load

            debug = self._pytest.getoption("replay_debug")
            with self._watched(to_load(self.config.timeout_s)):
                self._check = Check(
                    self.config,
                    debug=debug,
                    evidence=self._evidence,
                    watched=self._replay_watched,
                    make_elsewhere=None if debug else self._made_elsewhere,
                )
        return self._check

    @property
    def _keeping(self) -> KeptCheck | None:
        """What answers from before, where that was asked for; it replays in a process of its own."""
        if self.config.changed and self._kept is None:
            from replaykit.check import ChildCheck, kept_check

            self._kept = kept_check(self.config, ChildCheck, door="pytest")
        return self._kept

    @property
    def _judge(self) -> Judge | None:
        """What has judged so far, or knows that it need not; None as long as nothing did."""
        return self._kept or self._check

    def load(self, fixtures: Iterable[Path]) -> None:
        """Import the workflow code, unless these fixtures are all answered from before.

        Raises:
            ReplaykitError: It cannot be loaded.
        """
        if self._keeping is not None:
            self._keeping.prepare(fixtures)
        else:
            _ = self.check

    @property
    def _evidence(self) -> bool:
        return bool(self._pytest.getoption("replay_html"))

    def _made_elsewhere(self, imported: Sequence[str]) -> ChildCheck:
        from replaykit.check import ChildCheck

        return ChildCheck(self.config, evidence=self._evidence, imported=imported)

    def _replay_watched(self) -> AbstractContextManager[None]:
        from replaykit.processes import to_answer

        return self._watched(to_answer(self.config.timeout_s))

    def _watched(self, seconds: float) -> AbstractContextManager[None]:
        """No deadline for a debugger; the Check itself has one for code that lets other threads run."""
        if self._pytest.getoption("replay_debug"):
            return nullcontext()
        return watched(self._pytest, seconds)

    def judge(self, history: str | Path | Given) -> Verdict:
        """Judge one history; its part of the HTML report is kept for the report of the running test.

        Args:
            history: A path, from the current folder or from pytest's root; a History, or one of the SDK's.
        """
        judge = self._keeping or self.check
        if not isinstance(history, (str, Path)):
            return self._noted(judge.judge(history))
        path = Path(history)
        return self._noted(judge.judge(path if path.exists() else self._pytest.rootpath / path))

    def insists_on(self, folder: Path) -> bool:
        """Whether a folder inside a named path holds a fixture, whatever pytest thinks of its name."""
        if any(self._pytest.getoption(name, None) for name in ("ignore", "ignore_glob")):
            return False
        if not folder.is_dir():
            return False
        resolved = real(folder)
        inside = any(covers(real(path), resolved) for path in self.paths)
        return inside and any(covers(resolved, fixture) for fixture in self.expected)

    def place_of(self, fixture: Path) -> Path:
        """Where a fixture was found, without links in the folders above it."""
        found = self.found_at[fixture]
        return real(found.parent) / found.name

    def header(self) -> list[str]:
        from replaykit.paths import display

        count = len(self.fixtures)
        places = ", ".join(display(path) for path in self.paths)
        lines = [f"replaykit: {count} {'history' if count == 1 else 'histories'} in {places}"]
        if self._replays_all is not None:
            lines.append(f"replaykit: all are replayed, and no verdict is kept: {self._replays_all}")
        return [*map(visible_in_line, lines)]

    def _noted(self, verdict: Verdict) -> Verdict:
        if self._pytest.getoption("replay_html"):
            import json

            from replaykit.report.html import entry_of

            self._entries.append(json.dumps(entry_of(verdict, root=self.config.root)))
        return verdict

    def noted_answer(self, answer: Answer) -> Answer:
        """What a test about the corpus as a whole reports, kept for the HTML report."""
        if self._pytest.getoption("replay_html"):
            from replaykit.report.html import answer_of

            self._answers.append(answer_of(answer.block, fails=answer.fails))
        return answer

    def taken(self) -> dict[str, Any]:
        """What was noted since the last call, as attributes of a test's report.

        Lists and text: an xdist worker sends nothing richer.
        """
        noted = {"replaykit_entries": self._entries, "replaykit_answers": self._answers}
        self._entries, self._answers = [], []
        return {name: each for name, each in noted.items() if each}

    def registered(self, *, whole: bool) -> Sequence[Registered]:
        """Every workflow of the workers, once something was judged: see `Judge.registered`."""
        return self._learned if self._judge is None else self._judge.registered(whole=whole)

    @property
    def findings(self) -> Sequence[Finding]:
        """What was noticed about the code, here and in other processes: see `Judge.findings`."""
        here = self._judge.findings if self._judge is not None else ()
        return tuple(dict.fromkeys((*here, *self._learned_findings)))

    def since(self, fixtures: Sequence[Fixture]) -> Mapping[str, Since]:
        """Since which commit histories do not replay, by the name of one for each workflow type; asked once.

        Args:
            fixtures: What became of each.
        """
        if self._since is None:
            wedged = {each.workflow_type: each.history for each in reversed(fixtures) if each.wedges}
            if not wedged or not self.config.blame or self._pytest.getoption("replay_debug"):
                self._since = {}
                return self._since
            from replaykit.gate.dating import since_of

            files = dict.fromkeys(self._judge.files() if self._judge is not None else ())
            paths = {name: Path(name).absolute() for name in reversed(wedged.values())}
            self._since = since_of(paths, self.config, tuple({**files, **self._learned_files}))
        return self._since

    def send(self, output: dict[str, Any]) -> None:
        """Give xdist's controller, which prints and loads no code, what this process knows.

        Args:
            output: What pytest-xdist sends at the end of a process; plain data alone.
        """
        from replaykit.check import others_of

        whole = not others_of(self.config, self.fixtures)
        registered = self.registered(whole=whole)
        output[_REGISTERED] = [(entry.worker, entry.workflow_type) for entry in registered]
        output[_FILES] = list(self._judge.files()) if self._judge is not None else []
        output[_FINDINGS] = [{**asdict(each), "kind": each.kind.value} for each in self.findings]

    def learn(self, output: Mapping[str, Any]) -> None:
        """Take over what another process sent."""
        from replaykit.check import Registered
        from replaykit.trust import Finding, FindingKind

        for facts in output.get(_FINDINGS, ()):
            finding = Finding(**{**facts, "kind": FindingKind(facts["kind"])})
            self._learned_findings.setdefault(finding)
        self._learned_files.update(dict.fromkeys(output.get(_FILES, ())))
        self._learned = self._learned or tuple(
            Registered(worker=worker, workflow_type=workflow_type)
            for worker, workflow_type in output.get(_REGISTERED, ())
        )

    def close(self) -> None:
        if self._kept is not None:
            self._kept.__exit__(None, None, None)
            self._kept = None
        if self._check is not None:
            self._check.close()


REPLAYS = pytest.StashKey[Replays]()


def covers(outer: Path, inner: Path) -> bool:
    """Whether a path is another, or a folder above it."""
    return outer == inner or outer in inner.parents
