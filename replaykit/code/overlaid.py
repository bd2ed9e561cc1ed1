"""Texts that stand for source files in this process, so that code can be tried before any file holds it."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import ModuleType

from replaykit.code.relocating import loaded_modules
from replaykit.code.sources import overlay_sources
from replaykit.whose_code import is_user_code

__all__ = ["overlay"]


def overlay(texts: Mapping[str, str]) -> None:
    """Have modules be imported from these texts, and forget those of the user's that were loaded.

    Args:
        texts: By absolute path, the text of a file, there or not; the last call alone counts.
    """
    real = {os.path.realpath(path): text for path, text in texts.items()}
    overlay_sources(real)
    _finder.texts = real
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    for module in loaded_modules():
        if is_user_code(module.file):
            sys.modules.pop(module.name, None)
    importlib.invalidate_caches()


class _Overlaid:
    """First of the finders: loads from texts what the others find, or what no file holds."""

    def __init__(self) -> None:
        self.texts: Mapping[str, str] = {}
        self._asking = threading.local()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a module is, if it is one of the texts."""
        if not self.texts or getattr(self._asking, "name", None) == name:
            return None
        self._asking.name = name
        try:
            spec = importlib.util.find_spec(name) if path is None else _found(name, path)
        except (ImportError, ValueError):
            spec = None
        finally:
            self._asking.name = None
        if spec is None:
            return self._new(name, sys.path if path is None else path)
        if spec.origin is None or os.path.realpath(spec.origin) not in self.texts:
            return None
        return self._spec(name, spec.origin, spec.submodule_search_locations)

    def _new(self, name: str, path: Sequence[str]) -> ModuleSpec | None:
        for folder in path:
            file = os.path.join(folder, f"{name.rpartition('.')[2]}.py")  # noqa: PTH118  # as finders have it
            if os.path.realpath(file) in self.texts:
                return self._spec(name, file, None)
        return None

    def _spec(self, name: str, file: str, folders: Sequence[str] | None) -> ModuleSpec | None:
        text = self.texts[os.path.realpath(file)]
        loader = _Loader(name, file, text)
        within = list(folders) if folders is not None else None
        return importlib.util.spec_from_file_location(
            name, file, loader=loader, submodule_search_locations=within
        )


def _found(name: str, path: Sequence[str]) -> ModuleSpec | None:
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        spec: ModuleSpec | None = find(name, path, None) if find is not None else None
        if spec is not None:
            return spec
    return None


class _Loader(SourceFileLoader):
    """A file's loader that has its text, and neither reads nor writes compiled code."""

    def __init__(self, name: str, file: str, text: str) -> None:
        super().__init__(name, file)
        self._text = text

    def get_data(self, path: str) -> bytes:
        return self._text.encode()

    def path_stats(self, path: str) -> Mapping[str, float]:
        raise OSError("a text has no time")


_finder = _Overlaid()
