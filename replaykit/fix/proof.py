"""What shows that guarded code may be trusted: recorded runs, runs that the base could have, and new ones."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from replaykit.config import Config
from replaykit.errors import ReplaykitError
from replaykit.processes import Children, Program, to_answer, to_load

__all__ = ["Grown", "compared_runs", "grown_by_base"]

_STORIES = 24
_SCENARIOS = 40
_SECONDS = 4.0
"""For the runs of one workflow that are grown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grown:
    """What grown runs came to."""

    count: int = 0
    """Runs that were compared."""
    failures: tuple[str, ...] = ()
    """What speaks against the code, a line each."""
    untried: Mapping[str, str] = field(default_factory=dict)
    """By workflow type, why no run of it was compared."""


def _no_hypothesis(types: Sequence[str]) -> Grown | None:
    if importlib.util.find_spec("hypothesis") is not None:
        return None
    why = "growing runs needs the extra: pip install 'temporal-replaykit[explore]'"
    return Grown(untried=dict.fromkeys(types, why))


def grown_by_base(config: Config, types: Sequence[str], texts: Mapping[str, str], root: Path) -> Grown:
    """Replay runs that the base's code could have had by other code.

    Args:
        config: The change's.
        types: Workflow types.
        texts: By absolute path, what stands for a file of the change.
        root: The project in the base's tree.
    """
    if (missing := _no_hypothesis(types)) is not None:
        return missing
    from replaykit.explore.searching.asking import Explorer
    from replaykit.explore.searching.base_growing import Request
    from replaykit.explore.searching.base_judging import explore_base
    from replaykit.explore.searching.summary import Explored
    from replaykit.explore.workflows import Key

    found: list[Explored] = []
    untried: dict[str, str] = {}

    def lost(key: Key, message: str) -> None:
        untried[key.workflow_type] = message

    with Children() as children:
        explorer = Explorer(config, types, children=children, texts=texts)
        try:
            loaded = explorer.load()
            request = Request(
                root=root,
                head=config,
                workflows=loaded.workflows,
                seconds=_SECONDS,
                scenarios=_SCENARIOS,
                seed=0,
            )
            explore_base(
                request,
                explorer,
                on_explored=found.append,
                on_lost=lost,
                on_note=lambda note: None,
                on_scenarios=lambda name, count: None,
            )
        except ReplaykitError as error:
            return Grown(untried=dict.fromkeys(types, str(error)))
    failures = tuple(
        f"a run that the base can have diverges: {_first_line(verdict.message or '')}"
        if verdict.divergence is None
        else f"a run that the base can have diverges: {_first_line(verdict.divergence.message)}"
        for each in found
        for verdict in each.verdicts.values()
    )
    return Grown(count=sum(each.summary.started for each in found), failures=failures, untried=untried)


def compared_runs(config: Config, types: Sequence[str], texts: Mapping[str, str]) -> Grown:
    """Tell the same stories of new runs to the change and to other code: both must ask for the same.

    Args:
        config: The change's.
        types: Workflow types.
        texts: By absolute path, what stands for a file of the change.
    """
    if (missing := _no_hypothesis(types)) is not None:
        return missing
    from replaykit.explore.searching.repeating import Told, ToRepeat, ToTell
    from replaykit.explore.workflows import Key

    count, failures, untried = 0, [], {}
    with Children() as children:
        head, guarded = (
            children.of(_program(config, ToTell(config=config, texts=given))) for given in ({}, texts)
        )
        try:
            head.launch()
            guarded.launch()
            keys: tuple[Key, ...] = head.loaded().workflows
            guarded.loaded()
            for key in keys:
                if key.workflow_type not in types:
                    continue
                head.send(ToRepeat(workflow=key, count=_STORIES, seconds=_SECONDS))
                first: Told = head.hear(_SECONDS + to_answer(config.timeout_s))
                if not first.runs:
                    untried[key.workflow_type] = first.problem or "no run of it came past its first task"
                    continue
                guarded.send(ToRepeat(workflow=key, stories=[run.story for run in first.runs]))
                second: Told = guarded.hear(3 * _SECONDS + to_answer(config.timeout_s))
                count += len(first.runs)
                differing = [
                    one
                    for one, other in zip(first.runs, second.runs, strict=False)
                    if one.asked != other.asked
                ]
                if second.problem or len(second.runs) < len(first.runs) or differing:
                    failures.append(
                        f"new runs of {key.workflow_type} would not do what the change does: "
                        + (second.problem or f"{len(differing)} of {len(first.runs)} differ")
                    )
        except ReplaykitError as error:
            return Grown(count=count, untried=dict.fromkeys(types, str(error)))
    return Grown(count=count, failures=tuple(failures), untried=untried)


def _program(config: Config, opening: object) -> Program:
    return Program(
        function="replaykit.explore.searching.repeating:main",
        what="the process that grows runs",
        opening=opening,
        loading_s=to_load(config.timeout_s),
        silence_s=_SECONDS + to_answer(config.timeout_s),
        path=[os.path.abspath(path) for path in sys.path],  # noqa: PTH100  # "" is the current folder
    )


def _first_line(text: str) -> str:
    return text.splitlines()[0] if text else "no reason is known"
