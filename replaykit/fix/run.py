"""The whole of `replaykit fix`: what a change breaks, and the guard that was tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from replaykit.config import Config
from replaykit.fix.cure import Fix
from replaykit.fix.trial import Trial
from replaykit.revisions import RevisionError
from replaykit.verdict import Reason, Verdict

if TYPE_CHECKING:
    from replaykit.gate.base_revision import Base

__all__ = ["is_stuck", "run_fix"]


def run_fix(
    config: Config,
    fixtures: Mapping[str, Path],
    *,
    repository: Path,
    base_of: Callable[[], Base],
    is_asked: bool = False,
    patch_id: str | None = None,
    is_dated: bool = True,
    on_note: Callable[[str], None] = lambda note: None,
) -> Fix:
    """Find code that lets the runs of recorded histories survive a change, and try it. No file is written.

    Args:
        config: The project, with the change checked out.
        fixtures: By name, the histories to judge by.
        repository: The top folder of its git repository.
        base_of: Answers with what to compare with; asked only where something is broken.
        is_asked: Whether the user named that: else the newest revision under which the histories replay is
            looked for where it is no help.
        patch_id: What the patch is to be called; by default it is named after what it guards.
        is_dated: Whether to look for the commit of the change since which the histories do not replay.
        on_note: Given what is done next, for the user.

    Raises:
        ReplaykitError: git refuses, or the code cannot be loaded.
    """
    strict = replace(config, strict=True)
    with Trial(strict) as trial:
        on_note(f"judging {len(fixtures)} histories by the change")
        head = {verdict.history: verdict for verdict in trial.judged({}, fixtures)}
        broken = {name: path for name, path in fixtures.items() if is_stuck(head[name])}
        if not broken:
            return Fix(verdicts=tuple(head.values()))
        # Only now: the SDK and LibCST are loaded with it, which takes as long as the replay.
        from replaykit.fix.project import Project

        project = Project(
            config=strict,
            repository=repository,
            fixtures=fixtures,
            head=head,
            broken=broken,
            trial=trial,
            patch_id=patch_id,
            on_note=on_note,
        )
        try:
            base = base_of()
        except RevisionError:
            if is_asked:
                raise
            if not any(head[name].wedges for name in broken):
                return Fix(verdicts=tuple(head.values()))
            return project.by_looking_back()
        fix = project.against(base.commit, base.name, base.range)
        if not project.broken:
            return Fix(verdicts=tuple(head.values()))
        if is_asked or len(fix.uncured) < len(project.broken) or project.is_curable:
            return replace(fix, since=project.since(base.commit)) if is_dated else fix
        return project.by_looking_back()


def is_stuck(verdict: Verdict) -> bool:
    """Whether a run gets stuck under a change; of a workflow type that only the base may know, too.

    Args:
        verdict: The change's.
    """
    return verdict.wedges or verdict.reason is Reason.UNKNOWN_WORKFLOW
