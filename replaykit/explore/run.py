"""The whole of `replaykit explore`: which workflows, how long each, what is kept, and what it came to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from replaykit.config import Config
from replaykit.errors import ConfigError, HistoryError, ReplaykitError, ValuesError
from replaykit.explore.searching.asking import Explorer
from replaykit.explore.searching.base_growing import Request
from replaykit.explore.searching.base_judging import explore_base
from replaykit.explore.searching.futures import Future
from replaykit.explore.searching.hash_seeds import HashSeeds
from replaykit.explore.searching.search import Budget
from replaykit.explore.searching.summary import Explored, Story
from replaykit.explore.values.unmet import unmet
from replaykit.explore.workflows import Key
from replaykit.history import Store, dump_history, find_fixtures
from replaykit.processes import ChildLostError, Children
from replaykit.revisions import checked_out, repository_of, resolve

__all__ = ["Effort", "ExploreRun", "Watcher", "run_explore"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Effort:
    """How much to look, and where."""

    seconds: float
    """Over all workflows: each is given the same share."""
    scenarios: int | None = None
    """For each workflow at most so many; None for as many as the time allows."""
    seed: int = 0
    """Another one looks elsewhere."""


class Watcher(Protocol):
    """Sees what an exploration comes to, while it goes on."""

    def explored(self, explored: Explored, root: Path, kept: Mapping[str, Path]) -> None:
        """One workflow is done.

        Args:
            explored: What came of it.
            root: The tree whose lines it reached.
            kept: By key of a finding, the fixture that it was kept as.
        """

    def future(self, future: Future, kept: Mapping[str, Path]) -> None:
        """One recorded run is done.

        Args:
            future: What came of it.
            kept: By message of a stop, the fixture that its story was kept as.
        """

    def note(self, message: str) -> None:
        """A note for the user; the exploration goes on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExploreRun:
    """What an exploration came to."""

    base: str | None
    """The revision whose code grew the histories, as it was named; None for the code itself."""
    explored: tuple[Explored, ...]
    """Workflows, of the code itself or of a base."""
    futures: tuple[Future, ...]
    """Recorded runs that were continued."""
    kept: Mapping[str, Path]
    """By key of a finding, the fixture that it was kept as."""
    stops: Mapping[str, Mapping[str, Path]]
    """By name of a recorded run and message of a stop, the fixture that its story was kept as."""
    lost: Mapping[str, str] = field(default_factory=dict)
    """By workflow type, or fixture, that was not explored, why not."""
    unseeded: Mapping[str, str] = field(default_factory=dict)
    """By workflow type that was explored, why no other hash seed judged what it came to."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """By path of a recorded run that cannot be read, why not."""

    @property
    def unstarted(self) -> tuple[Explored, ...]:
        """Workflows of which nothing is known.

        No scenario came past its first workflow task, or each ended in a command that a service refuses.
        """
        return tuple(each for each in self.explored if not each.summary.is_explored)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was explored: no workflow came past its first task, and no run was continued."""
        return len(self.unstarted) == len(self.explored) and not any(map(_shows_something, self.futures))

    @property
    def exit_code(self) -> int:
        """1 something found; 2 nothing was explored, or something gave no verdict; 0 nothing found."""
        judged = [future for future in self.futures if not future.is_unjudged]
        if any(e.verdicts for e in self.explored) or any(f.verdict is not None or f.wedged for f in judged):
            return 1
        if self.is_empty or self.unstarted or self.lost or self.unseeded or self.unread:
            return 2
        return 0 if len(judged) == len(self.futures) else 2


def _shows_something(future: Future) -> bool:
    return future.verdict is not None or future.summary is not None


