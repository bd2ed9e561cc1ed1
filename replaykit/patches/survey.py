"""Code, fixtures and service brought together: every patch of every worker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta

from replaykit.capture import (
    Connection,
    Frontend,
    VisibleRun,
    connect,
    fetch,
    list_runs_of_types,
    retention_of,
)
from replaykit.check import Workers, configured_fixtures
from replaykit.code.patch_calls import PatchCall, find_patch_calls
from replaykit.config import Config
from replaykit.errors import HistoryError, HistoryGoneError, ServiceError
from replaykit.history import History, read_history
from replaykit.loops import run_in_own_loop
from replaykit.patches.answers import Answering, markers_of
from replaykit.patches.patch import Evidence, Patch, Seen, State, Took
from replaykit.patches.state import judge
from replaykit.paths import display
from replaykit.replay.workers import Worker

__all__ = ["DEFAULT_MOST", "Asked", "Survey", "survey"]

DEFAULT_MOST = 2000
"""Histories fetched at most, and closed runs listed at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What was asked of the service."""

    address: str
    namespace: str
    rpcs: int
    """Requests that were made, those for pages included."""
    histories: int
    """Histories that were fetched."""
    retention: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """What was found."""

    patches: tuple[Patch, ...]
    computed: tuple[PatchCall, ...]
    """Calls whose patch id is computed."""
    fixtures: int
    unread: tuple[str, ...]
    """Fixtures that could not be read, or that belong to no worker."""
    asked: Asked | None
    """None where the service was not asked."""
    runs: tuple[VisibleRun, ...] = ()
    """Those of the workers, open and closed."""
    several_workers: bool = False
    lost: tuple[str, ...] = ()
    """Histories that were not replayed, since they end or stop the process that does, and how."""

    @property
    def too_early(self) -> tuple[Patch, ...]:
        return tuple(patch for patch in self.patches if patch.state is State.REMOVED_TOO_EARLY)


def survey(
    config: Config,
    *,
    connection: Connection | None,
    open_only: bool = False,
    most: int = DEFAULT_MOST,
    on_fetched: Callable[[int, int], None] | None = None,
    workers: Workers | None = None,
    without: Collection[str] = (),
    on_replay: Callable[[str], None] = lambda name: None,
    asking: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Survey:
    """Look at every patch.

    Args:
        config: The project.
        connection: To the service; None leaves it out.
        open_only: Closed runs hold nothing back.
        most: Histories to fetch at most, open runs first.
        on_fetched: Called with how many Histories have come in, and of how many.
        workers: Its workers, where they are loaded already.
        without: Names of Histories that are not replayed.
        on_replay: Called with the name of each History before it is replayed.
        asking: Entered while the service is asked.

    Raises:
        ReplaykitError: The code cannot be loaded, or the service refuses.
    """
    workers = workers if workers is not None else Workers(config)
    held = [
        _Held(worker=worker, calls=find_patch_calls(worker.types, config.root)) for worker in workers.every()
    ]
    by_name = {each.worker.config.name: each for each in held}
    fixtures, unread = _read(config, workers)
    for name, path, history in fixtures:
        by_name[name].fixtures.append((path, history))
    asked: Asked | None = None
    if connection is not None:
        with asking():
            asked = run_in_own_loop(
                _ask(connection, workers, held, 0 if open_only else most, most, on_fetched)
            )
    patches = [
        judge(evidence, open_only=open_only)
        for each in held
        for evidence in _evidence(each, config, asked is not None, without, on_replay)
    ]
    return Survey(
        patches=tuple(patches),
        computed=tuple(
            sorted(
                {call for each in held for call in each.computed()},
                key=lambda call: (call.file, call.line),
            )
        ),
        fixtures=len(fixtures),
        unread=tuple(unread),
        asked=asked,
        runs=tuple(run for each in held for run in each.runs),
        several_workers=len(held) > 1,
    )


@dataclass(kw_only=True, slots=True)
class _Held:
    """One worker, and what belongs to it."""

    worker: Worker
    calls: tuple[PatchCall, ...]
    fixtures: list[tuple[str, History]] = field(default_factory=list)
    runs: list[VisibleRun] = field(default_factory=list)
    histories: dict[str, History | None] = field(default_factory=dict)
    """By run id, those that were fetched; None where retention has taken it."""
    closed_not_listed: int = 0

    def calls_of(self, patch_id: str) -> tuple[PatchCall, ...]:
        return tuple(call for call in self.calls if call.patch_id == patch_id)

    def computed(self) -> tuple[PatchCall, ...]:
        return tuple(call for call in self.calls if call.patch_id is None)

    def patch_ids(self) -> tuple[str, ...]:
        ids = {call.patch_id for call in self.calls if call.patch_id is not None}
        for run in self.runs:
            ids |= run.change_versions
        fetched = (history for history in self.histories.values() if history is not None)
        for history in (*(fixture for _, fixture in self.fixtures), *fetched):
            ids |= markers_of(history).keys()
        return tuple(sorted(ids))

    def concerns(self, patch_id: str, workflow_type: str) -> bool:
        """Whether runs of that type can reach the patch's call; None among the types is a dynamic one."""
        types = {name for call in self.calls_of(patch_id) for name in call.workflows}
        return workflow_type in types or (None in types and workflow_type not in self.worker.names)

    def in_question(self, run: VisibleRun) -> list[str]:
        """The patches for which visibility alone does not show what the run has done."""
        if run.pinned:
            return []
        ids = {call.patch_id for call in self.calls if call.patch_id is not None}
        return [
            patch_id
            for patch_id in sorted(ids | run.change_versions)
            if not _visibility_is_enough(self.calls_of(patch_id), marked=patch_id in run.change_versions)
            and (patch_id in run.change_versions or self.concerns(patch_id, run.workflow_type))
        ]


