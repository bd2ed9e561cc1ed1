"""The options of the plugin, and what they ask for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from replaykit.config import Config

__all__ = ["add_options", "asked", "reason_to_replay_all", "with_options"]


def add_options(parser: pytest.Parser) -> None:
    """Add every option and ini key of the plugin."""
    group = parser.getgroup("replaykit", "replay of Temporal workflow histories (replaykit)")
    group.addoption(
        "--replay-histories",
        action="append",
        metavar="PATH",
        help="Replay the histories below PATH, one test each. Repeatable.",
    )
    group.addoption(
        "--replay-workflows",
        action="append",
        metavar="MODULE[:CLASS]",
        help="Workflow code, in place of what [tool.replaykit] names. Repeatable.",
    )
    group.addoption(
        "--replay-worker", metavar="NAME", help="Judge every history by this [[tool.replaykit.worker]]."
    )
    group.addoption(
        "--replay-strict",
        action="store_true",
        help="Compare the attributes of every command too, and what an open history's tail asks for.",
    )
    group.addoption(
        "--replay-changed",
        action="store_true",
        help="Keep the verdicts, and replay again only what something can affect that has changed since. "
        "Replays are made in a process of their own then.",
    )
    group.addoption(
        "--replay-html",
        metavar="FILE",
        help="Write a report of all replayed histories as one HTML page, with their timelines.",
    )
    group.addoption(
        "--replay-timeout", type=_seconds, metavar="SECONDS", help="Deadline of each replay (default: 60)."
    )
    group.addoption(
        "--replay-debug",
        action="store_true",
        help="No deadline and no deadlock detector, so that breakpoint() in workflow code works.",
    )
    group.addoption(
        "--replay-require-fixtures",
        action="store_true",
        help="One more test, which fails where a workflow has no fixture at all.",
    )
    group.addoption(
        "--replay-self-test",
        action="store_true",
        help="One more test, which fails unless histories that are made wrong on purpose diverge.",
    )
    group.addoption(
        "--replay-perturb",
        action="store_true",
        help="One more test, which fails where the code asks for different commands under changed "
        "conditions: hash seed, clock, environment, warm process and more.",
    )
    parser.addini(
        "replay_histories", "Paths of histories to replay, one test each.", type="paths", default=[]
    )


def asked(config: pytest.Config) -> list[Path]:
    """The paths of the option, else those of the ini file, absolute."""
    option = config.getoption("replay_histories")
    if option:
        return [Path(config.invocation_params.dir, path) for path in option]
    return list(config.getini("replay_histories"))


def with_options(config: Config, option: Callable[[str], Any]) -> Config:
    """The project's Config, with what the command line has in place of its own.

    Args:
        config: The project's.
        option: Answers with the value of an option of pytest.
    """
    if option("replay_timeout") is not None:
        config = dataclasses.replace(config, timeout_s=option("replay_timeout"))
    if option("replay_strict"):
        config = dataclasses.replace(config, strict=True)
    if option("replay_changed"):
        config = dataclasses.replace(config, changed=True)
    if option("replay_require_fixtures"):
        config = dataclasses.replace(config, require_fixtures=True)
    if option("replay_worker") is not None:
        config = config.with_worker(option("replay_worker"))
    return config.with_workflows(option("replay_workflows")) if option("replay_workflows") else config


def reason_to_replay_all(option: Callable[..., Any]) -> str | None:
    """Why a run of pytest replays every history, whatever has changed; None where it need not.

    Args:
        option: Answers with the value of an option of pytest, or of another plugin's.
    """
    reasons = {
        "replay_html": "--replay-html shows each replay",
        "replay_debug": "--replay-debug is about replays in this process",
        "replay_perturb": "--replay-perturb replays each history many times",
        "cov_source": "--cov measures replays in this process",
    }
    return next((reason for name, reason in reasons.items() if option(name, None)), None)


def _seconds(text: str) -> float:
    from replaykit.config import is_deadline

    value = float(text)
    if not is_deadline(value):
        raise ValueError(text)
    return value
