"""Revisions of the project's git repository: which one is meant, and its tree in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from replaykit.errors import ReplaykitError
from replaykit.temporary import removed_leftovers, temporary_folder

__all__ = [
    "RevisionError",
    "checked_out",
    "clean_up_after_killed_runs",
    "git",
    "repository_of",
    "resolve",
    "tried",
]

_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")
"""Variables that git sets for its hooks; our commands work on another tree."""


class RevisionError(ReplaykitError):
    """git does not know the revision, or is not there."""


def repository_of(folder: Path) -> Path:
    """The top folder of the git repository that a folder lies in.

    Raises:
        RevisionError: It lies in none, git refuses that one, or there is no git.
    """
    done = _run(folder, "rev-parse", "--show-toplevel")
    if done.returncode == 0:
        return Path(done.stdout.strip()).resolve()
    place = next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)
    if place is None:
        raise RevisionError(
            f"not inside the working tree of a git repository: {_reason(done)}",
            where=str(folder),
            cure="A base is a revision of one: run this inside a clone. Without a base: replaykit replay.",
        )
    raise _refused(place, done)


def resolve(repository: Path, revision: str) -> str:
    """The commit that a revision names.

    Raises:
        RevisionError: There is none here. In a shallow clone the message has the command that fetches it.
    """
    commit = git(repository, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if commit is not None:
        return commit
    if git(repository, "rev-parse", "--is-shallow-repository") == "true":
        raise RevisionError(
            f"no revision {revision!r} in this shallow clone",
            where=str(repository),
            cure="Fetch it: git fetch --unshallow origin (or a checkout with fetch-depth: 0).",
        )
    raise RevisionError(
        f"no revision {revision!r}",
        where=str(repository),
        cure=f"Name a branch, tag or commit that is here; perhaps: git fetch origin {revision}.",
    )


@contextmanager
def checked_out(repository: Path, commit: str) -> Iterator[Path]:
    """A commit's tree in a temporary git worktree, which is gone afterwards.

    Raises:
        RevisionError: git could not make one.
    """
    with temporary_folder("base", note=str(repository)) as folder:
        tree = folder / "tree"
        try:
            made = _run(repository, "worktree", "add", "--detach", "--quiet", str(tree), commit)
            if made.returncode != 0:
                raise RevisionError(
                    f"git could not check out {commit[:12]}: {_reason(made)}",
                    where=str(repository),
                    cure="Try it by hand: git worktree add --detach /tmp/base " + commit[:12],
                )
            yield tree
        finally:
            tried(repository, "worktree", "remove", "--force", str(tree))
            shutil.rmtree(tree, ignore_errors=True)
            tried(repository, "worktree", "prune")


def clean_up_after_killed_runs() -> None:
    """Remove the temporary folders of runs that were killed, and the git worktrees that they held."""
    for repository in removed_leftovers():
        if os.path.isdir(repository):
            with contextlib.suppress(RevisionError):  # there is no git any more
                tried(Path(repository), "worktree", "prune")


def git(folder: Path, *arguments: str) -> str | None:
    """What git answers, without the newline at its end; None for a no, such as where no such revision is.

    Raises:
        RevisionError: There is no git, or it cannot answer, such as in a damaged repository.
    """
    done = _run(folder, *arguments)
    if done.returncode > 1 or done.returncode < 0:
        raise _refused(folder, done)
    return done.stdout.strip() if done.returncode == 0 else None


def tried(folder: Path, *arguments: str) -> str | None:
    """The same where git need not be able to answer: None where it refuses, for whatever reason.

    Raises:
        RevisionError: There is no git.
    """
    done = _run(folder, *arguments)
    return done.stdout.strip() if done.returncode == 0 else None


def _refused(place: Path, done: subprocess.CompletedProcess[str]) -> RevisionError:
    command = done.args[3]
    if "safe.directory" in done.stderr:
        cure = f"Where you trust its owner: git config --global --add safe.directory {place}"
    else:
        look = f"git -C {place} status; git -C {place} fsck"
        cure = f"See what is wrong with it: {look}. Repair it, or clone it again."
    return RevisionError(f"git {command} refuses: {_reason(done)}", where=str(place), cure=cure)


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    """What git has to say of it: its last word, where it says the same of one object again and again."""
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    fatal = [line.removeprefix("fatal: ") for line in lines if line.startswith("fatal: ")]
    return next(iter(fatal or lines[-1:]), f"it ended with exit code {done.returncode}")


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    # Nor do the repository's hooks run, such as post-checkout.
    command = ["git", "-c", f"core.hooksPath={os.devnull}", *arguments]
    try:
        # Paths of any bytes, under any locale, as Python itself has them.
        return subprocess.run(
            command,
            cwd=folder,
            env=environ,
            capture_output=True,
            encoding=sys.getfilesystemencoding(),
            errors=sys.getfilesystemencodeerrors(),
            check=False,
        )
    except OSError as error:
        cure = (
            "Install git, and see that PATH leads to it."
            if folder.is_dir()
            else "Name a folder of a git repository."
        )
        raise RevisionError(f"git does not start: {error}", where=str(folder), cure=cure) from error
