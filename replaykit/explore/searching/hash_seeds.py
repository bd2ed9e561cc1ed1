"""Grown histories judged again under other hash seeds: a set of texts comes in another order there."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from replaykit.config import Config
from replaykit.explore.searching.asking import Explorer
from replaykit.explore.searching.judging import key_of
from replaykit.explore.searching.summary import Explored, Story
from replaykit.explore.workflows import Key
from replaykit.processes import Children
from replaykit.verdict import Outcome, SuggestionKind, Verdict

__all__ = ["HashSeeds"]

_SEEDS = ("1", "2", "3")
"""A set of two texts keeps its order under each of them with one chance in two."""
_CURE = (
    "nothing was changed: the same code asks for different commands under another hash seed, as it walks "
    "over a set of texts. Walk over it in a fixed order: for name in sorted(names): ..."
)
_CURE_OF_DRIFT = _CURE.replace("asks for different commands", "gives other values to the same commands")


class HashSeeds:
    """One process of the project's code for each hash seed, started with the first question.

    Args:
        config: The project.
        names: Patterns of workflow types, as for `Explorer`.
        children: Where the processes are started.
    """

    def __init__(self, config: Config, names: Sequence[str], *, children: Children) -> None:
        self._explorers = [
            Explorer(config, names, children=children, env={"PYTHONHASHSEED": seed}) for seed in _SEEDS
        ]

    def judged(self, key: Key, explored: Explored) -> Explored:
        """The same, with what shows under another hash seed alone: the shortest story of it.

        Raises:
            ChildLostError: The code ended a process that judged.
        """
        if explored.verdicts:
            return explored
        stories = sorted(explored.samples, key=lambda story: len(story.lines))
        for explorer in self._explorers:
            for story in stories:
                verdict = explorer.judge(key, story.history, is_strict=True)
                if (shown := key_of(verdict)) is not None and verdict.outcome is not Outcome.UNJUDGED:
                    return _with_finding(explored, shown, story, verdict)
        return explored


def _with_finding(explored: Explored, shown: str, story: Story, verdict: Verdict) -> Explored:
    divergence = verdict.divergence
    if divergence is not None and divergence.suggestion_kind is not SuggestionKind.SDK:
        divergence = dataclasses.replace(divergence, suggestion=_CURE, suggestion_kind=None)
    drifts = tuple(dataclasses.replace(drift, suggestion=_CURE_OF_DRIFT) for drift in verdict.drifts)
    verdict = dataclasses.replace(verdict, divergence=divergence, drifts=drifts)
    summary = dataclasses.replace(explored.summary, findings={**explored.summary.findings, shown: story})
    return dataclasses.replace(explored, summary=summary, verdicts={**explored.verdicts, shown: verdict})
