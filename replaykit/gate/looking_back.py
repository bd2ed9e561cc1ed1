"""The newest revision under which histories replay, asked of each with the code that it has."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from replaykit.config import Config
from replaykit.errors import ReplaykitError
from replaykit.gate.base_code import base_code_of
from replaykit.gate.base_verdicts import Request, judged_elsewhere
from replaykit.gate.since import bisected, revisions_of
from replaykit.revisions import checked_out, git, resolve
from replaykit.verdict import Outcome, Revision, Since

__all__ = ["LookBack"]


class LookBack:
    """Looks through the revisions of the code; each is checked out and asked once.

    Args:
        config: The change's.
        repository: The top folder of its git repository.
        fixtures: By name, histories that do not replay now; a few that stand for all.
        files: Those that their workflow code was loaded from.
        seconds: For all of it.
        until: A commit under which they replay; None to look for one.
        on_note: Given what is looked at.

    Raises:
        RevisionError: git refuses.
    """

    def __init__(
        self,
        config: Config,
        repository: Path,
        fixtures: Mapping[str, Path],
        files: Sequence[str],
        *,
        seconds: float,
        until: str | None = None,
        on_note: Callable[[str], None] = lambda note: None,
    ) -> None:
        self._deadline = time.monotonic() + seconds
        self._config = config
        self._repository = repository
        self._fixtures = fixtures
        self._until = resolve(repository, until) if until is not None else None
        self._on_note = on_note
        self._revisions = revisions_of(repository, files, until=until)
        inside = [str(file) for file in files if Path(file).resolve().is_relative_to(repository)]
        self._is_dirty = bool(inside and git(repository, "status", "--porcelain", "--", *inside))
        self._good: dict[str, frozenset[str]] = {}

    def since(self, names: Collection[str]) -> Since | None:
        """Since which revision not all of some histories replay.

        Args:
            names: Of them.

        Returns:
            None where none is known under which they do, or the time is up.
        """

        def is_good(revision: Revision) -> bool:
            return self._replayed_by(revision).issuperset(names)

        return bisected(self._revisions, is_good, deadline=self._deadline, is_dirty=self._is_dirty)

    def _replayed_by(self, revision: Revision) -> frozenset[str]:
        commit = revision.commit
        if commit == self._until:
            return frozenset(self._fixtures)
        if commit not in self._good:
            self._on_note(f"looking at {commit[:12]}")
            self._good[commit] = self._asked(commit)
        return self._good[commit]

    def _asked(self, commit: str) -> frozenset[str]:
        """The histories that replay by the code of a commit; none where that cannot be asked."""
        try:
            with checked_out(self._repository, commit) as tree:
                code = base_code_of(self._repository, tree, self._config.root, commit)
                request = Request(root=code.root, head=self._config, files=self._fixtures, code=code)
                answer = judged_elsewhere(request, what=f"the code of {commit[:12]}")
        except ReplaykitError:
            return frozenset()
        return frozenset(
            name
            for name, verdict in answer.verdicts.items()
            if verdict.outcome is not Outcome.UNJUDGED and not verdict.wedges
        )
