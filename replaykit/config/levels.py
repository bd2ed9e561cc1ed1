"""What the gate's policy weighs: each key, its level by default, and what it is about."""

from __future__ import annotations

__all__ = ["LEVEL_MEANINGS"]

LEVEL_MEANINGS = (
    ("divergence", "fail", "The change diverges from a history that the base replays."),
    ("drift", "fail", "The change drifts from a history that the base replays."),
    ("unjudged", "fail", "A history that the base could judge cannot be judged with the change."),
    (
        "rewritten_fixture",
        "fail",
        "A fixture was recorded again, or moved to another worker, and the old one is not replayed well.",
    ),
    ("deleted_fixture", "fail", "A fixture was deleted or left out, and the change does not replay it."),
    ("removed_workflow", "fail", "A workflow was removed or renamed, and a fixture shows an open run of it."),
    ("new_workflow", "warn", "A workflow that the change adds has no fixture."),
    (
        "changed_workflow",
        "warn",
        "A workflow was changed, and no history was added of a run that goes through a changed line and "
        "has the attributes that the changed code asks for.",
    ),
    ("unproven_patch", "warn", "An old branch of a patch was removed, and no fixture shows a run of it."),
    (
        "pinned",
        "ignore",
        "A run is pinned to another deployment version and is not replayed well; ignore lists it as a note.",
    ),
    (
        "weakened_policy",
        "fail",
        "The change asks for less in this table, in strict mode or elsewhere. The base's level decides: with "
        "fail, the base's values judge the change.",
    ),
)
"""Keys of `[tool.replaykit.gate]` that are a level."""
