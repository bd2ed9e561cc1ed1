"""Which release of OrderWorkflow can go on with the orders of which other: the expected verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from replaykit.verdict import Outcome
from tests.gallery.order import v1, v2, v3, v4, v5

__all__ = ["MATRIX", "RELEASES", "Cell"]

RELEASES: dict[str, type[Any]] = {
    "v1": v1.OrderWorkflow,
    "v2": v2.OrderWorkflow,
    "v3": v3.OrderWorkflow,
    "v4": v4.OrderWorkflow,
    "v5": v5.OrderWorkflow,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One order History under one release's code."""

    workflow_id: str
    """Of the fixture; it names the release that recorded it."""
    code: str
    """A key of `RELEASES`."""
    expected: Outcome


_OK = Outcome.CONSISTENT
_NO = Outcome.DIVERGED

_VERDICTS: dict[str, tuple[Outcome, ...]] = {
    # code:  v1   v2   v3   v4   v5
    "v1": (_OK, _NO, _OK, _NO, _NO),  # no marker: patched() answers False, deprecate_patch() validates
    "v2": (_NO, _OK, _NO, _OK, _OK),  # no marker either, so v3 takes the old branch and is wrong
    "v3": (_NO, _NO, _OK, _OK, _NO),  # a marker that asks for its patch call
    "v4": (_NO, _OK, _OK, _OK, _OK),  # a deprecated marker asks for nothing
    "v5": (_NO, _OK, _NO, _OK, _OK),  # the same commands as v2
}

MATRIX: tuple[Cell, ...] = tuple(
    Cell(workflow_id=f"order-{recorded_by}{state}", code=code, expected=expected)
    for recorded_by, row in _VERDICTS.items()
    for state in ("", "-waiting")
    for code, expected in zip(RELEASES, row, strict=True)
)
"""Open orders fit and break exactly as shipped ones do: the change lies before their first wait."""
