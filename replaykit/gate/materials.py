"""Fixtures that git knows and that are not there: submodules, sparse checkouts, and pointers of git LFS."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from replaykit.history import find_fixtures
from replaykit.issue import Issue, Level
from replaykit.paths import display
from replaykit.revisions import git, tried

__all__ = ["Absent", "absent_here", "completed", "issues_of_absent"]

_POINTER = b"version https://git-lfs.github.com/spec/"
_LINK = "160000"
"""Mode of a submodule in a tree."""
_SUFFIXES = (".json", ".json.gz")


@dataclass(frozen=True, kw_only=True, slots=True)
class Absent:
    """Fixtures that could not be looked at."""

    place: str
    """A file or folder, as a report shows it."""
    what: str
    """Why, as the end of a sentence that begins with the place."""
    cure: str


def absent_here(repository: Path, folders: Sequence[Path], files: Iterable[Path]) -> Iterator[Absent]:
    """Fixtures of the change that are not in its working tree.

    Args:
        repository: Its top folder.
        folders: Where fixtures are or were.
        files: The fixtures that were found.
    """
    for place, commit in _links(git(repository, "ls-files", "--stage", "-z")):
        if not _concerns(repository / place, folders):
            continue
        found = tried(repository / place, "rev-parse", "HEAD") if _is_clone(repository / place) else None
        if found != commit:
            yield Absent(
                place=display(repository / place),
                what="is a submodule that is not checked out"
                if found is None
                else f"is a submodule at {found[:12]}, and the change names {commit[:12]}",
                cure=f"Check it out: git submodule update --init {place}",
            )
    listed = (git(repository, "ls-files", "-t", "-z") or "").split("\0")
    skipped = [entry[2:] for entry in listed if entry.startswith("S ") and entry.lower().endswith(_SUFFIXES)]
    for place in skipped:
        path = repository / place
        if not path.exists() and any(path.is_relative_to(folder) for folder in folders):
            yield Absent(
                place=display(path),
                what="is left out of this sparse checkout",
                cure=f"Check it out: git sparse-checkout add {Path(place).parent.as_posix()}",
            )
    for file in files:
        if _pointer(file) is not None:
            yield Absent(place=display(file), what="is a pointer of git LFS", cure="Fetch it: git lfs pull")


def completed(repository: Path, tree: Path, commit: str, folders: Sequence[Path]) -> list[Absent]:
    """Put into the tree of a base what git leaves out of a new worktree, as far as it is in this clone.

    Args:
        repository: Its top folder, with the change checked out.
        tree: The base's tree.
        commit: The base.
        folders: Where fixtures are or were, in the repository.

    Returns:
        Fixtures of the base that are not in this clone.
    """
    if git(repository, "config", "--bool", "core.sparseCheckout") == "true":
        tried(tree, "sparse-checkout", "disable")
    absent = list(_with_submodules(repository, tree, commit, folders))
    before = [tree / folder.relative_to(repository) for folder in folders]
    for file in find_fixtures(folder for folder in before if folder.exists()):
        pointer = _pointer(file)
        if pointer is None:
            continue
        content = _content(pointer, repository, repository / file.relative_to(tree))
        if content is not None:
            file.write_bytes(content)
            continue
        absent.append(
            Absent(
                place=display(repository / file.relative_to(tree)),
                what="was a pointer of git LFS in the base, and its content is not in this clone",
                cure=f"Fetch it: git lfs fetch origin {commit}",
            )
        )
    return absent


def _with_submodules(source: Path, tree: Path, commit: str, folders: Sequence[Path]) -> Iterator[Absent]:
    """Fill the submodules of a tree, each from the clone that the working tree has of it."""
    for place, pointer in _links(git(source, "ls-tree", "-r", "-z", commit)):
        clone = source / place
        if _is_clone(clone) and tried(clone, "cat-file", "-e", f"{pointer}^{{commit}}") is not None:
            git(source, "clone", "--quiet", "--shared", "--no-checkout", str(clone), str(tree / place))
            git(tree / place, "checkout", "--quiet", "--detach", pointer)
            yield from _with_submodules(clone, tree / place, pointer, folders)
        elif _concerns(clone, folders):
            yield Absent(
                place=display(clone),
                what=f"was a submodule at {pointer[:12]} in the base, which is not in this clone",
                cure=f"Fetch it: git submodule update --init {place}; git -C {place} fetch origin {pointer}",
            )


def _links(listing: str | None) -> Iterator[tuple[str, str]]:
    """Place and commit of each submodule, from `ls-files --stage` or `ls-tree`."""
    for entry in (listing or "").split("\0"):
        about, tab, place = entry.partition("\t")
        mode, *rest = about.split() or [""]
        if tab and mode == _LINK:
            yield place, rest[1] if rest[0] == "commit" else rest[0]


def _is_clone(folder: Path) -> bool:
    return (folder / ".git").exists()


def _concerns(place: Path, folders: Sequence[Path]) -> bool:
    """Whether a submodule holds fixtures, or is where they would lie."""
    return any(place.is_relative_to(folder) or folder.is_relative_to(place) for folder in folders)


def _pointer(file: Path) -> str | None:
    """The SHA-256 that a pointer of git LFS names; None for any other file."""
    try:
        with file.open("rb") as opened:
            head = opened.read(1024)
    except OSError:
        return None
    if not head.startswith(_POINTER):
        return None
    fields = dict(line.split(" ", 1) for line in head.decode("utf-8", "replace").splitlines() if " " in line)
    return fields.get("oid", "").removeprefix("sha256:")


def _content(oid: str, repository: Path, now: Path) -> bytes | None:
    """What a pointer stands for: from the store of git LFS, or the same file as it is checked out."""
    store = tried(repository, "rev-parse", "--path-format=absolute", "--git-common-dir") or ""
    for candidate in (Path(store, "lfs", "objects", oid[:2], oid[2:4], oid), now):
        try:
            content = candidate.read_bytes()
        except OSError:
            continue
        if hashlib.sha256(content).hexdigest() == oid:
            return content
    return None


def issues_of_absent(absent: Iterable[Absent]) -> Iterator[Issue]:
    """Fixtures that nobody judged, one Issue for each reason.

    Args:
        absent: The fixtures.
    """
    by_reason: dict[tuple[str, str], list[Absent]] = {}
    for each in absent:
        by_reason.setdefault((each.what, each.cure), []).append(each)
    for (what, cure), same in by_reason.items():
        more = f" (and {len(same) - 1} more)" if len(same) > 1 else ""
        yield Issue(
            rule="fixture-not-checked-out",
            level=Level.FAIL,
            title=f"{same[0].place}{more} {what}, so it was not judged",
            text="\n".join(each.place for each in same[:20]),
            cure=cure,
            file=same[0].place,
            history=same[0].place,
            unjudged=True,
        )
