"""The newest revision under which a history replays, where the base of a change is no help."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from replaykit.config import Config
from replaykit.errors import ReplaykitError
from replaykit.fix.broken import is_broken
from replaykit.fix.since import Revision, Since, bisected, revisions_of
from replaykit.gate.base_code import base_code_of
from replaykit.gate.base_verdicts import Request, judged_elsewhere
from replaykit.revisions import checked_out, git
from replaykit.verdict import Outcome

__all__ = ["since_of"]

_LOOKING_S = 60.0
"""For all the revisions that are looked at."""


def since_of(
    config: Config,
    repository: Path,
    fixtures: Mapping[str, Path],
    files: Sequence[str],
    *,
    until: str | None = None,
    on_note: Callable[[str], None] = lambda note: None,
) -> Since | None:
    """Since which revision some histories do not replay, asked of each with the code that it has.

    Args:
        config: The change's.
        repository: The top folder of its git repository.
        fixtures: By name, histories that break now; a few stand for all.
        files: Those that their workflow code was loaded from.
        until: A revision under which they replay; None to look for one.
        on_note: Given what is looked at.

    Raises:
        RevisionError: git refuses.
    """
    revisions = revisions_of(repository, files, until=until)
    is_dirty = bool(git(repository, "status", "--porcelain", "--untracked-files=no", "--", "*.py"))

    def is_good(revision: Revision) -> bool:
        if revision.commit == until:
            return True
        on_note(f"looking at {revision.commit[:12]}")
        try:
            with checked_out(repository, revision.commit) as tree:
                code = base_code_of(repository, tree, config.root, revision.commit)
                request = Request(root=code.root, head=config, files=fixtures, code=code)
                verdicts = judged_elsewhere(request, what=f"the code of {revision.commit[:12]}").verdicts
        except ReplaykitError:
            return False
        judged = [v for v in verdicts.values() if v.outcome is not Outcome.UNJUDGED and not is_broken(v)]
        return len(judged) == len(fixtures)

    return bisected(revisions, is_good, deadline=time.monotonic() + _LOOKING_S, is_dirty=is_dirty)
