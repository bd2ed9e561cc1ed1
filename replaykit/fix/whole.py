"""`replaykit fix` without its command line: from a configuration and paths to what it came to."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from replaykit.check import fixtures_of
from replaykit.config import Config
from replaykit.fix.applying import apply
from replaykit.fix.cure import Fix
from replaykit.fix.run import run_fix
from replaykit.paths import display
from replaykit.revisions import repository_of

if TYPE_CHECKING:
    from replaykit.gate.base_revision import Base

__all__ = ["fix_project"]


def fix_project(
    config: Config,
    paths: Sequence[Path],
    *,
    base: str | None = None,
    patch_id: str | None = None,
    is_applied: bool = False,
    on_note: Callable[[str], None] = lambda note: None,
) -> Fix:
    """Find a guard for the change that is checked out, and write it into the files where that is wanted.

    Args:
        config: The project.
        paths: Fixtures; the configured histories where there are none.
        base: What to compare with; None to find it.
        patch_id: What the patch is to be called; None for a name after what it guards.
        is_applied: Whether to write it.
        on_note: Given what is done next, for the user.

    Raises:
        ReplaykitError: There is nothing to replay, git refuses, the code cannot be loaded, or a file that is
            to be written has changes that are not committed.
    """
    repository = repository_of(config.root)
    fixtures = {display(path): path.absolute() for path in fixtures_of(config, paths)}

    def base_when_needed() -> Base:
        from replaykit.gate.base_revision import base_of

        return base_of(repository, base, os.environ)

    fix = run_fix(
        config,
        fixtures,
        repository=repository,
        base_of=base_when_needed,
        is_asked=base is not None,
        patch_id=patch_id,
        on_note=on_note,
    )
    if not is_applied or fix.cure is None:
        return fix
    apply(repository, fix.cure.before, fix.cure.after)
    return replace(fix, applied=True)