def _visibility_is_enough(calls: Sequence[PatchCall], *, marked: bool) -> bool:
    """Whether visibility shows enough: it knows that there is a marker, not of which kind."""
    return marked and any(call.name == "patched" for call in calls)


def _read(config: Config, workers: Workers) -> tuple[list[tuple[str, str, History]], list[str]]:
    found: list[tuple[str, str, History]] = []
    unread: list[str] = []
    for path in configured_fixtures(config):
        name = display(path, config.root)
        try:
            history = read_history(path, limits=config.limits)
        except HistoryError as error:
            unread.append(str(error))
            continue
        worker = workers.running(history)
        if worker is None:
            unread.append(f"{name}: no one worker has workflow type {history.workflow_type!r}")
        else:
            found.append((worker.config.name, name, history))
    return found, unread


async def _ask(
    connection: Connection,
    workers: Workers,
    held: Sequence[_Held],
    most_closed: int,
    most: int,
    on_fetched: Callable[[int, int], None] | None,
) -> Asked:
    frontend = Frontend(client=await connect(connection))
    by_name = {each.worker.config.name: each for each in held}
    dynamic = any(each.worker.has_dynamic for each in held)
    types = None if dynamic else sorted({name for each in held for name in each.worker.names})
    retention = await retention_of(frontend)
    listing = await list_runs_of_types(frontend, types, most_closed=most_closed)
    for run in listing.runs:
        worker = workers.of_run(run.workflow_type, run.task_queue)
        if isinstance(worker, Worker) and worker.knows(run.workflow_type):
            by_name[worker.config.name].runs.append(run)
    for each in held:
        # A count cannot be split by worker: each of them must reckon with all of it.
        each.closed_not_listed = listing.closed_not_listed
    wanted = [(each, run) for each in held for run in each.runs if each.in_question(run)]
    wanted.sort(key=lambda pair: not pair[1].is_open)
    wanted = wanted[:most]
    histories = await _fetched(frontend, [run for _, run in wanted], on_fetched)
    for each, run in wanted:
        each.histories[run.run_id] = histories[run.run_id]
    return Asked(
        address=frontend.address,
        namespace=frontend.namespace,
        rpcs=frontend.rpcs,
        histories=sum(history is not None for history in histories.values()),
        retention=retention,
    )


