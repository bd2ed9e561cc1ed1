"""Where the user's code stands when a replay is over."""

from __future__ import annotations

from replaykit.replay.end_state import EndState, end_state_of


def test_of_another_sdk_nothing_is_known() -> None:
    assert end_state_of(object()) == EndState()
