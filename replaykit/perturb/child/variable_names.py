"""Whether the user's code names an environment variable that a library reads on its way."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from replaykit.whose_code import is_user_code

__all__ = ["is_named_in", "users_words"]

_WORD = re.compile(r"\w+")


def is_named_in(words: Collection[str], variable: str) -> bool:
    """Whether words name a variable: whole, or in two as a class of settings does, a prefix and a field.

    Args:
        words: In lower case.
        variable: Its name, such as `APP_REGION`, which `app_` and `region` name too.
    """
    name = variable.lower()
    ends = (index + 1 for index, letter in enumerate(name[:-1]) if letter == "_")
    return name in words or any(name[:end] in words and name[end:] in words for end in ends)


def users_words() -> frozenset[str]:
    """Every word of the user's modules that are loaded, in lower case."""
    files = {getattr(module, "__file__", None) for module in tuple(sys.modules.values())}
    return frozenset[str]().union(*(_words_of(file) for file in files if file and is_user_code(file)))


@lru_cache(maxsize=4096)
def _words_of(file: str) -> frozenset[str]:
    try:
        text = Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset()
    return frozenset(_WORD.findall(text.lower()))
