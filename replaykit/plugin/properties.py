"""What the report of a test keeps of a Verdict, so that whatever prints the summary can count and list it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from replaykit.check import Fixture
    from replaykit.verdict import Verdict

__all__ = ["fixtures_in", "is_of_history", "properties_of"]

_PREFIX = "replaykit_"


def properties_of(verdict: Verdict) -> list[tuple[str, str | int]]:
    """The facts of a Verdict as properties of a test: plain data, for pytest-xdist and for JUnit XML."""
    from replaykit.check import Fixture

    return [(f"{_PREFIX}{name}", value) for name, value in Fixture.of(verdict).facts().items()]


def fixtures_in(reported: Iterable[Mapping[str, Any]]) -> list[Fixture]:
    """The fixtures that tests were about.

    Args:
        reported: The properties of every report; those of other tests too.
    """
    from replaykit.check import Fixture

    return [
        Fixture.of_facts({name.removeprefix(_PREFIX): value for name, value in properties.items()})
        for properties in reported
        if is_of_history(properties)
    ]


def is_of_history(properties: Mapping[str, Any]) -> bool:
    """Whether these are the properties of a replayed history."""
    return f"{_PREFIX}history" in properties
