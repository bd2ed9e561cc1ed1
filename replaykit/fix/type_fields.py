"""Fields that came or went with a type: they are in every value of it, and no patch reaches them."""

from __future__ import annotations

from replaykit.replay.strict.differences import ABSENT
from replaykit.verdict import Drift

__all__ = ["is_of_a_type", "name_of"]


def is_of_a_type(drift: Drift, fields: frozenset[str]) -> bool:
    """Whether a value differs in nothing but a field that its type gained or lost.

    Args:
        drift: The difference.
        fields: As `moved_fields` has them.
    """
    is_there_once = (drift.recorded == ABSENT) != (drift.produced == ABSENT)
    return is_there_once and name_of(drift) in fields


def name_of(drift: Drift) -> str:
    """The last word of where a value differs: a field, where it differs in one.

    Args:
        drift: The difference.
    """
    return drift.field.rpartition(".")[2]
