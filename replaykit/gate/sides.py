"""Both sides of a change: all that its own code and the base's say of fixtures, before it is weighed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from replaykit.check import Judge
from replaykit.config import Config
from replaykit.gate.against_base import Judged
from replaykit.gate.base_code import Foreign
from replaykit.gate.base_revision import Base
from replaykit.gate.base_verdicts import Answer
from replaykit.gate.changes import FixtureChange
from replaykit.gate.code_change import CodeChange, code_change_of
from replaykit.gate.copies import Copy, Loads, copies_among, project_of
from replaykit.gate.facts import Facts, facts_of, named
from replaykit.gate.materials import Absent
from replaykit.gate.other_worker import OtherWorker
from replaykit.gate.pairing import by_key, paired
from replaykit.verdict import Report

__all__ = ["Sides", "alone"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sides:
    """What both sides came to."""

    config: Config
    """The change's."""
    base: Base | None
    """None where nothing is to be compared with."""
    report: Report
    """Of the change's code."""
    judged: tuple[Judged, ...]
    """The fixtures of the change, under both codes."""
    facts: Mapping[str, Facts]
    """The same without a replay, by key."""
    code: CodeChange
    """What the change does to workflows and their patches."""
    answer: Answer = field(default=Answer())
    """Of the base's code."""
    changes: tuple[FixtureChange, ...] = ()
    """What the change did to the fixtures of the base."""
    old: tuple[Judged, ...] = ()
    """Their old versions, under both codes."""
    at_base: tuple[Path, ...] = ()
    """Where the fixtures of the base are or were, in the working tree."""
    added: frozenset[str] = frozenset()
    """Keys of fixtures that came with the change."""
    absent: tuple[Absent, ...] = ()
    """Fixtures that nobody could look at."""
    elsewhere: tuple[OtherWorker, ...] = ()
    """Fixtures that another worker judges than in the base."""
    foreign: tuple[Foreign, ...] = ()
    """Modules that the base was judged with and that are not its own."""
    copies: tuple[Copy, ...] = ()
    """Modules that a side was judged with and that are copies of the project's."""


def alone(
    judge: Judge,
    report: Report,
    files: Sequence[Path],
    paths: Sequence[Path],
    *,
    repository: Path,
    loaded: Loads,
) -> Sides:
    """The same without a base: everything that is wrong is the change's.

    Args:
        judge: Judges by the change's code.
        report: What it reported.
        files: The fixtures of that report.
        paths: Those that the user named; the configured histories where there are none.
        repository: The top folder of the git repository.
        loaded: Answers with the modules that the judge has loaded.
    """
    config = judge.config
    facts = named(facts_of(files, config.limits))
    return Sides(
        config=config,
        base=None,
        report=report,
        judged=tuple(paired(by_key(report), {}, config.strict_policy)),
        facts=facts,
        code=code_change_of(config, None, facts, (), paths, registered=judge.registered(whole=False)),
        copies=tuple(copies_among(loaded(), project_of(config, repository))),
    )