def run_explore(
    config: Config,
    names: Sequence[str],
    effort: Effort,
    *,
    base: str | None = None,
    recorded: Iterable[Path] = (),
    keep: Path | None = None,
    watcher: Watcher,
    on_output: Callable[[bytes], None] | None = None,
    on_scenarios: Callable[[str, int], None] = lambda name, scenarios: None,
) -> ExploreRun:
    """Look for histories that break the code.

    Args:
        config: The project.
        names: Workflow types, `*` allowed; all that are configured where there are none.
        effort: How much to look.
        base: A revision: histories of its code are replayed on the project's. None for the code itself.
        recorded: Fixtures and folders of them, to continue under the project's code; not with a base.
        keep: A folder; the history of each finding is written there as a fixture.
        watcher: Sees each workflow and each recorded run when it is done.
        on_output: Given what the code prints.
        on_scenarios: Given what is explored, and how many scenarios of it there are, now and then.

    Raises:
        ReplaykitError: The code cannot be loaded, a name matches nothing, a history cannot be used, there is
            no strategy for a type hint, or git refuses.
    """
    found = _Found(keep=keep, watcher=watcher)
    paths = tuple(recorded)
    revision = None if base is None else _revision(config, base)  # before code is loaded that is not needed
    known = config.explore.learn
    if paths:  # what is continued shows values too
        learn = (*known, *(path.absolute() for path in paths))
        config = replace(config, explore=replace(config.explore, learn=learn))
    with Children() as children:
        explorer = Explorer(config, names, children=children, on_output=on_output, on_scenarios=on_scenarios)
        loaded = explorer.load()
        workflows = loaded.workflows
        for name, message in loaded.lost.items():
            found.lose(name, message)
        _pass_over_broken(explorer, known, paths, found)
        if revision is not None:
            _across(config, explorer, workflows, revision, effort, found, on_scenarios)
        elif paths:
            _futures(explorer, paths, effort, found)
        else:
            seeds = HashSeeds(config, names, children=children)
            _themselves(config, explorer, workflows, effort, found, seeds)
            if not names:
                _note_unmet(found)
    return ExploreRun(
        base=base,
        explored=tuple(found.explored),
        futures=tuple(found.futures),
        kept=found.kept,
        stops=found.stops,
        lost=found.lost,
        unseeded=found.unseeded,
        unread=found.unread,
    )


@dataclass(kw_only=True, slots=True)
class _Found:
    """What came of it so far; findings are kept as they come in."""

    keep: Path | None
    watcher: Watcher
    explored: list[Explored] = field(default_factory=list)
    futures: list[Future] = field(default_factory=list)
    kept: dict[str, Path] = field(default_factory=dict)
    stops: dict[str, Mapping[str, Path]] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    unseeded: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    def add(self, explored: Explored, root: Path) -> None:
        self.explored.append(explored)
        if self.keep is not None:
            stories = explored.summary.findings
            self.kept |= {key: _kept_finding(stories[key], self.keep) for key in explored.verdicts}
        self.watcher.explored(explored, root, self.kept)

    def lose(self, name: str, message: str) -> None:
        self.lost[name] = message
        self.watcher.note(f"Error: {name}: not explored: {message}")

    def leave_unseeded(self, name: str, message: str) -> None:
        self.unseeded[name] = message
        self.watcher.note(f"Error: {name}: not judged under another hash seed: {message}")

    def pass_over(self, path: Path, error: HistoryError) -> None:
        self.unread[path.as_posix()] = str(error)
        self.watcher.note(f"Error: {error}")

    def add_future(self, future: Future) -> None:
        self.futures.append(future)
        kept: dict[str, Path] = {}
        if self.keep is not None:
            kept |= {what: _kept_apart(story, self.keep, "stop") for what, story in future.wedged.items()}
        self.stops[future.name] = kept
        self.watcher.future(future, kept)


def _kept_finding(story: Story, folder: Path) -> Path:
    """Write the history of a finding; apart where another of its name is there, as of an earlier search."""
    try:
        return Store(folder).save(story.history).path
    except ReplaykitError:  # where the disk is what refuses, it refuses again
        return _kept_apart(story, folder, "finding")


def _kept_apart(story: Story, folder: Path, what: str) -> Path:
    """Write a history below a folder of its own. One of a stop has the name of the run that was recorded."""
    digest = hashlib.sha256(dump_history(story.history)).hexdigest()[:8]
    return Store(folder / f"{what}-{digest}").save(story.history).path


