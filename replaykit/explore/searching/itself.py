"""Explores the code of this process against itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from replaykit.config import Config
from replaykit.explore.growing.grow import Grown
from replaykit.explore.growing.warm import Warm
from replaykit.explore.searching.command_pairs import command_pairs
from replaykit.explore.searching.growers import FromStart
from replaykit.explore.searching.judging import GrownJudge
from replaykit.explore.searching.search import Budget, Search
from replaykit.explore.searching.summary import Explored, story_of, summary_of
from replaykit.explore.searching.unreached_lines import unreached_lines
from replaykit.explore.values.unmet import names_of
from replaykit.explore.workflows import ExploredWorkflow, own_values, values_of
from replaykit.replay.session import ReplaySession

__all__ = ["explore_itself"]

_MOST_SAMPLES = 24


def explore_itself(
    config: Config,
    workflow: ExploredWorkflow,
    budget: Budget,
    *,
    seed: int,
    on_scenario: Callable[[], None] = lambda: None,
) -> Explored:
    """Grow histories of a workflow and replay each cold, strictly: does the code agree with itself?

    Args:
        config: The project.
        workflow: What is explored.
        budget: When to stop.
        seed: Another one looks elsewhere.
        on_scenario: Called for each History that is grown.

    Raises:
        ValuesError: There is no strategy for a type hint.
    """
    session = ReplaySession(
        workflow.worker, root=config.root, timeout_s=config.timeout_s, strict=config.strict_policy
    )
    warm = Warm(workflow.worker, root=config.root, timeout_s=config.timeout_s)
    with closing(warm) as engine, session:
        engine.lines.is_wanted = True
        judge = GrownJudge(session)
        samples: dict[frozenset[str], Grown] = {}

        def judged(grown: Grown) -> str | None:
            shown = judge(grown)
            if shown is None and grower.openings.mentions.has_sets:
                _sample(samples, grown)
            return shown

        values = values_of(config, workflow.workflow_class, engine.encoder)
        grower = FromStart(engine, workflow.workflow_class, values, workflow.workflow_type)
        search = Search(grower, judged, seed=seed, on_grown=on_scenario)
        exploration = search.run(budget, workflow_type=workflow.workflow_type)
        exploration.problems |= judge.problems
    return Explored(
        summary=summary_of(exploration, config.root, values.learned),
        verdicts={finding.key: judge.verdicts[finding.key] for finding in exploration.findings},
        unreached=unreached_lines(workflow.workflow_class, exploration.lines),
        samples=tuple(story_of(grown, config.root) for grown in samples.values()),
        names=names_of(
            own_values(config), values, workflow.workflow_class, warm.heard.handlers.known.values()
        ),
    )


def _sample(samples: dict[frozenset[str], Grown], grown: Grown) -> None:
    """Keep the shortest history of each way through the code, as far as there is room."""
    if grown.is_stuck:
        return
    way = frozenset(command_pairs(grown))
    known = samples.get(way)
    is_shorter = known is not None and len(grown.scenario.steps) < len(known.scenario.steps)
    if is_shorter or (known is None and len(samples) < _MOST_SAMPLES):
        samples[way] = grown
