"""Laws that hold for whatever Hypothesis draws, apart from the tests of single cases."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

__all__ = ["LAWS"]

LAWS = settings(
    max_examples=100,
    deadline=None,  # a replay has its own, and machines do other things too
    derandomize=True,  # the same examples in every run: a red gate is reproducible
    suppress_health_check=[HealthCheck.too_slow],
)
"""For every law that replays: about 10 ms an example."""
