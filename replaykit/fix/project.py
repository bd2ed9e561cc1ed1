"""A project in which a change breaks something: what is found against one base, and against older ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from replaykit.config import Config
from replaykit.fix.cure import Fix
from replaykit.fix.formatting import formatter_of
from replaykit.fix.job import Job
from replaykit.fix.materials import materials_of
from replaykit.fix.trial import Trial
from replaykit.gate.base_code import base_code_of
from replaykit.gate.base_verdicts import Request, judged_elsewhere
from replaykit.gate.looking_back import LookBack
from replaykit.revisions import checked_out
from replaykit.verdict import Outcome, Since, Verdict

__all__ = ["Project"]

_FEW = 3
"""Histories that stand for all where revisions are looked through."""
_LOOKING_S = 60.0
"""For all the revisions that are looked at."""


@dataclass(kw_only=True)
class Project:
    """A project in which a change breaks something.

    Args:
        config: The change's, strict.
        repository: The top folder of its git repository.
        fixtures: By name, all of them.
        head: By name, the change's Verdicts.
        broken: By name, those that the change breaks.
        trial: Judges by code that no file holds.
        patch_id: See `run_fix`, as for `on_note`.
    """

    config: Config
    repository: Path
    fixtures: Mapping[str, Path]
    head: Mapping[str, Verdict]
    broken: Mapping[str, Path]
    trial: Trial
    patch_id: str | None
    on_note: Callable[[str], None]
    is_curable: bool = False
    """Whether the last base replays what is broken."""

    def by_looking_back(self) -> Fix:
        """The same against the newest revision under which the histories replay."""
        since = self._looked_back(until=None)
        if since is None:
            why = (
                "no revision was found under which it replays: git log of its source was looked through for "
                "a minute at most. Name one: --base REV"
            )
            return self._fix(uncured=dict.fromkeys(self.broken, why))
        now = time.time()
        good = since.good
        fix = self.against(good.commit, good.commit[:12], good.in_words(now))
        return replace(fix, since=since)

    def since(self, base: str) -> Since | None:
        """Since which revision after a base the histories do not replay; None where unknown."""
        return self._looked_back(until=base)

    def _looked_back(self, *, until: str | None) -> Since | None:
        few = self._few()
        look = LookBack(
            self.config,
            self.repository,
            few,
            self.trial.files(),
            seconds=_LOOKING_S,
            until=until,
            on_note=self.on_note,
        )
        return look.since(few)

    def against(self, commit: str, name: str, shown: str) -> Fix:
        """What a base comes to.

        Args:
            commit: The base.
            name: What it is called.
            shown: It in words, for the report.
        """
        with checked_out(self.repository, commit) as tree:
            self.on_note(f"{len(self.broken)} of them break; judging these by {name}")
            code = base_code_of(self.repository, tree, self.config.root, commit)
            request = Request(root=code.root, head=self.config, files=self.broken, code=code)
            answer = judged_elsewhere(request, what="the base")
            uncured = {each: _why_not(answer.verdicts.get(each), answer.error, name) for each in self.broken}
            foreign = {each for each in uncured if uncured[each] and not self.head[each].wedges}
            self.broken = {each: path for each, path in self.broken.items() if each not in foreign}
            uncured = {each: why for each, why in uncured.items() if each not in foreign}
            curable = {each: path for each, path in self.broken.items() if not uncured[each]}
            self.is_curable = bool(curable)
            if not curable:
                return self._fix(uncured=uncured, base=shown)
            job = Job(
                config=self.config,
                trial=self.trial,
                materials=materials_of(self.repository, tree, commit, self.trial.files()),
                fixtures=self.fixtures,
                head=self.head,
                at_base=answer.verdicts,
                base_root=code.root,
                on_note=self.on_note,
            )
            tidy = formatter_of(self.config.root, self.repository)
            cure, why = job.cure(curable, self.patch_id, tidy=tidy)
        covered = frozenset(cure.histories) if cure is not None else frozenset()
        left = {each: text or why for each, text in uncured.items() if each not in covered}
        return replace(self._fix(uncured=left, base=shown), cure=cure)

    def _fix(self, *, uncured: Mapping[str, str], base: str = "") -> Fix:
        return Fix(verdicts=tuple(self.head.values()), broken=tuple(self.broken), base=base, uncured=uncured)

    def _few(self) -> dict[str, Path]:
        """One broken history of each workflow type, as far as there is patience for them."""
        by_type = {self.head[name].workflow_type: name for name in reversed(list(self.broken))}
        return {name: self.broken[name] for name in list(by_type.values())[:_FEW]}


def _why_not(verdict: Verdict | None, error: str | None, base: str) -> str:
    """Why a base is no help with a History; empty where it is."""
    if verdict is None:
        return f"the base {base} judges nothing: {error or 'no reason is known'}"
    if verdict.wedges:
        return f"it does not replay under the base {base} either, so the change is not what breaks it"
    if verdict.outcome is Outcome.UNJUDGED:
        return f"the base {base} cannot judge it: {verdict.message}"
    return ""
