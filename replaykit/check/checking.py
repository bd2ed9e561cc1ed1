"""The one use case that every door calls: fixtures in, a Report out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from replaykit.check.corpus import Fixture, corpus_findings
from replaykit.check.fixtures import fixtures_of
from replaykit.check.judging import Check
from replaykit.check.self_test import self_test
from replaykit.config import Config
from replaykit.replay.suggestions import with_marker_count
from replaykit.verdict import Report, Verdict

__all__ = ["check"]


def check(
    config: Config,
    paths: Iterable[Path] = (),
    *,
    debug: bool = False,
    evidence: bool = False,
    with_self_test: bool = False,
    on_verdict: Callable[[Verdict], None] | None = None,
) -> Report:
    """Judge every fixture below the paths.

    Args:
        config: What to judge with.
        paths: Files and folders; the configured histories where there are none.
        debug: See `ReplaySession`.
        evidence: See `ReplaySession`.
        with_self_test: Whether Histories that are made wrong on purpose are judged too.
        on_verdict: Called with each Verdict as it comes.

    Raises:
        ReplaykitError: There is nothing to replay, or the code cannot be loaded.
    """
    began = time.perf_counter()
    fixtures = fixtures_of(config, paths)
    verdicts: list[Verdict] = []
    with Check(config, debug=debug, evidence=evidence) as judge:
        for verdict in judge.judge_all(fixtures):
            verdicts.append(verdict)
            if on_verdict is not None:
                on_verdict(verdict)
        findings = corpus_findings(config, judge.workers, fixtures, map(Fixture.of, verdicts))
        duration_s = time.perf_counter() - began
        tested = self_test(judge, judge.workers, fixtures, known=verdicts) if with_self_test else None
    carriers = Counter(patch_id for verdict in verdicts for patch_id in verdict.markers)
    return Report(
        verdicts=tuple(with_marker_count(verdict, carriers) for verdict in verdicts),
        duration_s=duration_s,
        findings=findings,
        self_test=tested,
        strict=config.strict,
    )
