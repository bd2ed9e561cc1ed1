"""Another release of temporalio, as replaykit sees it: private names of its workflow instances are gone.

The SDK itself goes on with all of its names: it takes `_Runtime` from the module that defines it.
"""

from __future__ import annotations

from typing import Any

from temporalio.workflow import _Runtime  # before it is replaced

__all__ = ["runtime_without"]


class _Instance:
    """A real instance but for some of its names."""

    def __init__(self, real: Any, gone: frozenset[str]) -> None:
        vars(self).update(real=real, gone=gone)

    def __getattr__(self, name: str) -> Any:
        own = vars(self)
        if name in own["gone"]:
            raise AttributeError(name)
        return getattr(own["real"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(vars(self)["real"], name, value)


def runtime_without(*names: str) -> type:
    """What stands in for `temporalio.workflow._Runtime`; its instances lack these names."""

    class Runtime(_Runtime):
        @staticmethod
        def current() -> Any:
            return _Instance(_Runtime.current(), frozenset(names))

    return Runtime
