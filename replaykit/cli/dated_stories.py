"""Since which commit of a change the runs of its base diverge that were explored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from replaykit.config import Config

if TYPE_CHECKING:
    from replaykit.explore.searching.summary import Explored

__all__ = ["DatedStories"]


class DatedStories:
    """Names the commit in the Verdicts on grown histories; asked about each workflow once.

    Args:
        config: The project.
        base: The revision whose code grew them; None where the code itself did, and nothing is to be dated.
    """

    def __init__(self, config: Config, base: str | None) -> None:
        self._config = config
        self._base = base
        self._known: list[tuple[Explored, Explored]] = []

    def __call__(self, explored: Explored) -> Explored:
        """The same, with the commit where it is found.

        Args:
            explored: One workflow.
        """
        for asked, answer in self._known:
            if asked is explored:
                return answer
        answer = self._dated(explored, self._base) if self._base is not None else explored
        self._known.append((explored, answer))
        return answer

    def _dated(self, explored: Explored, base: str) -> Explored:
        wedged = [key for key, verdict in explored.verdicts.items() if verdict.wedges]
        if not wedged or not self._config.blame:
            return explored
        from replaykit.gate.dating import since_of
        from replaykit.history import dump_history
        from replaykit.temporary import temporary_folder

        with temporary_folder("stories") as folder:
            paths: dict[str, Path] = {}
            for number, key in enumerate(wedged):
                paths[key] = folder / f"{number}.json"
                paths[key].write_bytes(dump_history(explored.summary.findings[key].history))
            found = since_of(paths, self._config, [str(self._config.root)], until=base)
        return replace(
            explored,
            verdicts={
                key: replace(verdict, since=found[key]) if key in found else verdict
                for key, verdict in explored.verdicts.items()
            },
        )
