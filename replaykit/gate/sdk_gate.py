"""One code judged under two releases of the SDK: what does an upgrade break?"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path

from replaykit.check import fixtures_of
from replaykit.config import Config
from replaykit.gate.against_base import RULES, Levels, compared
from replaykit.gate.base_verdicts import Request, judged_elsewhere
from replaykit.gate.conclusion import Gate, concluded
from replaykit.gate.pairing import keyed, paired
from replaykit.gate.waivers import ensure_known
from replaykit.issue import Issue, Level
from replaykit.revisions import RevisionError, repository_of
from replaykit.verdict import Report

__all__ = ["run_sdk_gate"]


def run_sdk_gate(
    config: Config, paths: Iterable[Path], *, spec: str, env: Mapping[str, str], today: date | None = None
) -> Gate:
    """Judge one code under two releases of the SDK: what does an upgrade break?

    Args:
        config: The project.
        paths: Fixtures; the configured histories where there are none.
        spec: The other release, as it was asked for.
        env: Environment variables under which Python finds that release.

    Raises:
        ReplaykitError: There is nothing to replay, or the code cannot be loaded under one of them.
    """
    began = time.perf_counter()
    folders = (config.root, *_top_of(config.root))
    ensure_known(config.gate.waivers, RULES)
    files = keyed(fixtures_of(config, paths))
    here = judged_elsewhere(Request(root=config.root, head=config, files=files), what="this SDK")
    there = judged_elsewhere(Request(root=config.root, head=config, files=files), what=spec, env=env)
    if here.error is not None or there.error is not None:
        broken = "with the SDK that is installed" if here.error is not None else f"with {spec}"
        issue = Issue(
            rule="base-not-judged",
            level=Level.FAIL,
            title=f"the code does not load {broken}",
            text=here.error or there.error or "",
            cure="It must load under both releases: there is nothing to compare before that.",
            unjudged=True,
        )
        facts = {"SDK": spec}
        return concluded(
            config, Report.of(()), [issue], facts=facts, folders=folders, today=today, began=began
        )
    report = Report.of(there.verdicts.values(), duration_s=time.perf_counter() - began)
    issues = [
        *compared(paired(there.verdicts, here.verdicts, config.strict_policy), Levels.of(config.gate.levels))
    ]
    facts = {"SDK": f"temporalio {there.sdk}", "compared with": f"temporalio {here.sdk}"}
    return concluded(config, report, issues, facts=facts, folders=folders, today=today, began=began)


def _top_of(folder: Path) -> Iterator[Path]:
    """The top folder of the repository that a folder lies in; two releases are compared without one, too."""
    with suppress(RevisionError):
        yield repository_of(folder)
