"""The pre-merge check: replay, policy, and the base against the change."""

from __future__ import annotations

from replaykit.gate.base_revision import Base, base_of
from replaykit.gate.conclusion import Gate
from replaykit.gate.head_child import judging_head
from replaykit.gate.run import run_gate
from replaykit.gate.sdk_gate import run_sdk_gate
from replaykit.gate.trusted import Trusted, trusted

__all__ = ["Base", "Gate", "Trusted", "base_of", "judging_head", "run_gate", "run_sdk_gate", "trusted"]
