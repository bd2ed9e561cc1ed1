"""Fixtures that another worker judges than in the base, where that worker runs another class."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from replaykit.code.definitions import find_definitions
from replaykit.config import Config, load_config
from replaykit.errors import ReplaykitError
from replaykit.gate.against_base import Judged
from replaykit.gate.base_code import BaseCode
from replaykit.gate.changes import ChangeKind, FixtureChange
from replaykit.gate.facts import Facts
from replaykit.gate.waivers import waive
from replaykit.issue import Issue, Level
from replaykit.report.report_issues import issue_of
from replaykit.verdict import Verdict

__all__ = ["OtherWorker", "of_other_workers", "other_workers"]


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherWorker:
    """A fixture that one worker judges in the base and another in the change."""

    verdict: Verdict
    """Of the change's code."""
    before: str
    """Name of the base's worker."""
    places_before: tuple[str, ...]
    """Files that define the class of the run, among those that the base's worker names."""
    places: tuple[str, ...]
    """The same of the change's worker."""


def other_workers(
    config: Config,
    code: BaseCode,
    judged: Iterable[Judged],
    old: Sequence[Judged],
    changes: Sequence[FixtureChange],
    facts: Mapping[str, Facts],
) -> list[OtherWorker]:
    """The fixtures whose worker has another name, and another class or one that is not found.

    Args:
        config: The change's.
        code: Where the base's project is.
        judged: The fixtures of the change, under both codes.
        old: Those that the change took away or moved, as the base has them.
        changes: What became of those.
        facts: The fixtures of the change without a replay, by key.
    """
    try:
        own = load_config(code.root)
    except ReplaykitError:  # a base that cannot be read has judged nothing
        return []
    at_base = own if own.is_configured else replace(config, root=code.root)
    verdicts = {each.key: each.base for each in old}
    moved = {
        change.old.content: verdicts[change.name] for change in changes if change.kind is ChangeKind.MOVED
    }
    found = []
    for each in judged:
        before = moved.get(facts[each.key].content, each.base) if each.key in facts else each.base
        now = each.head.worker
        if before is None or before.worker is None or now is None or before.worker == now:
            continue
        places_before = _places(at_base, before.worker, each.head.workflow_type)
        places = _places(config, now, each.head.workflow_type)
        if not places or places != places_before:
            found.append(
                OtherWorker(
                    verdict=each.head, before=before.worker, places_before=places_before, places=places
                )
            )
    return found


def _places(config: Config, worker: str, workflow_type: str | None) -> tuple[str, ...]:
    """Files in the project that define a workflow, by the modules and the path of one worker."""
    found: set[Path] = set()
    own = next(each for each in config.workers if each.name == worker)
    for folder in (Path(), *map(Path, own.path)):
        found |= {
            folder / definition.file
            for definition in find_definitions(config.root / folder)
            if definition.workflow_type == workflow_type
            and any(_is_of(definition.module, definition.class_name, spec) for spec in own.workflows)
        }
    return tuple(sorted(file.as_posix() for file in found))


def _is_of(module: str, class_name: str, spec: str) -> bool:
    named, colon, name = spec.partition(":")
    if colon:
        return (named, name) == (module, class_name)
    return module == named or module.startswith(f"{named}.")


def of_other_workers(found: Iterable[OtherWorker], pinned: Collection[str]) -> Iterator[Issue]:
    """Their Issues.

    Args:
        found: The fixtures.
        pinned: Keys of those whose run stays on its deployment version, whatever the change does to workers.
    """
    for each in found:
        key, now = each.verdict.history, each.verdict.worker
        level = Level.NOTE if key in pinned else Level.FAIL
        issue = issue_of(
            each.verdict,
            "other-worker",
            level,
            f"{key}: worker {now!r} ({_shown(each.places)}) judges it now, and in the base worker "
            f"{each.before!r} ({_shown(each.places_before)}) does",
        )
        cure = (
            "Nothing shows whether the code that the run is on replays it. Keep the fixture with the worker "
            "that polls the run's task queue (task_queues of [[tool.replaykit.worker]], or its folder). "
            f"Where the run was handed over on purpose, {waive('other-worker')}."
        )
        yield replace(issue, cure=cure, cure_in_text=False, history=key, unjudged=False)


def _shown(places: Sequence[str]) -> str:
    return ", ".join(places) or "its class is not found in the project"
