"""`replaykit help`: the reference, printed from what the code itself uses."""

from __future__ import annotations

import difflib
import sys

import click

from replaykit.cli.reference import TOPICS, lines_of
from replaykit.cli.streams import reader_may_leave, say

__all__ = ["help_command"]


@click.command("help")
@click.argument("topic", required=False)
@click.pass_context
def help_command(context: click.Context, topic: str | None) -> int:
    """Print the reference of TOPIC; without one, the topics that there are."""
    root = context.find_root().command
    assert isinstance(root, click.Group)
    if topic is None:
        lines = [f"  {name:<12}{each.summary}" for name, each in TOPICS.items()]
        text = "\n".join(["Topics of `replaykit help TOPIC`:", "", *lines])
    elif topic in TOPICS:
        text = "\n".join(lines_of(TOPICS[topic].sections(root)))
    else:
        raise click.UsageError(_unknown(topic, root.list_commands(context)))
    with reader_may_leave():
        say(text)
        sys.stdout.flush()
    return 0


def _unknown(topic: str, commands: list[str]) -> str:
    if topic in commands:
        return f"{topic!r} is a command, not a topic: replaykit {topic} --help"
    near = difflib.get_close_matches(topic, TOPICS, n=1)
    cure = f"Did you mean {near[0]!r}?" if near else f"Topics: {', '.join(TOPICS)}."
    return f"no topic {topic!r}. {cure}"
