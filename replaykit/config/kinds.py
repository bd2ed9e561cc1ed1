"""What the value of a key of `[tool.replaykit]` has to be."""

from __future__ import annotations

import enum

__all__ = ["Kind"]


class Kind(enum.Enum):
    """What a value has to be, in words."""

    STRINGS = "list of strings"
    STRING = "string"
    REQUIREMENTS = "list of what fixtures show"
    BOOL = "true or false"
    SECONDS = "number of seconds"
    COUNT = "whole number"
    DATE = "date"
    LEVEL = "fail, warn or ignore"
    FIELDS = "list of patterns of fields"
    SEVERITY = "behavioural or cosmetic"
    SANDBOX = "warm or fresh"
    TABLE = "table"
    TABLES = "list of tables"
    STRICT = "true, false or a table"
    GATE = "table of the gate"
    EXPLORE = "table of the exploration"
    LIMIT = "whole number above 0"
    LIMITS = "table of limits"
    PRESETS = "list of names of presets"
