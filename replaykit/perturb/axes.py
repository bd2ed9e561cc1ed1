"""The axes: what a perturbed run may change, in what way, and what to do about code that depends on it."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from zoneinfo import ZoneInfo

from replaykit.code.replacements import cure_of_condition

__all__ = [
    "ADDRESSES",
    "AXES",
    "CONTROL",
    "NONE",
    "TOGETHER",
    "WARM",
    "Axis",
    "Conditions",
    "axes_of_round",
    "axis_named",
    "this_morning",
]

NONE = "none"
"""The run that all others are compared with."""
WARM = "warm process"
ADDRESSES = "object addresses"
"""Objects come to lie elsewhere in every run in which anything is changed."""

CONTROL = "the process itself"
"""Not an axis of its own: what differs where nothing was changed on purpose."""
TOGETHER = "several at once"
"""For a difference that shows only where all axes are changed together."""

_DAY = 86_400
_MORNING_S = 9 * 3600
_ZONES = (("Asia/Kolkata", "IST-5:30"), ("Pacific/Kiritimati", "<+14>-14"), ("America/St_Johns", "NST3:30"))
"""IANA name, and the same offset for machines without the zone files."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """One named condition that workflow code must not depend on."""

    name: str
    changes: str
    """What differs in the perturbed run, to follow "changed: "."""
    cure: str
    """What to do about code that depends on it."""


AXES: Mapping[str, Axis] = MappingProxyType(
    {
        name: Axis(name=name, changes=changes, cure=cure_of_condition(name))
        for name, changes in (
            ("hash seed", "PYTHONHASHSEED, and with it the order of sets of strings"),
            (ADDRESSES, "where objects lie in memory, and with it the order of sets of them"),
            (
                "task addresses",
                "where tasks and handles lie in memory, and with it the order of sets of them",
            ),
            (WARM, "what ran before: other runs, and this one too"),
            ("wall clock", "the date and time of the machine"),
            ("time zone", "the machine's time zone, TZ"),
            ("environment", "environment variables that the code reads"),
            ("host name", "the machine's name"),
            ("working directory", "the current folder of the process"),
            ("random seed", "what `random`, `uuid`, `secrets` and `os.urandom` give"),
            ("is_replaying", "`workflow.unsafe.is_replaying()`, which answered False as in the first run"),
            ("thread timing", "how fast threads started by workflow code are"),
        )
    }
)
"""By name, in the order in which they are reported."""

_UNCHANGED = {
    CONTROL: Axis(
        name=CONTROL,
        changes="nothing on purpose: another process has another id, other memory, another moment",
        cure="What the code asks of the machine, a file or the network belongs in an activity; an `id()`, a "
        "`repr` with an address or the order of a set of functions belongs in no command.",
    ),
    TOGETHER: Axis(
        name=TOGETHER,
        changes="all conditions at once; none of them alone makes the difference",
        cure="Look at the line for anything that is not an argument, a result or `workflow.*`.",
    ),
}


def axes_of_round(number: int) -> frozenset[str]:
    """What is changed together in a round.

    Where the zone shifts the shifted clock back, neither would show: the zone is changed in every second
    round. A warm process replays everything twice, and is no other one the next time.
    """
    unchanged = {"time zone"} if number % 2 == 0 else set()
    return frozenset(AXES) - unchanged - ({WARM} if number > 1 else set())


def axis_named(name: str) -> Axis:
    """The axis of that name, or the one that stands for none or for all of them."""
    return AXES.get(name) or _UNCHANGED[name]


def this_morning() -> float:
    """Unix time that unchanged runs see at first: the same all day."""
    return time.time() // _DAY * _DAY + _MORNING_S


@dataclass(frozen=True, kw_only=True, slots=True)
class Conditions:
    """Under what conditions one process replays. Everything follows from the axes and the round."""

    axes: frozenset[str] = frozenset()
    """Those that are changed; all others are as in the run that is compared with."""
    round: int = 0
    """Another round changes the same axes in another way."""
    started_at: float = 0.0
    """Unix time that the code sees at first, unless the clock is shifted."""
    calm_imports: bool = False
    """Whether the code is imported undisturbed: it may need its settings to be imported at all."""

    def has(self, name: str) -> bool:
        assert name in AXES, name
        return name in self.axes

    def salt(self, name: str) -> int:
        """A number for an axis: another in every round, 0 where the axis is unchanged."""
        return random.Random(f"{name} {self.round}").randrange(1, 2**31) if self.has(name) else 0

    @property
    def clock(self) -> float:
        """Unix time at which the run begins."""
        if not self.has("wall clock"):
            return self.started_at
        # Another second, minute, hour, weekday and day, and now and then another month and year.
        days = (1, -45, 400, -3, 100, -800, 10, 31)[self.round % 8]
        return self.started_at + days * _DAY + (11 + 5 * self.round) % 24 * 3600 + 695 + 997 * self.round

    @property
    def time_zone(self) -> str:
        if not self.has("time zone"):
            return "UTC"
        name, offset = _ZONES[self.round % len(_ZONES)]
        try:
            ZoneInfo(name)
        except Exception:  # no zone files: ValueError, OSError or ZoneInfoNotFoundError
            return offset
        return name

    def variables(self) -> dict[str, str]:
        """The environment variables that have to stand when the interpreter starts."""
        return {"PYTHONHASHSEED": str(self.salt("hash seed")), "TZ": self.time_zone}
