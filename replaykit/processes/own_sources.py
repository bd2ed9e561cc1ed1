"""Has the user's modules compiled from their source: bytecode beside it can be of other code.

A `.pyc` is taken for current by the time and size of its source, to the second, or by nobody's word at all
(PEP 552). Where a CI keeps `__pycache__` between runs, or a branch commits it, a check would judge old code.
"""

from __future__ import annotations

from importlib.machinery import SourceFileLoader
from types import CodeType
from typing import Any

from replaykit.whose_code import is_user_code

__all__ = ["compile_from_source"]


def compile_from_source() -> None:
    """Neither read nor write bytecode of the user's modules in this process, from now on.

    Each is compiled once as long as it stays the same: the sandbox imports modules again for each run.
    """
    get_code = SourceFileLoader.get_code
    kept: dict[str, tuple[bytes, CodeType]] = {}

    def code_of(loader: SourceFileLoader, fullname: str) -> CodeType | None:
        path = loader.get_filename(fullname)
        if not is_user_code(path):
            return get_code(loader, fullname)
        data = loader.get_data(path)
        known = kept.get(path)
        if known is None or known[0] != data:
            known = kept[path] = data, loader.source_to_code(data, path)
        return known[1]

    loader: Any = SourceFileLoader
    loader.get_code = code_of
