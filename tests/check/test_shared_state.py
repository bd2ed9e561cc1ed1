"""Globals that a run changed: noticed whatever they are, and put back where that can be done."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from replaykit.replay.state import Change, Snapshot

SOURCE = """
import collections, functools, itertools, logging, random, types

class Agent:
    shared = []
    def __init__(self):
        self.known = None
    def __eq__(self, other):
        raise AssertionError("compared")
    def __repr__(self):
        raise AssertionError("shown")
    __hash__ = object.__hash__

class Slotted:
    __slots__ = ("seen", "later")
    def __init__(self):
        self.seen = ()

class Registry(dict):
    pass

def memoised(function):
    cache = {}
    def inner(key):
        return cache.setdefault(key, function(key))
    return inner

def counting():
    total = 0
    def inner():
        nonlocal total
        total += 1
        return total
    return inner

def numbers():
    number = 0
    while True:
        number += 1
        yield number

def defaulted(key, cache={}):
    cache[key] = 1

def attributed():
    attributed.calls = 1

AGENT = Agent()
SLOTTED = Slotted()
REGISTRY = Registry()
LAST = None
NAMES = []
SEEN = {"a"}
TABLE = {"deep": [({"deeper": [1]},)]}
ORDERED = collections.OrderedDict(a=1)
RECENT = collections.deque([1], maxlen=3)
COUNTS = collections.Counter()
BAG = types.SimpleNamespace(x=1)
RNG = random.Random(7)
IDS = itertools.count()
STREAM = numbers()
ROW = iter([1, 2, 3])
lookup = memoised(str)
tick = counting()

@functools.lru_cache
def agent():
    return Agent()

@functools.lru_cache(maxsize=2)
def rows():
    return {}

@functools.cache
def table(name):
    return {}

@functools.lru_cache
def length(text):
    return len(text)

@functools.cache
def upper(text):
    return text.upper()

LOG = logging.getLogger("sample_state")
"""


@pytest.fixture
def state() -> Iterator[ModuleType]:
    module = ModuleType("sample_state")
    sys.modules["sample_state"] = module
    exec(compile(SOURCE, "sample_state.py", "exec"), vars(module))  # a module of the user's, of that source
    yield module
    del sys.modules["sample_state"]


UNDONE = [
    ("AGENT", "AGENT.known = ['search']"),
    ("AGENT", "AGENT.other = 1"),
    ("SLOTTED", "SLOTTED.seen = (1,)"),
    ("SLOTTED", "SLOTTED.later = 1"),
    ("REGISTRY", "REGISTRY['a'] = 1"),
    ("LAST", "globals()['LAST'] = 'run'"),
    ("NEW", "globals()['NEW'] = 1"),
    ("NAMES", "NAMES.append(1)"),
    ("SEEN", "SEEN.discard('a')"),
    ("TABLE", "TABLE['deep'][0][0]['deeper'].clear()"),
    ("ORDERED", "ORDERED['b'] = ORDERED.pop('a')"),
    ("RECENT", "RECENT.extend([2, 3, 4])"),
    ("COUNTS", "COUNTS['x'] += 1"),
    ("RNG", "RNG.random()"),
    ("Agent", "Agent.shared.append(1)"),
    ("Agent", "Agent.instances = 1"),
    ("lookup", "lookup(1)"),
    ("tick", "tick()"),
    ("defaulted", "defaulted('k')"),
    ("attributed", "attributed()"),
    ("agent", "agent().known = 1"),
    ("rows", "rows()['a'] = 1"),
    ("table", "table('a')"),
]


@pytest.mark.parametrize(("name", "run"), UNDONE, ids=[run for _, run in UNDONE])
def test_noticed_and_put_back(state: ModuleType, name: str, run: str) -> None:
    snapshot = Snapshot([state])
    assert snapshot.changed() == ()
    exec(run, vars(state))
    assert snapshot.changed() == (Change(module="sample_state", name=name),)
    assert snapshot.restore()
    assert not snapshot.is_changed
    exec(run, vars(state))
    assert snapshot.changed() == (Change(module="sample_state", name=name),), "it can happen again"


NOT_UNDONE = [
    ("IDS", "next(IDS)"),
    ("STREAM", "next(STREAM)"),
    ("ROW", "next(ROW)"),
    ("BAG", "BAG.x = 2"),
]


@pytest.mark.parametrize(("name", "run"), NOT_UNDONE, ids=[run for _, run in NOT_UNDONE])
def test_noticed_where_nothing_can_put_it_back(state: ModuleType, name: str, run: str) -> None:
    snapshot = Snapshot([state])
    exec(run, vars(state))
    assert snapshot.changed() == (Change(module="sample_state", name=name),)
    assert not snapshot.restore()
    assert snapshot.is_changed


@pytest.mark.parametrize(
    "run",
    [
        "upper('a'); length('b')",
        "LOG.isEnabledFor(10); LOG.warning('x')",
        "NAMES.append(1); NAMES.pop()",
        "TABLE['deep'][0][0]['deeper'] = TABLE['deep'][0][0]['deeper']",
        "globals()['LAST'] = None",
        "import json; globals()['json'] = json",
    ],
)
def test_what_leaves_nothing_is_no_change(state: ModuleType, run: str) -> None:
    snapshot = Snapshot([state])
    exec(run, vars(state))
    assert snapshot.changed() == ()


def test_what_was_put_back_is_what_it_was(state: ModuleType) -> None:
    snapshot = Snapshot([state])
    first = state.RNG.random()
    state.AGENT.known = ["search"]
    state.ORDERED.move_to_end("a")
    state.TABLE["deep"].append(state.AGENT)
    assert snapshot.restore()
    assert state.RNG.random() == first
    assert state.AGENT.known is None
    assert state.TABLE == {"deep": [({"deeper": [1]},)]}


def test_a_change_above_what_was_not_seen_is_not_undone() -> None:
    module = ModuleType("sample_deep")
    deep: list[object] = []
    value: list[object] = deep
    for _ in range(20):
        value = [value]
    module.__dict__["DEEP"] = value
    snapshot = Snapshot([module])
    deep.append(1)
    assert not snapshot.is_changed, "it lies beyond the bound"
    value.append(1)
    assert snapshot.changed() == (Change(module="sample_deep", name="DEEP"),)
    assert not snapshot.restore()


def test_an_object_is_named_by_the_first_module_that_has_it(state: ModuleType) -> None:
    other = ModuleType("sample_other")
    other.__dict__["HERS"] = state.AGENT
    snapshot = Snapshot([state, other])
    state.AGENT.known = 1
    assert snapshot.changed() == (Change(module="sample_state", name="AGENT"),)
