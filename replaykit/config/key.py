"""What is known of one key of `[tool.replaykit]`, and of a table of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from replaykit.config.kinds import Kind

__all__ = ["Key", "KeyTable"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """One key."""

    name: str
    kind: Kind
    meaning: str
    """One sentence or two."""
    default: str | None = None
    """As it would be written in TOML; None where leaving it out is the only way to have it so."""
    required: bool = False
    twin: str | None = None
    """What stands for it on the command line, for one run."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyTable:
    """One table of the configuration."""

    heading: str
    """As it is written in pyproject.toml."""
    about: str
    keys: tuple[Key, ...]

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """By name, what each value has to be; in order."""
        return {key.name: key.kind for key in self.keys}
