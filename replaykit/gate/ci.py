"""What CI systems say of the change that they run for: its target, its start, and what a push found there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from replaykit.revisions import RevisionError

__all__ = ["Ci", "before_push", "default_branch_of", "deepening", "outside_ci", "targets"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ci:
    """Which variables of a CI name what a change is compared with."""

    name: str
    branch: str = ""
    """The branch that the change is to be merged into."""
    commit: str = ""
    """The commit that it starts from."""
    before: str = ""
    """The commit that a branch was at before the push that this build is for."""
    default: str = ""
    """The default branch."""
    deepen: str = ""
    """What to change where its clone is too shallow."""


_CIS = (
    Ci(
        name="GitHub Actions",
        branch="GITHUB_BASE_REF",
        deepen="Give actions/checkout `fetch-depth: 0`",
    ),
    Ci(
        name="GitLab CI",
        branch="CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
        commit="CI_MERGE_REQUEST_DIFF_BASE_SHA",
        before="CI_COMMIT_BEFORE_SHA",
        default="CI_DEFAULT_BRANCH",
        deepen="Set the variable GIT_DEPTH: 0 for this job",
    ),
    Ci(
        name="Buildkite",
        branch="BUILDKITE_PULL_REQUEST_BASE_BRANCH",
        default="BUILDKITE_PIPELINE_DEFAULT_BRANCH",
    ),
    Ci(
        name="Jenkins",
        branch="CHANGE_TARGET",
        before="GIT_PREVIOUS_SUCCESSFUL_COMMIT",
        deepen="Switch off the shallow clone of this job",
    ),
    Ci(name="CircleCI", branch="REPLAYKIT_BASE_BRANCH", before="REPLAYKIT_BEFORE_COMMIT"),
)
"""CircleCI and Buildkite have no variable for some of it: the user hands that on as `REPLAYKIT_...`."""
_EVENT = "GITHUB_EVENT_PATH"
"""GitHub describes a push in a file of its own, and not in variables."""


def outside_ci(environ: Mapping[str, str]) -> dict[str, str]:
    """The same variables without those that say what change a CI runs for: that of another repository.

    Args:
        environ: Environment variables.
    """
    theirs = {_EVENT, *(name for ci in _CIS for name in (ci.branch, ci.commit, ci.before, ci.default))}
    return {name: value for name, value in environ.items() if name not in theirs}


def targets(environ: Mapping[str, str]) -> Iterator[tuple[Ci, str, str]]:
    """Each CI that names the target of a change.

    Args:
        environ: Environment variables.

    Returns:
        The CI, the branch and the commit; one of the two is empty.
    """
    for ci in _CIS:
        if ci.commit and (start := environ.get(ci.commit)):
            yield ci, "", start
        elif ci.branch and (branch := environ.get(ci.branch)) and branch != "false":
            yield ci, branch, ""


def before_push(environ: Mapping[str, str]) -> tuple[str, str] | None:
    """Where the branch was before the push that is built.

    Args:
        environ: Environment variables.

    Returns:
        The name of the CI and the commit; None where none is named, or the branch is new.

    Raises:
        RevisionError: GitHub reports a push, and its description cannot be read.
    """
    found = [("GitHub Actions", str(_event(environ).get("before") or ""))]
    found += [(ci.name, environ.get(ci.before, "")) for ci in _CIS if ci.before]
    return next(((name, commit) for name, commit in found if commit.strip("0")), None)


def default_branch_of(environ: Mapping[str, str]) -> str | None:
    """The default branch, where a CI names it.

    Args:
        environ: Environment variables.
    """
    return next((name for ci in _CIS if ci.default and (name := environ.get(ci.default))), None)


def deepening(environ: Mapping[str, str]) -> str:
    """What to change in the CI that this runs in so that it clones more; empty where it is none we know."""
    if environ.get("GITHUB_ACTIONS"):
        return _CIS[0].deepen
    here = (ci for ci in _CIS if any(name and name in environ for name in (ci.branch, ci.commit, ci.before)))
    return next((ci.deepen for ci in here), "")


def _event(environ: Mapping[str, str]) -> Mapping[str, object]:
    path = environ.get(_EVENT)
    if not path or environ.get("GITHUB_EVENT_NAME", "push") != "push":
        return {}
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RevisionError(
            "GitHub's description of this push cannot be read, so what was there before it is unknown: "
            f"{error}",
            where=f"{_EVENT}={path}",
            cure="Name the commit that was there before the push: --base REV.",
        ) from error
    return document if isinstance(document, Mapping) else {}
