"""The one use case: Histories in, Verdicts out; and what is found about the corpus of fixtures."""

from __future__ import annotations

from replaykit.check.checking import check
from replaykit.check.corpus import Fixture
from replaykit.check.fixtures import configured_fixtures, fixtures_of, others_of
from replaykit.check.judge import Judge, Judgeable, Named
from replaykit.check.judging import Check
from replaykit.check.workers import NoWorker, Registered, Workers

__all__ = [
    "Check",
    "Fixture",
    "Judge",
    "Judgeable",
    "Named",
    "NoWorker",
    "Registered",
    "Workers",
    "check",
    "configured_fixtures",
    "fixtures_of",
    "others_of",
]
