"""What one pytest session knows about replays: the histories it was asked for, and the engine."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from replaykit.paths import display

if TYPE_CHECKING:
    from replaykit.check import Check, Registered
    from replaykit.config import Config
    from replaykit.plugin.gates import Answer, GateItem
    from replaykit.report.html import Answer as HtmlAnswer
    from replaykit.verdict import Verdict

__all__ = ["REPLAYS", "Replays", "add_to_arguments", "asked", "check_collected", "load_code"]


class Replays:
    """What one pytest session knows about replays."""

    def __init__(self, config: pytest.Config, paths: list[Path]) -> None:
        from replaykit.check import fixtures_of
        from replaykit.config import load_config

        self._pytest = config
        self.paths = paths
        self._check: Check | None = None
        self._entries: list[str] = []
        self._answers: list[HtmlAnswer] = []
        self.registered: tuple[Registered, ...] = ()
        self.config: Config = self._with_options(load_config(config.rootpath))
        found = fixtures_of(self.config, paths) if paths else ()
        self.fixtures = frozenset(path.resolve() for path in found)
        self.expected: set[Path] = set()
        """The fixtures that must become tests in this run."""

    def _with_options(self, config: Config) -> Config:
        option = self._pytest.getoption
        if option("replay_timeout") is not None:
            config = dataclasses.replace(config, timeout_s=option("replay_timeout"))
        if option("replay_strict"):
            config = dataclasses.replace(config, strict=True)
        if option("replay_require_fixtures"):
            config = dataclasses.replace(config, require_fixtures=True)
        if option("replay_worker") is not None:
            config = config.with_worker(option("replay_worker"))
        return config.with_workflows(option("replay_workflows")) if option("replay_workflows") else config

    @property
    def check(self) -> Check:
        """The engine; workflow code is imported at the first use."""
        if self._check is None:
            from replaykit.check import Check

            option = self._pytest.getoption
            evidence = bool(option("replay_html"))
            self._check = Check(self.config, debug=option("replay_debug"), evidence=evidence)
            self.registered = self._check.workers.registered
        return self._check

    def leads_to_a_fixture(self, folder: Path) -> bool:
        """Whether a folder inside a named path holds a fixture, whatever pytest thinks of its name."""
        resolved = folder.resolve()
        inside = any(_covers(path.resolve(), resolved) for path in self.paths)
        return inside and any(_covers(resolved, fixture) for fixture in self.expected)

    def header(self) -> list[str]:
        count = len(self.fixtures)
        places = ", ".join(display(path) for path in self.paths)
        return [f"replaykit: {count} {'history' if count == 1 else 'histories'} in {places}"]

    def noted(self, verdict: Verdict) -> Verdict:
        """The Verdict, its part of the HTML report kept for the report of the running test."""
        if self._pytest.getoption("replay_html"):
            import json

            from replaykit.report.html import entry_of

            self._entries.append(json.dumps(entry_of(verdict, root=self.config.root)))
        return verdict

    def _noted_answer(self, answer: Answer) -> Answer:
        """What a test about the corpus as a whole says, kept for the HTML report."""
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

    def gates(self, session: pytest.Session) -> Iterator[GateItem]:
        """The items about all fixtures together that were asked for."""
        from replaykit.plugin.gates import (
            PERTURBATION,
            REQUIRED,
            SELF_TEST,
            GateItem,
            fixtures_answer,
            perturbation_answer,
            self_test_answer,
        )

        fixtures = sorted(self.fixtures)
        if self.config.require_fixtures:
            yield GateItem.from_parent(
                session,
                name="require-fixtures",
                ask=lambda: self._noted_answer(fixtures_answer(self.check, fixtures)),
                label=REQUIRED,
            )
        if self._pytest.getoption("replay_self_test"):
            yield GateItem.from_parent(
                session,
                name="self-test",
                ask=lambda: self._noted_answer(self_test_answer(self.check, fixtures)),
                label=SELF_TEST,
            )
        if self._pytest.getoption("replay_perturb"):
            yield GateItem.from_parent(
                session,
                name="perturb",
                ask=lambda: self._noted_answer(perturbation_answer(self.check, fixtures)),
                label=PERTURBATION,
            )

    def learn(self, names: Iterable[Sequence[str]]) -> None:
        """Take over from another process which workflows there are."""
        from replaykit.check import Registered

        self.registered = self.registered or tuple(
            Registered(worker=worker, workflow_type=workflow_type) for worker, workflow_type in names
        )

    def close(self) -> None:
        if self._check is not None:
            self._check.close()
            self._check = None


REPLAYS = pytest.StashKey[Replays]()


def asked(config: pytest.Config) -> list[Path]:
    """The paths of the option, else those of the ini file, absolute."""
    option = config.getoption("replay_histories")
    if option:
        return [Path(config.invocation_params.dir, path) for path in option]
    return list(config.getini("replay_histories"))


def add_to_arguments(config: pytest.Config, replays: Replays) -> None:
    """Have pytest collect the fixtures too, unless an argument covers them already or narrows them.

    An argument below a named path narrows it where it holds a fixture of that path itself. Before pytest 9 a
    folder and one inside it, both as arguments, lose what else the outer one holds: there the fixtures are
    added one by one.
    """
    given = [
        Path(config.invocation_params.dir, argument.split("::")[0]).resolve() for argument in config.args
    ]
    for path in (path.resolve() for path in replays.paths):
        fixtures = {fixture for fixture in replays.fixtures if _covers(path, fixture)}
        inner = [other for other in given if _covers(path, other) and other != path]
        if any(_covers(other, fixture) for other in inner for fixture in fixtures):
            continue
        replays.expected |= fixtures
        if any(_covers(other, path) for other in given):
            continue
        config.args.extend(map(str, sorted(fixtures) if inner else [path]))


def check_collected(config: pytest.Config, collected: set[Path]) -> None:
    """Make sure that every history which was announced became a test.

    Raises:
        pytest.UsageError: Some did not, and nobody asked pytest to leave files out.
    """
    missing = sorted(config.stash[REPLAYS].expected - collected)
    left_out = any(config.getoption(name, None) for name in ("lf", "ignore", "ignore_glob"))
    if not missing or left_out:
        return
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
    raise pytest.UsageError(
        f"{len(missing)} of the histories were not collected: {', '.join(map(display, missing[:3]))}{more}. "
        "Is a folder above them left out by norecursedirs or collect_ignore? Name it: --replay-histories PATH"
    )


def _covers(outer: Path, inner: Path) -> bool:
    return outer == inner or outer in inner.parents


def load_code(config: pytest.Config) -> None:
    """Import the workflow code before the first item runs: what is wrong with it is said once.

    An xdist worker cannot end the run; there each item says it.
    """
    from replaykit.errors import ReplaykitError

    try:
        _ = config.stash[REPLAYS].check
    except ReplaykitError as error:
        if not hasattr(config, "workerinput"):
            raise pytest.UsageError(str(error)) from error
