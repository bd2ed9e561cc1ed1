"""The machine: its name, the current folder, and the environment variables that the code reads."""

from __future__ import annotations

import os
import platform
import socket
import sys
import sysconfig
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from replaykit.perturb.child.scope import Scope, is_sandbox, user_frame
from replaykit.perturb.child.variable_names import is_named_in, users_words
from replaykit.replay.sdk.installed import FOLDER
from replaykit.whose_code import is_user_code

__all__ = ["Variables", "rename_host"]

_PYTHON = sysconfig.get_path("stdlib")
_PACKAGES = f"{os.sep}site-packages{os.sep}"
_OS = ("os.py", "_collections_abc.py", "<frozen os>", "<frozen _collections_abc>")


def rename_host(salt: int) -> None:
    """Give the machine another name, from now on."""
    host = f"replaykit-{salt % 10_000}"
    qualified = socket.getfqdn

    def getfqdn(name: str = "") -> str:
        return f"{host}.example" if name in ("", host) else qualified(name)

    socket.gethostname = lambda: host
    socket.getfqdn = getfqdn
    uuid._node = salt | (1 << 40)  # type: ignore[attr-defined]
    if hasattr(os, "uname"):
        names = os.uname()
        os.uname = lambda: type(names)((names.sysname, host, *names[2:]))
    if hasattr(platform, "_uname_cache"):
        platform._uname_cache = None
    platform.node = lambda: host


class Variables:
    """Environment variables: others are read by the user's own code than are set.

    What a library reads while the code runs counts where the code names the variable: `Settings()` of the
    user's own, but no switch of the library's tracing.

    What values a variable may have is unknown; the strings after its name in the function that reads it are
    a good guess.

    Args:
        round_number: Another one gives other values.
        modules: Those that define workflows, with what lies below them.
    """

    def __init__(self, scope: Scope, *, round_number: int, modules: Collection[str]) -> None:
        self._scope = scope
        self._round = round_number
        self._modules = tuple(modules)
        self._modules_seen = 0
        self._words: frozenset[str] = frozenset()
        self._hold()

    def begin(self) -> None:
        """Nothing: a variable keeps its value."""

    @contextmanager
    def applied(self, scope: Scope) -> Iterator[None]:
        yield

    def _hold(self) -> None:
        kind: Any = type(os.environ)
        read = kind.__getitem__

        def getitem(environ: Any, key: str) -> str:
            caller = sys._getframe(1)
            frame = self._reader(caller) if self._scope.is_active else None
            if frame is not None and _passes_a_library(caller, frame) and not self._is_named(key):
                frame = None
            if frame is None:
                return str(read(environ, key))
            try:
                value = str(read(environ, key))
            except KeyError:
                if self._scope.is_importing and not self._defines_workflows(frame):
                    raise  # settings of a program that was never started like this
                return self._invented(key, frame.f_code)
            return self._changed(key, value, frame.f_code)

        kind.__getitem__ = getitem

    def _is_named(self, key: str) -> bool:
        if self._modules_seen != len(sys.modules):
            self._modules_seen, self._words = len(sys.modules), users_words()
        return is_named_in(self._words, key)

    def _reader(self, frame: FrameType) -> FrameType | None:
        """The user's code that reads a variable: while it runs also through libraries, at imports itself."""
        if self._scope.is_importing:
            return user_frame(frame, lambda file: file.endswith(_OS))
        return user_frame(frame, _is_between)

    def _defines_workflows(self, frame: FrameType) -> bool:
        name = frame.f_globals.get("__name__", "")
        return any(name == module or name.startswith(f"{module}.") for module in self._modules)

    def _invented(self, key: str, code: CodeType) -> str:
        guesses = [*_strings_after(key, code), "1"]
        return "1" if self._round == 0 else guesses[(self._round - 1) % len(guesses)]

    def _changed(self, key: str, value: str, code: CodeType) -> str:
        if self._scope.is_importing or self._round % 2 == 0:
            return _another(value)
        if self._round == 1:
            raise KeyError(key)
        guesses = [guess for guess in _strings_after(key, code) if guess != value] or [_another(value)]
        return guesses[self._round // 2 % len(guesses)]


def _is_between(file: str) -> bool:
    """Whether a file may lie between the user's code and the variable that it reads."""
    return is_sandbox(file) or not (is_user_code(file) or file.startswith(FOLDER))


def _passes_a_library(frame: FrameType | None, until: FrameType) -> bool:
    """Whether a file that is not Python's own lies between the user's code and the variable."""
    while frame is not None and frame is not until:
        file = frame.f_code.co_filename
        if (
            not (file.startswith(("<", _PYTHON)) or file.endswith(_OS) or is_sandbox(file))
            or _PACKAGES in file
        ):
            return True
        frame = frame.f_back
    return False


def _another(value: str) -> str:
    """A value of the same sort."""
    if value.lstrip("-").isdigit():
        return str(int(value) + 1)
    opposites = {"true": "false", "false": "true", "yes": "no", "no": "yes", "on": "off", "off": "on"}
    return opposites.get(value.lower()) or f"{value}-replaykit"


def _strings_after(key: str, code: CodeType) -> list[str]:
    """The string constants after the variable's name in a function, nearest first."""
    names = [constant for constant in code.co_consts if isinstance(constant, str)]
    following = names[names.index(key) + 1 :] if key in names else names
    return [name for name in following if name != key and "\n" not in name][:6]
