"""The parts of a fix that need no process: the fewest hunks, names of patches, the revision since which."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import pytest

from replaykit.code.guarding.changes import Changes
from replaykit.code.guarding.differing import Grain
from replaykit.code.guarding.writing import Guard
from replaykit.fix.minimal import fewest
from replaykit.fix.patch_ids import changes_among, patch_id_of
from replaykit.fix.plans import ids_of, named
from replaykit.gate.since import bisected
from replaykit.verdict import Revision

# The fewest


@pytest.mark.parametrize("needed", [{3}, {0, 7}, {1, 2, 9}, {0, 4, 8, 12, 16}, set(range(20))])
def test_the_fewest_are_found(needed: set[int]) -> None:
    asked = 0

    def are_enough(some: Sequence[int]) -> bool:
        nonlocal asked
        asked += 1
        return needed <= set(some)

    assert set(fewest(range(20), are_enough)) == needed
    assert asked <= 160


def test_one_that_is_enough_alone_is_found_where_the_way_down_would_miss_it() -> None:
    """Two that need each other, and a third that does without: none of the three can be taken from all."""
    enough = [{0}, {0, 1, 2}]
    assert fewest([0, 1, 2], lambda some: set(some) in enough) == [0]


# Names


def _hunks(base: str, head: str) -> Changes:
    before = "from temporalio import workflow\n\n\n@workflow.defn\nclass Flow:\n    async def run(self):\n"
    text = ["".join(f"        {line}\n" for line in each.splitlines()) for each in (base, head)]
    return Changes({"flows.py": before + text[0]}, {"flows.py": before + text[1]})


def _act(name: str) -> str:
    return f'await workflow.execute_activity("{name}")'


NAMES = {
    "added": ("pass", _act("validate_order"), "validate-order"),
    "gone": (f"{_act('charge')}\nreturn 1", "return 1", "without-charge"),
    "in the place of": (_act("charge"), _act("chargeCard"), "charge-card"),
    "changed": (_act("charge"), _act("charge").replace(")", ", 1)"), "charge-changed"),
    "moved": (
        "\n".join(map(_act, ("reserve", "charge", "ship"))),
        "\n".join(map(_act, ("charge", "ship", "reserve"))),
        "reserve-moved",
    ),
    "a timer": ("pass", "await workflow.sleep(5)", "timer"),
    "a child": ("pass", "await workflow.execute_child_workflow(Letter.run)", "letter"),
    "a method": ("pass", "await self._pay()", "pay"),
    "a condition": ("if total > 1:\n    return", "if total > 2:\n    return", "total-changed"),
    "a condition on one thing more": ("if a:\n    return", "if a and self.ready:\n    return", "ready"),
    "nothing that is called": ("x = 1", "x = 2", "flow-run-changed"),
}


@pytest.mark.parametrize("what", NAMES)
def test_a_patch_is_named_after_what_it_guards(what: str) -> None:
    base, head, name = NAMES[what]
    (group,) = changes_among(_hunks(base, head).hunks(Grain()))
    assert patch_id_of(group, ()) == name
    assert patch_id_of(group, {name}) == f"{name}-2"


def test_changes_that_have_nothing_in_common_have_patches_of_their_own() -> None:
    lines = ["reserve", "charge", "ship"]
    changes = _hunks("\n".join(map(_act, lines)), "\n".join(map(_act, ["check", *lines, "thank"])))
    guards = named([Guard(hunk=hunk) for hunk in changes.hunks(Grain())], frozenset(), None)
    assert ids_of(guards) == ("check", "thank")
    assert ids_of(named(guards, frozenset({"mine"}), "mine")) == ("mine-2", "mine-3")


def test_what_uses_one_new_name_is_one_change() -> None:
    lines = ["reserve", "charge", "ship"]
    head = ["taxes = 1", *map(_act, lines), f"{_act('pay')[:-1]}, taxes)"]
    changes = _hunks("\n".join(map(_act, lines)), "\n".join(head))
    assert len(changes.hunks(Grain())) == 2
    assert len(changes_among(changes.hunks(Grain()))) == 1


# Since which revision


def _revisions(count: int) -> list[Revision]:
    return [
        Revision(commit=f"{number:040}", seconds=0.0, subject=f"the {number}th") for number in range(count)
    ]


@pytest.mark.parametrize(
    ("count", "good"), [(n, g) for n in (1, 2, 3, 9, 200) for g in {0, 1, n // 2, n - 1} if g < n]
)
def test_the_newest_good_revision_is_found_in_few_questions(count: int, good: int) -> None:
    asked: list[str] = []

    def is_good(revision: Revision) -> bool:
        asked.append(revision.commit)
        return int(revision.commit) >= good

    since = bisected(_revisions(count), is_good, deadline=math.inf, is_dirty=True)
    assert since is not None
    assert int(since.good.commit) == good
    assert (since.bad is None) == (good == 0)
    assert len(asked) == len(set(asked)) <= 2 * math.log2(count + 1) + 2


def test_where_none_is_good_or_time_is_up_nothing_is_found() -> None:
    assert bisected(_revisions(9), lambda revision: False, deadline=math.inf) is None
    assert bisected([], lambda revision: True, deadline=math.inf) is None
    assert bisected(_revisions(9), lambda revision: True, deadline=-math.inf) is None


def test_what_is_checked_out_is_known_to_be_bad() -> None:
    asked: list[str] = []

    def is_good(revision: Revision) -> bool:
        asked.append(revision.subject)
        return True

    since = bisected(_revisions(3), is_good, deadline=math.inf, is_dirty=False)
    assert since is not None
    assert since.bad is not None
    assert (since.bad.subject, since.good.subject, asked) == ("the 0th", "the 1th", ["the 1th"])
    assert bisected(_revisions(1), is_good, deadline=math.inf, is_dirty=False) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "just now"), (60, "1 minute ago"), (7200, "2 hours ago"), (86_400 * 40, "40 days ago")],
)
def test_a_revision_is_named_with_its_age_and_subject(seconds: float, words: str) -> None:
    revision = Revision(commit="3f2c1ab0" * 5, seconds=1_000.0, subject="Add validation")
    assert revision.in_words(1_000.0 + seconds) == f'3f2c1ab03f2c ({words}, "Add validation")'


def test_every_order_of_the_same_changes_gives_the_same_groups() -> None:
    lines = ["reserve", "charge", "ship"]
    changes = _hunks(
        "\n".join(map(_act, lines)), "\n".join(map(_act, ["ship", "charge", "reserve", "thank"]))
    )
    hunks = changes.hunks(Grain())
    groups = {
        frozenset(frozenset(map(id, group)) for group in changes_among(order))
        for order in itertools.permutations(hunks)
    }
    assert len(groups) == 1
