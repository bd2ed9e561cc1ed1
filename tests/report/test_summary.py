"""The closing line of a check."""

from __future__ import annotations

from replaykit.report.summary import summary_line
from replaykit.verdict import Outcome

COUNTS = dict.fromkeys(Outcome, 0) | {Outcome.CONSISTENT: 2, Outcome.UNJUDGED: 1}


def test_it_counts_what_there_is() -> None:
    assert summary_line(COUNTS, 1, 0.25) == "2 consistent, 1 unjudged; 1 command compared in 0.2 s"


def test_strict_mode_is_shown() -> None:
    line = summary_line(COUNTS, 1, 0.25, strict=True)
    assert line == "2 consistent, 1 unjudged, strict; 1 command and its attributes compared in 0.2 s"
    assert "; 2 commands and their attributes compared" in summary_line(COUNTS, 2, 0.25, strict=True)
