"""Which revision a change is judged against: named, found in the variables of a CI, or the merge base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from replaykit.gate.ci import before_push, deepening, default_branch_of, targets
from replaykit.revisions import RevisionError, git, resolve, tried

__all__ = ["Base", "base_of", "is_branch"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """A revision, and why it is that one."""

    commit: str
    name: str
    """What was asked for, such as `origin/main`."""
    how: str
    """How it was chosen, in a few words."""
    head: str = ""
    """The commit that is checked out."""
    commits: int = 0
    """How many commits are judged: those that the head has and the base has not."""
    is_dirty: bool = False
    """Whether changes that are not committed are judged too."""

    @property
    def range(self) -> str:
        """What is judged, such as `main 1f2e3d4c5b6a..6a5b4c3d2e1f, 3 commits, the default branch`."""
        count = f"{self.commits} {'commit' if self.commits == 1 else 'commits'}"
        parts = [count, *(["and changes that are not committed"] if self.is_dirty else [])]
        return f"{self.name} {self.commit[:12]}..{self.head[:12]}, {' '.join(parts)}, {self.how}"


def base_of(repository: Path, asked: str | None, environ: Mapping[str, str]) -> Base:
    """The base of what is checked out; never what is checked out itself, unless there are changes over it.

    Args:
        repository: Its top folder.
        asked: A revision, as the user names it; None to find it.
        environ: Environment variables: those of a CI are looked at.

    Raises:
        RevisionError: It is not here, or is what is checked out. In a shallow clone the message has the
            command that fetches it.
    """
    if asked:
        _ensure_one(repository, asked)
        commit = resolve(repository, asked)
        return _left(repository, commit, asked, "asked for", environ, is_branch=is_branch(repository, asked))
    for ci, branch, start in targets(environ):
        if start:
            commit = resolve(repository, start)
            return _left(repository, commit, start[:12], f"from {ci.name}", environ, is_branch=False)
        commit = _branch(repository, branch, environ)
        name = f"origin/{branch}"
        # Where the target itself is checked out, nobody has looked at the change.
        return _left(repository, commit, name, f"the target in {ci.name}", environ, is_branch=False)
    branch = default_branch_of(environ) or _default_branch(repository)
    commit = _branch(repository, branch, environ)
    return _left(repository, commit, branch, "the default branch", environ, is_branch=True)


def _ensure_one(repository: Path, name: str) -> None:
    """See that a name is not a branch's and a tag's of another commit: git would take the tag.

    Raises:
        RevisionError: It is.
    """
    kinds = ("refs/tags/", "refs/heads/", "refs/remotes/")
    found = {
        f"{kind}{name}": commit
        for kind in kinds
        if (commit := git(repository, "rev-parse", "--verify", "--quiet", f"{kind}{name}^{{commit}}"))
    }
    if len(set(found.values())) > 1:
        raise RevisionError(
            f"{name} names more than one commit here: {', '.join(found)}",
            where=str(repository),
            cure=f"Name the one that is meant in full: --base {list(found)[-1]}",
        )


def _branch(repository: Path, branch: str, environ: Mapping[str, str]) -> str:
    """The commit of a branch: the remote's, where there is one; a local one may be old."""
    for name in (f"refs/remotes/origin/{branch}", f"refs/heads/{branch}", branch):
        commit = git(repository, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        if commit is not None:
            return commit
    raise _too_shallow(repository, branch, environ)


def is_branch(repository: Path, name: str) -> bool:
    """Whether a revision is the name of a branch: it moves on with each push, unlike a tag or a commit."""
    full = tried(repository, "rev-parse", "--symbolic-full-name", name) or ""
    return name not in ("HEAD", "@") and full.startswith(("refs/heads/", "refs/remotes/"))


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


def _left(
    repository: Path, commit: str, name: str, how: str, environ: Mapping[str, str], *, is_branch: bool
) -> Base:
    """Where the change left a revision; where it has not left it, what was there before it."""
    found = git(repository, "merge-base", "HEAD", commit)
    if found is None:
        raise _too_shallow(repository, name.removeprefix("origin/"), environ)
    head = resolve(repository, "HEAD")
    if found != head:
        return _made(repository, found, head, name=name, how=how)
    if not is_branch:
        if _is_dirty(repository, untracked=True):
            return _made(repository, head, head, name=name, how=how)
        raise _itself(repository, name)
    # On the branch itself, after a push to it: what was pushed is what there is to judge.
    before = before_push(environ)
    start = _pushed_over(repository, *before) if before is not None else head
    if before is not None and start != head:
        return _made(repository, start, head, name=name, how=f"before the push, from {before[0]}")
    if _is_dirty(repository, untracked=False):
        return _made(repository, head, head, name=name, how=how)
    return _made(repository, _parent(repository), head, name="HEAD^", how=f"{name} is checked out")


def _made(repository: Path, commit: str, head: str, *, name: str, how: str) -> Base:
    count = git(repository, "rev-list", "--count", f"{commit}..{head}") or "0"
    is_dirty = _is_dirty(repository, untracked=False)
    return Base(commit=commit, name=name, how=how, head=head, commits=int(count), is_dirty=is_dirty)


def _pushed_over(repository: Path, ci: str, commit: str) -> str:
    found = git(repository, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")
    if found is None:
        raise RevisionError(
            f"{commit[:12]}, which {ci} names as the commit before this push, is not in this clone",
            where=str(repository),
            cure=f"Fetch it: git fetch origin {commit}. Or name another: --base REV",
        )
    return found


def _parent(repository: Path) -> str:
    parent = git(repository, "rev-parse", "--verify", "--quiet", "HEAD^")
    if parent is not None:
        return parent
    if git(repository, "rev-parse", "--is-shallow-repository") == "true":
        raise RevisionError(
            "this shallow clone holds one commit alone, so there is nothing to compare it with",
            where=str(repository),
            cure="Fetch what is before it: git fetch --unshallow origin (or check out with fetch-depth: 0).",
        )
    raise RevisionError(
        "this is the first commit of the repository, so there is nothing to compare it with",
        where=str(repository),
        cure="Judge it without a base: replaykit gate --base none",
    )


def _itself(repository: Path, name: str) -> RevisionError:
    return RevisionError(
        f"the base {name} holds all that is checked out, so nothing would be judged",
        where=str(repository),
        cure="Check out the change itself, or name what it starts from, such as --base HEAD^ or --base "
        "origin/main; where that is not here yet: git fetch origin main:refs/remotes/origin/main",
    )


def _is_dirty(repository: Path, *, untracked: bool) -> bool:
    """Whether there are changes that are not committed, with new source files or without.

    A report of an earlier check is no change.
    """
    if git(repository, "status", "--porcelain", "--untracked-files=no"):
        return True
    new = git(repository, "ls-files", "--others", "--exclude-standard", "-z") if untracked else None
    return any(name.endswith((".py", ".toml")) for name in (new or "").split("\0"))


def _too_shallow(repository: Path, branch: str, environ: Mapping[str, str]) -> RevisionError:
    deepen = deepening(environ)
    setting = f"{deepen}, or fetch" if deepen else "Fetch"
    if git(repository, "rev-parse", "--is-shallow-repository") == "true":
        return RevisionError(
            f"this shallow clone does not reach back to {branch}",
            where=str(repository),
            cure=f"{setting} it: git fetch --unshallow origin {branch}:refs/remotes/origin/{branch}",
        )
    return RevisionError(
        f"no branch {branch!r} here that shares a commit with this one",
        where=str(repository),
        cure=f"Fetch it: git fetch origin {branch}:refs/remotes/origin/{branch}. Or name another: --base REV",
    )
