"""A change and its base, each judged by its own code: all that the gate has against the change."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from replaykit.check import Judge
from replaykit.code.changed import changed_workflows
from replaykit.config import Config, load_config
from replaykit.errors import ReplaykitError
from replaykit.gate.against_base import Levels, compared, of_changes
from replaykit.gate.base_code import base_code_of, foreign_among, issues_of_code
from replaykit.gate.base_revision import Base
from replaykit.gate.base_verdicts import Answer, Request, judged_elsewhere
from replaykit.gate.changes import ChangeKind, fixture_changes, new_fixtures
from replaykit.gate.pairing import by_key, keyed, old_key, paired, paired_old
from replaykit.gate.unguarded import of_workflows
from replaykit.issue import Issue, Level
from replaykit.revisions import checked_out
from replaykit.verdict import Report

__all__ = ["against_its_base"]


def against_its_base(
    judge: Judge,
    report: Report,
    files: Sequence[Path],
    paths: Sequence[Path],
    *,
    repository: Path,
    base: Base,
) -> list[Issue]:
    """What is new in a change, what its base had already, and what the change did to fixtures.

    Args:
        judge: Judges by the change's code.
        report: What it reported.
        files: The fixtures of that report.
        paths: Those that the user named; the configured histories where there are none.
        repository: The top folder of the git repository.
        base: What to judge against.

    Raises:
        ReplaykitError: git refuses, or the base has no such project.
    """
    config, levels = judge.config, Levels.of(judge.config.gate.levels)
    with checked_out(repository, base.commit) as tree:
        code = base_code_of(repository, tree, config.root, base.commit)
        folders = _folders(config, paths, repository, code.root, tree)
        changes = [
            change
            for change in fixture_changes(repository, tree, folders, files)
            if not (paths and change.kind is ChangeKind.LEFT_OUT)  # who names paths leaves others out
        ]
        every = keyed(files) | {old_key(change): change.old for change in changes}
        request = Request(root=code.root, head=config, files=every, code=code)
        answer = judged_elsewhere(request, what="the base")
        foreign = foreign_among(answer.foreign, repository, base.commit)
        old = paired_old(judge, changes, answer.verdicts)
        added = new_fixtures(repository, tree, files)
        changed = changed_workflows(config.root, code.root)
    return [
        *_of_base(answer),
        *issues_of_code(foreign),
        *compared(paired(by_key(report), answer.verdicts), levels, added=added),
        *of_changes(changes, old, levels, base=base.commit[:12]),
        *of_workflows(report, answer, changed, added, levels, root=config.root),
    ]


def _folders(config: Config, paths: Sequence[Path], repository: Path, root: Path, tree: Path) -> list[Path]:
    """Where fixtures are or were, inside the repository: what the change names, and what its base named."""
    named = [path for path in (*paths, *config.histories) if path.is_dir() or not path.exists()]
    found = [_inside(repository, folder) for folder in named]
    try:
        before = load_config(root).histories
    except ReplaykitError:  # a base that cannot be read names nothing
        before = ()
    found += [repository / folder.relative_to(tree) for folder in before if folder.is_relative_to(tree)]
    return [folder for folder in dict.fromkeys(found) if folder.is_relative_to(repository)]


def _inside(repository: Path, folder: Path) -> Path:
    """A folder with its links resolved, as git sees it."""
    return (
        Path(os.path.realpath(folder))
        if folder.exists()
        else repository / os.path.relpath(folder.absolute(), repository)
    )


def _of_base(answer: Answer) -> Iterator[Issue]:
    if answer.error is not None:
        yield Issue(
            rule="base-not-judged",
            level=Level.FAIL,
            title="the base could not judge anything, so nothing shows which problems are new",
            text=answer.error,
            cure="Its code must load with what is installed here. To judge this change without its base: "
            "replaykit gate --base none",
            unjudged=True,
        )
