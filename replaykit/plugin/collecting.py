"""Which files and items pytest collects for the histories that it was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from replaykit.paths import display, real
from replaykit.plugin.gates import (
    PERTURBATION,
    REQUIRED,
    SELF_TEST,
    GateItem,
    fixtures_answer,
    perturbation_answer,
    self_test_answer,
)
from replaykit.plugin.items import HistoryFile, HistoryItem
from replaykit.plugin.replays import REPLAYS, Replays, covers
from replaykit.visible import visible_in_line

__all__ = ["add_to_arguments", "collected", "complete", "load_code"]


def collected(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The collector of a file; None where it is none of the histories that were asked for."""
    if real(file_path) not in parent.config.stash[REPLAYS].fixtures:
        return None
    file: HistoryFile = HistoryFile.from_parent(parent, path=file_path)
    return file


def add_to_arguments(config: pytest.Config, replays: Replays) -> None:
    """Have pytest collect the fixtures too, unless an argument covers them already or narrows them.

    An argument below a named path narrows it where it holds a fixture of that path itself. Before pytest 9 a
    folder and one inside it, both as arguments, lose what else the outer one holds: there the fixtures are
    added one by one.
    """
    given = [real(Path(config.invocation_params.dir, argument.split("::")[0])) for argument in config.args]
    for path in (real(path) for path in replays.paths):
        fixtures = {fixture for fixture in replays.fixtures if covers(path, replays.place_of(fixture))}
        inner = [other for other in given if covers(path, other) and other != path]
        if any(covers(other, fixture) for other in inner for fixture in fixtures):
            continue
        replays.expected |= fixtures
        if any(covers(other, path) for other in given):
            continue
        places = [replays.found_at[fixture] for fixture in sorted(fixtures)] if inner else [path]
        # What is neither becomes a test all the same: see `_no_files`.
        config.args.extend(str(place) for place in places if place.is_dir() or place.is_file())


def complete(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Add the tests about all fixtures together, where there are any fixtures among the collected items.

    Raises:
        pytest.UsageError: Histories that were announced did not become tests, and pytest was not asked to
            leave files out.
    """
    replays = session.config.stash[REPLAYS]
    items += _no_files(session, replays, items)
    histories = _histories_among(items)
    _ensure_collected(session.config, replays, {real(item.path) for item in histories})
    if histories:
        items += _gates(session, replays)


def _no_files(session: pytest.Session, replays: Replays, items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Items for what is named like a fixture and is no file, such as a broken link: pytest knows none."""
    collected = {real(item.path) for item in _histories_among(items)}
    for fixture in sorted(replays.expected - collected):
        path = replays.found_at[fixture]
        if not path.is_file():
            file: HistoryFile = HistoryFile.from_parent(session, path=path)
            yield from file.collect()


def _ensure_collected(config: pytest.Config, replays: Replays, collected: set[Path]) -> None:
    missing = sorted(replays.expected - collected)
    left_out = any(config.getoption(name, None) for name in ("lf", "ignore", "ignore_glob"))
    if not missing or left_out:
        return
    names = ", ".join(map(display, missing[:3]))
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
    raise pytest.UsageError(
        f"{len(missing)} of the histories were not collected: {visible_in_line(names)}{more}. "
        "Is a folder above them left out by norecursedirs or collect_ignore? Name it: --replay-histories PATH"
    )


def load_code(session: pytest.Session) -> None:
    """Import the workflow code before the first item runs: what is wrong with it is reported once.

    An xdist worker cannot end the run; there each item reports it.
    """
    from replaykit.errors import ReplaykitError

    config = session.config
    histories = _histories_among(session.items)
    if not histories:
        return
    try:
        config.stash[REPLAYS].load(item.path for item in histories)
    except ReplaykitError as error:
        if not hasattr(config, "workerinput"):
            raise pytest.UsageError(str(error)) from error


def _gates(session: pytest.Session, replays: Replays) -> Iterator[GateItem]:
    """The items about all fixtures together that were asked for."""
    fixtures = sorted(replays.fixtures)
    if replays.config.require_fixtures:
        yield GateItem.from_parent(
            session,
            name="require-fixtures",
            ask=lambda: replays.noted_answer(fixtures_answer(replays.check, fixtures)),
            label=REQUIRED,
        )
    if session.config.getoption("replay_self_test"):
        yield GateItem.from_parent(
            session,
            name="self-test",
            ask=lambda: replays.noted_answer(self_test_answer(replays.check, fixtures)),
            label=SELF_TEST,
        )
    if session.config.getoption("replay_perturb"):
        yield GateItem.from_parent(
            session,
            name="perturb",
            ask=lambda: replays.noted_answer(perturbation_answer(replays.check, fixtures)),
            label=PERTURBATION,
        )


def _histories_among(items: list[pytest.Item]) -> list[pytest.Item]:
    return [item for item in items if isinstance(item, HistoryItem)]
