"""Names the commit since which histories do not replay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from replaykit.config import Config
from replaykit.gate.looking_back import LookBack
from replaykit.report.issue_kinds import kind_of
from replaykit.revisions import RevisionError, repository_of
from replaykit.verdict import Since, Verdict

__all__ = ["dated", "since_of"]

_MOST = 4
"""Findings that are dated."""
_SECONDS = 20.0
"""For all the revisions that are looked at."""


def dated(
    verdicts: Iterable[Verdict],
    config: Config,
    paths: Mapping[str, Path],
    files: Sequence[str],
    *,
    until: str | None = None,
    on_note: Callable[[str], None] = lambda note: None,
) -> tuple[Verdict, ...]:
    """The same Verdicts; those under which runs get stuck say since which commit that is so, where found.

    One history stands for all that fail alike. Nothing is run where nothing fails.

    Args:
        verdicts: Of the code that is checked out.
        config: The project, as it judged.
        paths: By name, the fixtures, absolute; a history of anywhere else is left as it is.
        files: Those that the workflow code was loaded from.
        until: A commit under which all replay; None to look for one.
        on_note: Given what is looked at.
    """
    verdicts = tuple(verdicts)
    kinds = {verdict.history: kind_of(verdict) for verdict in verdicts if verdict.wedges}
    first = {kind: name for name, kind in reversed(kinds.items()) if name in paths}
    some = {name: paths[name] for name in [*reversed(first.values())][:_MOST]}
    found = since_of(some, config, files, until=until, on_note=on_note)
    known = {kinds[name]: since for name, since in found.items()}
    return tuple(
        replace(verdict, since=known[kinds[verdict.history]])
        if kinds.get(verdict.history) in known
        else verdict
        for verdict in verdicts
    )


def since_of(
    fixtures: Mapping[str, Path],
    config: Config,
    files: Sequence[str],
    *,
    until: str | None = None,
    on_note: Callable[[str], None] = lambda note: None,
) -> Mapping[str, Since]:
    """By name, since which commit each of some histories does not replay, for those of which it is found.

    None is found outside a git repository, before its first commit, or where looking takes too long.

    Args:
        fixtures: By name, histories that do not replay.
        config: As of `dated`, as for the others.
    """
    if not fixtures:
        return {}
    try:
        repository = repository_of(config.root)
        look = LookBack(config, repository, fixtures, files, seconds=_SECONDS, until=until, on_note=on_note)
        found = {name: look.since([name]) for name in fixtures}
    except RevisionError:
        return {}
    return {name: since for name, since in found.items() if since is not None}
