"""What one pytest session knows about replays: the histories it was asked for, and the engine."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from replaykit.check import Check
    from replaykit.config import Config
    from replaykit.plugin.gates import GateItem
    from replaykit.replay.corpus import Registered
    from replaykit.verdict import Verdict

__all__ = ["REPLAYS", "Replays", "add_to_arguments", "asked", "load_code"]


class Replays:
    """What one pytest session knows about replays."""

    def __init__(self, config: pytest.Config, paths: list[Path]) -> None:
        from replaykit.check import fixtures_of
        from replaykit.config import load_config

        self._pytest = config
        self._paths = paths
        self._check: Check | None = None
        self._entries: list[str] = []
        self.registered: tuple[Registered, ...] = ()
        self.config: Config = self._with_options(load_config(config.rootpath))
        found = fixtures_of(self.config, paths) if paths else ()
        self.fixtures = frozenset(path.resolve() for path in found)

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
            self.registered = self._check.registered
        return self._check

    def header(self) -> list[str]:
        from replaykit.check import display

        count = len(self.fixtures)
        places = ", ".join(display(path) for path in self._paths)
        return [f"replaykit: {count} {'history' if count == 1 else 'histories'} in {places}"]

    def noted(self, verdict: Verdict) -> Verdict:
        """The Verdict, its part of the HTML report kept for the report of the running test."""
        if self._pytest.getoption("replay_html"):
            import json

            from replaykit.report.html import entry_of

            self._entries.append(json.dumps(entry_of(verdict, root=self.config.root)))
        return verdict

    def taken(self) -> list[str]:
        """What was noted since the last call, as text: an xdist worker sends nothing richer."""
        entries, self._entries = self._entries, []
        return entries

    def gates(self, session: pytest.Session) -> Iterator[GateItem]:
        """The items about all fixtures together that were asked for."""
        from replaykit.plugin.gates import REQUIRED, SELF_TEST, GateItem, fixtures_answer, self_test_answer

        fixtures = sorted(self.fixtures)
        if self.config.require_fixtures:
            yield GateItem.from_parent(
                session,
                name="require-fixtures",
                ask=lambda: fixtures_answer(self.check, fixtures),
                label=REQUIRED,
            )
        if self._pytest.getoption("replay_self_test"):
            yield GateItem.from_parent(
                session,
                name="self-test",
                ask=lambda: self_test_answer(self.config, fixtures),
                label=SELF_TEST,
            )

    def learn(self, names: Iterable[Sequence[str]]) -> None:
        """Take over from another process which workflows there are."""
        from replaykit.replay.corpus import Registered

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


def add_to_arguments(config: pytest.Config, paths: list[Path]) -> None:
    """Have pytest collect the paths too, unless an argument already covers or narrows them.

    Before pytest 9 a folder and one inside it, both as arguments, lose what else the outer one holds.
    """
    for path in paths:
        given = [Path(config.invocation_params.dir, argument.split("::")[0]) for argument in config.args]
        if not any(_overlap(path, other) for other in given):
            config.args.append(str(path))


def _overlap(one: Path, other: Path) -> bool:
    one, other = one.resolve(), other.resolve()
    return one == other or one in other.parents or other in one.parents


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
