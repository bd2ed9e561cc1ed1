"""Judges both sides of a change, and what the change did away with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from replaykit.check import Judge
from replaykit.gate.base_code import base_code_of, foreign_among
from replaykit.gate.base_revision import Base
from replaykit.gate.base_verdicts import Request, judged_elsewhere
from replaykit.gate.changes import (
    ChangeKind,
    FixtureChange,
    fixture_changes,
    fixtures_at_base,
    folders_of_both,
    new_fixtures,
    place_now,
)
from replaykit.gate.code_change import code_change_of
from replaykit.gate.copies import Loads, copies_among, project_of
from replaykit.gate.facts import facts_of, named
from replaykit.gate.materials import absent_here, completed
from replaykit.gate.other_worker import other_workers
from replaykit.gate.pairing import by_key, keyed, old_key, paired, paired_old, steadily
from replaykit.gate.sides import Sides
from replaykit.revisions import checked_out
from replaykit.verdict import Report

__all__ = ["gathered"]


def gathered(
    judge: Judge,
    report: Report,
    files: Sequence[Path],
    paths: Sequence[Path],
    *,
    repository: Path,
    base: Base,
    loaded: Loads,
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
        changes = [change for change in every if _concerns(change, paths, len(config.workers))]
        asked = keyed(files) | {old_key(change): change.old.path for change in changes}
        request = Request(root=code.root, head=config, files=asked, code=code)
        answer = judged_elsewhere(request, what="the base")
        added = frozenset(new_fixtures(repository, before, now))
        judged, old = steadily(
            [*paired(by_key(report), answer.verdicts, config.strict_policy)],
            paired_old(judge, changes, answer.verdicts),
            request,
            added,
        )
        handed = () if config.narrowed else other_workers(config, code, judged, old, changes, facts)
        added = frozenset(new_fixtures(repository, before, now))
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
            added=added,
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
                added=added,
            ),
        )


def _concerns(change: FixtureChange, paths: Sequence[Path], workers: int) -> bool:
    """Whether a change to a fixture may matter: who names paths leaves others out."""
    if change.kind is ChangeKind.MOVED:
        return workers > 1
    return not (paths and change.kind is ChangeKind.LEFT_OUT)
