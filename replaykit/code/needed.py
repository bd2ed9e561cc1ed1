"""The files of a project that modules of it can load, found by their names: nothing is imported.

Where a name can be found in several folders each of those files counts, whichever an import would take: so a
file that is put before another one, and one that is taken away, change what is found.
"""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from replaykit.code.needs import Needs, needs_of

__all__ = ["NeededFile", "Needed", "digest_of"]

_ODD = (".pyd", ".pyc", ".so")
_STRANGE = Needs(unclear_at_import=("is no source",), unclear=("is no source",), reaches_out=True)
_BROKEN = Needs(unclear_at_import=("is no Python that parses",), unclear=("is no Python that parses",))


@dataclass(frozen=True, kw_only=True, slots=True)
class NeededFile:
    """One file that can be loaded."""

    path: str
    name: str
    """Dotted name by which it was found."""
    digest: str
    """Of its bytes."""
    needs: Needs


def digest_of(data: bytes) -> str:
    """What stands for bytes wherever they are compared: 32 hex digits."""
    return blake2b(data, digest_size=16).hexdigest()


class Needed:
    """Finds what modules need. Each file is read once for the life of this object.

    Args:
        folders: Of the user's code, where modules are looked for.
        libraries: Folders of installed packages.
        own: Top-level packages that are the user's wherever they are installed.
        known: What is known of files already, by digest and package.
    """

    def __init__(
        self,
        folders: Sequence[str],
        libraries: Sequence[str] = (),
        *,
        own: Iterable[str] = (),
        known: Mapping[str, Needs] | None = None,
    ) -> None:
        self._folders = tuple(folders)
        self._all = (*folders, *libraries)
        self._own = frozenset(own)
        self._listings: dict[str, frozenset[str]] = {}
        self._at: dict[str, tuple[NeededFile, ...]] = {}
        self.known = dict(known or {})
        """What is known of files, by digest and package; grows."""
        self.used: set[str] = set()
        """The keys of these that were asked for."""

    def closure(self, names: Iterable[str]) -> tuple[dict[str, NeededFile], set[str]]:
        """What modules need, at any depth.

        Args:
            names: Dotted names of the modules.

        Returns:
            By path, the files; and the top-level names of which there is none.
        """
        files: dict[str, NeededFile] = {}
        elsewhere: set[str] = set()
        seen: set[str] = set()
        waiting = [each for name in names for each in _with_packages(name)]
        while waiting:
            name = waiting.pop()
            if name in seen or not name:
                continue
            seen.add(name)
            found = self.at(name)
            if not found and "." not in name and not self.has_folder(name):
                elsewhere.add(name)
            for file in found:
                files[file.path] = file
                waiting += file.needs.imports
                waiting += (below for star in file.needs.stars for below in self.below(star, deep=False))
        return files, elsewhere

    def at(self, name: str) -> tuple[NeededFile, ...]:
        """The files that may be the module of a dotted name."""
        if name not in self._at:
            self._at[name] = tuple(self._file(path, name) for path in dict.fromkeys(self._places(name)))
        return self._at[name]

    def has_folder(self, name: str) -> bool:
        """Whether there is a folder that may be a package of that name, with an `__init__.py` or without."""
        return any(self._listing(_inside(folder, *name.split("."))) for folder in self._searched(name))

    def below(self, name: str, *, deep: bool = True) -> Iterator[str]:
        """The names of the modules in a package; of those in packages inside of it too where `deep`."""
        for folder in self._searched(name):
            place = _inside(folder, *name.split("."))
            for entry in sorted(self._listing(place)):
                stem, dot, _ = entry.partition(".")
                if not stem.isidentifier() or stem in ("__init__", "__main__", "__pycache__"):
                    continue
                if dot or self._listing(_inside(place, entry)):
                    yield f"{name}.{stem}"
                    if deep and not dot:
                        yield from self.below(f"{name}.{stem}")

    def tops(self, folder: str) -> set[str]:
        """The names that an import finds in a folder."""
        stems = {entry.partition(".")[0] for entry in self._listing(folder) if entry.endswith((".py", *_ODD))}
        return {top for top in (*stems, *self._listing(folder)) if top.isidentifier()}

    def _searched(self, name: str) -> Sequence[str]:
        return self._all if name.partition(".")[0] in self._own else self._folders

    def _places(self, name: str) -> Iterator[str]:
        *packages, last = name.split(".")
        for folder in self._searched(name):
            place = _inside(folder, *packages)
            listing = self._listing(place)
            if f"{last}.py" in listing:
                yield _inside(place, f"{last}.py")
            if last in listing and "__init__.py" in self._listing(_inside(place, last)):
                yield _inside(place, last, "__init__.py")
            yield from (
                _inside(place, entry)
                for entry in sorted(listing)
                if entry.startswith(f"{last}.") and entry.endswith(_ODD)
            )

    def _listing(self, folder: str) -> frozenset[str]:
        if folder not in self._listings:
            try:
                self._listings[folder] = frozenset(entry.name for entry in os.scandir(folder))
            except (OSError, ValueError):
                self._listings[folder] = frozenset()
        return self._listings[folder]

    def _file(self, path: str, name: str) -> NeededFile:
        try:
            data = Path(path).read_bytes()
        except OSError:
            return NeededFile(path=path, name=name, digest="unreadable", needs=_STRANGE)
        digest = digest_of(data)
        if path.endswith(_ODD):
            return NeededFile(path=path, name=name, digest=digest, needs=_STRANGE)
        is_package = path.endswith(f"{os.sep}__init__.py")
        package = name if is_package else name.rpartition(".")[0]
        key = f"{digest} {package}"
        self.used.add(key)
        if key not in self.known:
            self.known[key] = _needs_in(data, package)
        return NeededFile(path=path, name=name, digest=digest, needs=self.known[key])


def _inside(folder: str, *parts: str) -> str:
    return os.path.join(folder, *parts)  # noqa: PTH118  # `pathlib` would take most of the time here


def _needs_in(data: bytes, package: str) -> Needs:
    with warnings.catch_warnings():  # such as of "\d": they are for whoever imports the file
        warnings.simplefilter("ignore")
        try:
            return needs_of(ast.parse(data), package)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return _BROKEN


def _with_packages(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[: end + 1]) for end in range(len(parts)))