async def _fetched(
    frontend: Frontend, runs: Sequence[VisibleRun], on_fetched: Callable[[int, int], None] | None
) -> dict[str, History | None]:
    """The Histories by run id; None for one that retention has just taken."""
    histories: dict[str, History | None] = {}
    async with aclosing(fetch(frontend, runs)) as fetched:
        async for run, history in fetched:
            if isinstance(history, HistoryGoneError):
                histories[run.run_id] = None
            elif isinstance(history, ServiceError):
                raise history
            else:
                histories[run.run_id] = history
            if on_fetched is not None:
                on_fetched(len(histories), len(runs))
    return histories


def _evidence(
    each: _Held, config: Config, asked: bool, without: Collection[str], on_replay: Callable[[str], None]
) -> list[Evidence]:
    """What is known of every patch of one worker; every History is replayed once at most."""
    patch_ids = each.patch_ids()
    fixtures: dict[str, list[Seen]] = defaultdict(list)
    runs: dict[str, list[Seen]] = defaultdict(list)
    unseen: dict[tuple[str, bool], int] = defaultdict(int)
    with Answering(each.worker, root=config.root, timeout_s=config.timeout_s) as answering:
        for path, fixture in each.fixtures:
            wanted = _to_ask(each, fixture.workflow_type or "", patch_ids)
            if path in without:
                took, diverged = {**dict.fromkeys(wanted, Took.UNKNOWN), **markers_of(fixture)}, False
            else:
                on_replay(path)
                took, diverged = answering.took(fixture, wanted)
            for patch_id, what in took.items():
                fixtures[patch_id].append(Seen(took=what, diverged=diverged, fixture=path))
        for run in each.runs:
            name = f"run {run.run_id}"
            if name in without:
                each.histories.pop(run.run_id, None)  # then it is one that was not looked at
            else:
                on_replay(name)
            for patch_id, at_it, diverged in _of_run(each, run, answering):
                if at_it is None:
                    unseen[patch_id, run.is_open] += 1
                else:
                    runs[patch_id].append(Seen(took=at_it, diverged=diverged, run=run))
    return [
        Evidence(
            patch_id=patch_id,
            worker=each.worker.config.name,
            calls=each.calls_of(patch_id),
            computed=each.computed(),
            fixtures=tuple(fixtures[patch_id]),
            runs=tuple(runs[patch_id]) if asked else None,
            open_not_seen=unseen[patch_id, True],
            closed_not_seen=unseen[patch_id, False] + each.closed_not_listed,
        )
        for patch_id in patch_ids
    ]


def _to_ask(each: _Held, workflow_type: str, patch_ids: Iterable[str]) -> list[str]:
    return [patch_id for patch_id in patch_ids if each.concerns(patch_id, workflow_type)]


def _of_run(each: _Held, run: VisibleRun, answering: Answering) -> list[tuple[str, Took | None, bool]]:
    """What a run did at each patch; None where its history was needed and not looked at."""
    marked: list[tuple[str, Took | None, bool]] = [
        (patch_id, Took.MARKED, False)
        for patch_id in run.change_versions
        if run.pinned or _visibility_is_enough(each.calls_of(patch_id), marked=True)
    ]
    in_question = each.in_question(run)
    if not in_question:
        return marked
    if run.run_id not in each.histories:
        return [*marked, *((patch_id, None, False) for patch_id in in_question)]
    history = each.histories[run.run_id]
    if history is None:
        return marked  # gone since it was listed: nothing queries or resets it any more
    took, diverged = answering.took(
        history, _to_ask(each, run.workflow_type, in_question), always=bool(each.computed())
    )
    known = {patch_id for patch_id, _, _ in marked}
    return [*marked, *((name, what, diverged) for name, what in took.items() if name not in known)]
