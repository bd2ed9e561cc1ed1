"""[tool.replaykit] of pyproject.toml as one frozen Config.

Everything that names code stays a string here (`module` or `module:attribute`); `replaykit.replay`
imports it when a replay needs it.
"""

from __future__ import annotations

from replaykit.config.config import (
    DEFAULT_TIMEOUT_S,
    Config,
    ExploreConfig,
    GateConfig,
    StrictPolicy,
    StrictRules,
    Waiver,
    WorkerConfig,
    is_deadline,
)
from replaykit.config.presets import PRESETS
from replaykit.config.reading import find_pyproject, load_config

__all__ = [
    "DEFAULT_TIMEOUT_S",
    "PRESETS",
    "Config",
    "ExploreConfig",
    "GateConfig",
    "StrictPolicy",
    "StrictRules",
    "Waiver",
    "WorkerConfig",
    "find_pyproject",
    "is_deadline",
    "load_config",
]
