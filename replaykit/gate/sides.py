"""Both sides of a change: all that its own code and the base's say of fixtures, before it is weighed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from replaykit.check import Judge
from replaykit.code.relocating import Loaded
from replaykit.config import Config
from replaykit.gate.against_base import Judged
from replaykit.gate.base_code import Foreign, base_code_of, foreign_among
from replaykit.gate.base_revision import Base
from replaykit.gate.base_verdicts import Answer, Request, judged_elsewhere
from replaykit.gate.changes import (
    ChangeKind,
    FixtureChange,
    fixture_changes,
    fixtures_at_base,
    folders_of_both,
    new_fixtures,
    place_now,
)
from replaykit.gate.code_change import CodeChange, code_change_of
from replaykit.gate.copies import Copy, copies_among, project_of
from replaykit.gate.facts import Facts, facts_of, named
from replaykit.gate.materials import Absent, absent_here, completed
from replaykit.gate.other_worker import OtherWorker, other_workers
from replaykit.gate.pairing import by_key, keyed, old_key, paired, paired_old, steadily
from replaykit.revisions import checked_out
from replaykit.verdict import Report

__all__ = ["Sides", "alone", "gathered"]


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


def gathered(
    judge: Judge,
    report: Report,
    files: Sequence[Path],
    paths: Sequence[Path],
    *,
    repository: Path,
    base: Base,
    loaded: Callable[[], Sequence[Loaded]],
) -> Sides:
    """Judge by the base what the change's code has judged, and what the change did away with by both.

    Args:
        judge: Judges by the change's code.
        report: What it reported.
        files: The fixtures of that report.
        paths: Those that the user named; the configured histories where there are none.
        repository: The top folder of the git repository.
        base: What to judge against.
        loaded: Answers with the modules that the judge has loaded.

    Raises:
        ReplaykitError: git refuses, or the base has no such project.
    """
    config = judge.config
    now = facts_of(files, config.limits)
    facts = named(now)
    with checked_out(repository, base.commit) as tree:
        project = project_of(config, repository, tree, base.commit)
        code = base_code_of(repository, tree, config.root, base.commit)
        folders = folders_of_both(config, paths, code)
        absent = [*absent_here(repository, folders, files)]
        absent += completed(repository, tree, base.commit, folders)
        before = facts_of(fixtures_at_base(code, folders), config.limits)
        every = fixture_changes(code, before, now, config.limits)
        changes = [change for change in every if _concerns(change, config, paths)]
        asked = keyed(files) | {old_key(change): change.old.path for change in changes}
        request = Request(root=code.root, head=config, files=asked, code=code)
        answer = judged_elsewhere(request, what="the base")
        judged = steadily([*paired(by_key(report), answer.verdicts, config.strict_policy)], request)
        old = steadily(paired_old(judge, changes, answer.verdicts), request)
        handed = () if config.narrowed else other_workers(config, code, judged, old, changes, facts)
        return Sides(
            config=config,
            base=base,
            report=report,
            answer=answer,
            judged=tuple(judged),
            facts=facts,
            changes=tuple(changes),
            old=tuple(old),
            at_base=tuple(place_now(code, each.path) for each in before),
            added=frozenset(new_fixtures(repository, before, now)),
            elsewhere=tuple(handed),
            absent=tuple(absent),
            foreign=tuple(foreign_among(answer.modules.foreign, repository, base.commit)),
            copies=(
                *copies_among(loaded(), project),
                *copies_among(answer.modules.outside, project, base=tree),
            ),
            code=code_change_of(
                config,
                code,
                facts,
                before,
                paths,
                registered=judge.registered(whole=False),
                at_base=answer.registered,
            ),
        )


def alone(
    judge: Judge,
    report: Report,
    files: Sequence[Path],
    paths: Sequence[Path],
    *,
    repository: Path,
    loaded: Callable[[], Sequence[Loaded]],
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


def _concerns(change: FixtureChange, config: Config, paths: Sequence[Path]) -> bool:
    """Whether a change to a fixture may matter: who names paths leaves others out."""
    if change.kind is ChangeKind.MOVED:
        return len(config.workers) > 1
    return not (paths and change.kind is ChangeKind.LEFT_OUT)
