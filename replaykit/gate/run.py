"""The gate: a change judged against its base."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from replaykit.check import Judge, check, fixtures_of
from replaykit.config import Config
from replaykit.errors import ConfigError, ReplaykitError
from replaykit.gate.base_revision import Base
from replaykit.gate.conclusion import Gate, concluded
from replaykit.gate.copies import Loads
from replaykit.gate.dating import dated
from replaykit.gate.gathering import gathered
from replaykit.gate.pairing import keyed
from replaykit.gate.sides import Sides, alone
from replaykit.gate.weighing import weighed
from replaykit.issue import Issue
from replaykit.paths import real
from replaykit.verdict import Report

__all__ = ["run_gate"]


def run_gate(
    judge: Judge,
    paths: Iterable[Path],
    *,
    repository: Path,
    base: Base | None,
    own: Sequence[Issue] = (),
    loaded: Loads = tuple,
    today: date | None = None,
) -> Gate:
    """Judge a change: what of it is new, what its base had already, what it did to the fixtures.

    Args:
        judge: Judges by the change's code.
        paths: Fixtures; the configured histories where there are none.
        repository: The top folder of its git repository.
        base: What to judge against; None for nothing, and then everything counts as new.
        own: What the change did to its own gate: see `trusted`.
        loaded: Answers with the modules that the judge has loaded.
        today: The day, for waivers.

    Raises:
        ReplaykitError: There is nothing to replay on either side, the code cannot be loaded, or git refuses.
    """
    began = time.perf_counter()
    config = judge.config
    paths = tuple(paths)
    folders = (config.root, repository)
    if base is None:
        files = fixtures_of(config, paths)
        report = check(judge, files)
        found = [*weighed(alone(judge, report, files, paths, repository=repository, loaded=loaded))]
        return concluded(
            config, report, found, facts={"base": "none"}, folders=folders, today=today, began=began
        )
    # What is not here may be what the change has deleted.
    gone = [path for path in paths if not (os.path.lexists(path) or str(path) == "-")]
    here = [path for path in paths if path not in gone]
    files, nothing = _found(config, here) if here or not paths else ((), None)
    report = check(judge, files) if files else Report.of(())
    sides = gathered(judge, report, files, paths, repository=repository, base=base, loaded=loaded)
    if config.blame:
        sides = _dated(sides, judge, files)
    _ensure_known_to_base(gone, sides.at_base)
    if nothing is not None and not sides.at_base and not sides.absent:
        raise nothing
    found = [*own, *weighed(sides)]
    facts = {"base": base.range}
    return concluded(config, report, found, facts=facts, folders=folders, today=today, began=began)


def _dated(sides: Sides, judge: Judge, files: Sequence[Path]) -> Sides:
    """The same; what is new says since which commit of the change that is so."""
    assert sides.base is not None
    new = [each.head for each in sides.judged if each.head.wedges and each.base and not each.base.wedges]
    if not new:
        return sides
    found = dated(new, judge.config, keyed(files), judge.files(), until=sides.base.commit)
    by_name = {verdict.history: verdict for verdict in found}
    heads = (replace(each, head=by_name.get(each.head.history, each.head)) for each in sides.judged)
    return replace(sides, judged=tuple(heads))


def _found(config: Config, paths: Sequence[Path]) -> tuple[tuple[Path, ...], ConfigError | None]:
    """The fixtures of the change; why there is nothing to replay, where there is none."""
    try:
        return fixtures_of(config, paths), None
    except ConfigError as nothing:
        return (), nothing


def _ensure_known_to_base(gone: Iterable[Path], at_base: Sequence[Path]) -> None:
    for path in gone:
        if not any(
            each.is_relative_to(path.absolute()) or real(each).is_relative_to(real(path)) for each in at_base
        ):
            raise ReplaykitError("there is no such file or folder", where=str(path), cure="Check the path")
