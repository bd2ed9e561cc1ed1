"""The one use case: Histories in, Verdicts out; and what is found about the corpus of fixtures.

What loads the SDK is looked up when it is first used: a door that has Histories judged by a child never does.
So is what keeps verdicts, which few runs do.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from replaykit.check.checking import check
from replaykit.check.child import ChildCheck
from replaykit.check.fixtures import configured_fixtures, fixtures_of, others_of
from replaykit.check.judge import Given, Judge, Judgeable, Named, SdkHistory
from replaykit.check.known import Fixture, Registered
from replaykit.check.pool import PoolCheck

if TYPE_CHECKING:
    from replaykit.check.judging import Check
    from replaykit.check.kept import KeptCheck, kept_check
    from replaykit.check.workers import NoWorker, Workers

__all__ = [
    "Check",
    "ChildCheck",
    "Fixture",
    "Given",
    "Judge",
    "Judgeable",
    "KeptCheck",
    "Named",
    "NoWorker",
    "PoolCheck",
    "Registered",
    "SdkHistory",
    "Workers",
    "check",
    "configured_fixtures",
    "fixtures_of",
    "kept_check",
    "others_of",
]

_LOADED_LATER = {
    "KeptCheck": "replaykit.check.kept",
    "kept_check": "replaykit.check.kept",
    "Check": "replaykit.check.judging",
    "NoWorker": "replaykit.check.workers",
    "Workers": "replaykit.check.workers",
}


def __getattr__(name: str) -> Any:
    if name not in _LOADED_LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LOADED_LATER[name]), name)
