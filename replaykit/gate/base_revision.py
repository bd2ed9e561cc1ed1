"""Which revision a change is judged against: named, found in the variables of a CI, or the merge base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from replaykit.revisions import RevisionError, git, resolve

__all__ = ["Base", "base_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """A revision, and why it is that one."""

    commit: str
    name: str
    """What was asked for, such as `origin/main`."""
    how: str
    """How it was chosen, in a few words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ci:
    """Where a CI names the base of a change."""

    name: str
    branch: str = ""
    """Variable with the name of the branch that the change is to be merged into."""
    commit: str = ""
    """Variable with the commit that it starts from."""
    deepen: str = ""
    """What to change where its clone is too shallow."""


_CIS = (
    _Ci(
        name="GitHub Actions",
        branch="GITHUB_BASE_REF",
        deepen="Give actions/checkout `fetch-depth: 0`",
    ),
    _Ci(
        name="GitLab CI",
        branch="CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
        commit="CI_MERGE_REQUEST_DIFF_BASE_SHA",
        deepen="Set the variable GIT_DEPTH: 0 for this job",
    ),
    _Ci(name="Buildkite", branch="BUILDKITE_PULL_REQUEST_BASE_BRANCH"),
    _Ci(name="Jenkins", branch="CHANGE_TARGET", deepen="Switch off the shallow clone of this job"),
    _Ci(name="CircleCI", branch="REPLAYKIT_BASE_BRANCH"),
)
"""CircleCI has no variable of its own for it: the user hands the branch on under this name."""


def base_of(repository: Path, asked: str | None, environ: Mapping[str, str]) -> Base:
    """The base of what is checked out.

    Args:
        repository: Its top folder.
        asked: A revision, as the user names it; None to find it.
        environ: Environment variables: those of a CI are looked at.

    Raises:
        RevisionError: It is not here. In a shallow clone the message has the command that fetches it.
    """
    if asked:
        commit = resolve(repository, asked)
        return _merge_base(repository, commit, asked, "asked for", environ)
    for ci in _CIS:
        if ci.commit and (start := environ.get(ci.commit)):
            return Base(commit=resolve(repository, start), name=start[:12], how=f"from {ci.name}")
        if ci.branch and (branch := environ.get(ci.branch)) and branch != "false":
            commit = _branch(repository, branch, environ)
            return _merge_base(repository, commit, f"origin/{branch}", f"the target in {ci.name}", environ)
    branch = _default_branch(repository)
    commit = _branch(repository, branch, environ)
    return _merge_base(repository, commit, branch, "the default branch", environ)


def _branch(repository: Path, branch: str, environ: Mapping[str, str]) -> str:
    """The commit of a branch: the remote's, where there is one; a local one may be old."""
    for name in (f"refs/remotes/origin/{branch}", f"refs/heads/{branch}", branch):
        commit = git(repository, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        if commit is not None:
            return commit
    raise _too_shallow(repository, branch, environ)


def _default_branch(repository: Path) -> str:
    head = git(repository, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    if head is not None:
        return head.removeprefix("origin/")
    configured = git(repository, "config", "init.defaultBranch")
    for branch in filter(None, ("main", "master", configured)):
        for name in (f"refs/remotes/origin/{branch}", f"refs/heads/{branch}"):
            if git(repository, "rev-parse", "--verify", "--quiet", name) is not None:
                return branch
    raise RevisionError(
        "no default branch is known here", where=str(repository), cure="Name the base: --base REV."
    )


def _merge_base(repository: Path, commit: str, name: str, how: str, environ: Mapping[str, str]) -> Base:
    """Where the change left that revision; its own parent where it has not left it."""
    found = git(repository, "merge-base", "HEAD", commit)
    if found is None:
        raise _too_shallow(repository, name.removeprefix("origin/"), environ)
    head = git(repository, "rev-parse", "HEAD")
    if found == head and name != "HEAD" and not _is_dirty(repository):
        # On the branch itself: what its last commit changed is what there is to judge.
        parent = git(repository, "rev-parse", "--verify", "--quiet", "HEAD^")
        if parent is not None:
            return Base(commit=parent, name="HEAD^", how=f"{name} is checked out")
    return Base(commit=found, name=name, how=how)


def _is_dirty(repository: Path) -> bool:
    return bool(git(repository, "status", "--porcelain", "--untracked-files=no"))


def _too_shallow(repository: Path, branch: str, environ: Mapping[str, str]) -> RevisionError:
    here = next((ci for ci in _CIS if ci.branch in environ or ci.commit in environ), None)
    setting = f" {here.deepen}, or fetch" if here is not None and here.deepen else " Fetch"
    if git(repository, "rev-parse", "--is-shallow-repository") == "true":
        return RevisionError(
            f"this shallow clone does not reach back to {branch}",
            where=str(repository),
            cure=f"{setting.strip()} it: git fetch --unshallow origin {branch}:refs/remotes/origin/{branch}",
        )
    return RevisionError(
        f"no branch {branch!r} here that shares a commit with this one",
        where=str(repository),
        cure=f"Fetch it: git fetch origin {branch}:refs/remotes/origin/{branch}. Or name another: --base REV",
    )
