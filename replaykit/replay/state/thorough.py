"""What a thorough snapshot asks beside: whether an object can hold anything that nobody can look at."""

from __future__ import annotations

import re
import struct
import uuid
from collections import OrderedDict, defaultdict, deque
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath
from random import Random
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    CodeType,
    FunctionType,
    GenericAlias,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodWrapperType,
    UnionType,
    WrapperDescriptorType,
)

from replaykit.replay.state.kept import PLAIN, Kept, kept_sign

__all__ = ["hides_something", "is_inert", "kept_function", "kept_subclasses"]

_INERT = frozenset(
    {
        *(date, datetime, time, timedelta, timezone, Decimal, Fraction, uuid.UUID, re.Pattern, slice, object),
        *(GenericAlias, UnionType, CodeType, ContextVar),
        *(BuiltinFunctionType, ClassMethodDescriptorType, GetSetDescriptorType, MappingProxyType),
        *(MemberDescriptorType, MethodDescriptorType, MethodWrapperType, WrapperDescriptorType),
    }
)
"""Types whose values stay as they are; a context variable is set in the context of a run."""
_INERT_MODULES = (
    "logging",
    "pydantic_core",
    "temporalio.worker.workflow_sandbox",
    "typing",
    "typing_extensions",
)
"""Where classes come from whose objects stay as they are, or are the process's in any sandbox: loggers."""
_READ = frozenset(
    {*PLAIN, object, dict, list, set, frozenset, tuple, deque, OrderedDict, defaultdict, Random}
)
"""Types of the interpreter whose whole content a snapshot reads, also where another class is made of them."""
_POINTER = struct.calcsize("P")


def is_inert(value: object) -> bool:
    """Whether an object cannot change, or is shared by all sandboxes anyway.

    Args:
        value: Any.
    """
    cls = type(value)
    if cls in _INERT or isinstance(value, PurePath):
        return True
    module = cls.__module__
    return any(module == each or module.startswith(f"{each}.") for each in _INERT_MODULES)


def hides_something(cls: type) -> bool:
    """Whether objects of a class have memory that no attribute, slot or item shows: that of an extension.

    Args:
        cls: The class.
    """
    while cls not in _READ:
        base, own = cls.__base__, vars(cls)
        assert base is not None  # object is read
        shown = sum(isinstance(each, MemberDescriptorType) for each in own.values())
        shown += ("__dict__" in own) + ("__weakref__" in own)
        if cls.__basicsize__ - base.__basicsize__ > shown * _POINTER or cls.__itemsize__ != base.__itemsize__:
            return True
        cls = base
    return False


def kept_function(function: FunctionType) -> Kept:
    """What a function is made of: its code, and its defaults.

    Args:
        function: It.
    """
    return kept_sign(lambda: (id(function.__code__), id(function.__defaults__), id(function.__kwdefaults__)))


def kept_subclasses(cls: type) -> Kept:
    """The classes that are made of a class: a run that makes one leaves it there.

    Args:
        cls: The class.
    """
    return kept_sign(lambda: frozenset(map(id, type.__subclasses__(cls))))
