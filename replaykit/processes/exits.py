"""Code that ends its process at once, without an exception: seen, and never taken for a success."""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

__all__ = ["exits_shown"]

_WAYS = ("_exit", "execv", "execve")
"""What others of `os` call in the end. Each would take the verdicts with it, maybe with exit code 0."""


@contextmanager
def exits_shown(errors: int, *, instead: Mapping[int, int] | None = None) -> Iterator[None]:
    """Have code that leaves this process inside the block write its stack first.

    Args:
        errors: File descriptor to write to.
        instead: By exit code, the one in its place where it would read as if all had been judged.
    """
    usual: dict[str, Callable[..., Any]] = {name: getattr(os, name) for name in _WAYS}
    ours = os.getpid()

    def leaving(name: str) -> Callable[..., Any]:
        def leave(*arguments: Any) -> NoReturn:
            if os.getpid() != ours:  # a fork, such as multiprocessing makes: what it does is its own
                usual[name](*arguments)
            os.write(errors, f"Stack of the exit: os.{name} was called\n".encode())
            faulthandler.dump_traceback(errors, all_threads=False)
            code = arguments[0] if name == "_exit" and arguments else 1
            usual["_exit"]((instead or {}).get(code, code))
            raise SystemExit(1)

        return leave

    for name in _WAYS:
        setattr(os, name, leaving(name))
    try:
        yield
    finally:
        for name, way in usual.items():
            setattr(os, name, way)