def _share(effort: Effort, count: int) -> Budget:
    return Budget(seconds=effort.seconds / max(count, 1), scenarios=effort.scenarios, findings=5, stale=400)


def _themselves(
    config: Config,
    explorer: Explorer,
    workflows: Sequence[Key],
    effort: Effort,
    found: _Found,
    seeds: HashSeeds,
) -> None:
    for key in workflows:
        try:
            explored = explorer.explore(key, _share(effort, len(workflows)), seed=effort.seed)
        except (ChildLostError, ValuesError) as error:
            found.lose(key.workflow_type, str(error))
            continue
        try:
            explored = seeds.judged(key, explored)
        except ChildLostError as error:  # what was explored stays
            found.leave_unseeded(key.workflow_type, str(error))
        found.add(explored, config.root)


def _note_unmet(found: _Found) -> None:
    """Note what the user's own values name in vain, where every workflow of the project was explored."""
    if not found.lost and all(explored.summary.is_explored for explored in found.explored):
        for sentence in unmet(each.names for each in found.explored if each.names is not None):
            found.watcher.note(sentence)


def _pass_over_broken(
    explorer: Explorer, learn: Sequence[Path], recorded: Sequence[Path], found: _Found
) -> None:
    """Report what cannot be read of the fixtures to learn from; that of runs to continue is, later."""
    where = "[tool.replaykit.explore] learn"
    try:
        fixtures = find_fixtures(learn)
    except ReplaykitError as error:
        what = f"{error.what}: {error.where}"
        raise ConfigError(what, where=where, cure="Correct the path, or take it out.") from error
    if learn and not fixtures:
        found.watcher.note(f"{where}: no fixture is there to learn from")
    later = {path.resolve() for path in find_fixtures(recorded)}
    for path in fixtures:
        if path.resolve() not in later:
            try:
                explorer.workflow_of(path)
            except HistoryError as error:
                found.pass_over(path, error)


def _futures(explorer: Explorer, paths: Sequence[Path], effort: Effort, found: _Found) -> None:
    known: list[tuple[Path, Key]] = []
    for path in find_fixtures(paths):
        try:
            workflow_type, key = explorer.workflow_of(path)
        except HistoryError as error:
            found.pass_over(path, error)
            continue
        if key is None:
            found.watcher.note(f"{path}: left out, no one worker has {workflow_type}")
        else:
            known.append((path, key))
    for path, key in known:
        budget, name = _share(effort, len(known)), path.as_posix()
        try:
            future = explorer.continued(key, path, budget, name=name, seed=effort.seed)
        except (ChildLostError, ValuesError) as error:
            found.lose(name, str(error))
        except HistoryError as error:
            found.pass_over(path, error)
        else:
            found.add_future(future)


def _revision(config: Config, base: str) -> tuple[Path, str]:
    """The top folder of the repository, and a commit of it."""
    repository = repository_of(config.root)
    return repository, resolve(repository, base)


def _across(
    config: Config,
    explorer: Explorer,
    workflows: Sequence[Key],
    revision: tuple[Path, str],
    effort: Effort,
    found: _Found,
    on_scenarios: Callable[[str, int], None],
) -> None:
    repository, commit = revision
    with checked_out(repository, commit) as tree:
        request = Request(
            root=tree / config.root.resolve().relative_to(repository),
            head=config,
            workflows=tuple(workflows),
            seconds=effort.seconds / max(len(workflows), 1),
            scenarios=effort.scenarios,
            seed=effort.seed,
        )
        known = explore_base(
            request,
            explorer,
            on_explored=lambda explored: found.add(explored, request.root),
            on_lost=lambda key, message: found.lose(key.workflow_type, message),
            on_note=found.watcher.note,
            on_scenarios=on_scenarios,
        )
    for name in sorted(key.workflow_type for key in set(workflows) - set(known)):
        found.watcher.note(f"{name}: not in the base, so there is nothing that it could break")
