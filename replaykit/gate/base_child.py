"""The process that judges by the base's code, or under another release of the SDK."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from replaykit.check.inside_child import serve
from replaykit.config import Config, load_config
from replaykit.processes import Parent

__all__ = ["main"]


def main(parent: Parent) -> None:
    """Judge the files that the parent names, one after the other."""
    root, head = parent.receive()
    os.chdir(root)
    serve(parent, _config(root, head))


def _config(root: Path, head: Config) -> Config:
    """The code's own configuration, with the strictness and the deadline of the change's."""
    own = load_config(root)
    instead = Config(root=root, workers=head.workers, shared=head.shared)
    config = own if own.is_configured else instead
    return replace(
        config,
        strict=head.strict,
        strict_policy=head.strict_policy,
        timeout_s=head.timeout_s,
        limits=head.limits,
    )
