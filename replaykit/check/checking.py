"""The one use case that every door calls: fixtures in, a Report out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from replaykit.check.corpus import corpus_findings
from replaykit.check.fixtures import fixtures_of
from replaykit.check.judge import Judge
from replaykit.check.known import Fixture
from replaykit.check.marker_counts import with_marker_count
from replaykit.trust import SelfTest
from replaykit.verdict import Report, Verdict

__all__ = ["check"]


def check(
    judge: Judge,
    paths: Iterable[Path] = (),
    *,
    with_self_test: bool = False,
    on_verdict: Callable[[Verdict], None] | None = None,
) -> Report:
    """Judge every fixture below the paths.

    Args:
        judge: What judges them.
        paths: Files and folders; the configured histories where there are none.
        with_self_test: Whether Histories that are made wrong on purpose are judged too.
        on_verdict: Called with each Verdict as it comes, which need not be in the order of the fixtures.

    Raises:
        ReplaykitError: There is nothing to replay, or the code cannot be loaded.
    """
    began = time.perf_counter()
    fixtures = fixtures_of(judge.config, paths)
    verdicts = tuple(judge.judge_all(fixtures, on_verdict=on_verdict))
    findings = corpus_findings(judge, fixtures, map(Fixture.of, verdicts))
    duration_s = time.perf_counter() - began
    tested = _self_tested(judge, fixtures, verdicts) if with_self_test else None
    carriers = Counter(patch_id for verdict in verdicts for patch_id in verdict.markers)
    return Report(
        verdicts=tuple(with_marker_count(verdict, carriers) for verdict in verdicts),
        duration_s=duration_s,
        findings=(*findings, *judge.findings),
        self_test=tested,
        strict=judge.config.compares_attributes,
    )


def _self_tested(judge: Judge, fixtures: Iterable[Path], verdicts: Iterable[Verdict]) -> SelfTest:
    from replaykit.check.self_test import self_test  # knows every kind of event: a check does without it

    return self_test(judge, fixtures, known=verdicts)
