"""What a fixture can be kept for."""

from __future__ import annotations

from pathlib import Path

import pytest

from replaykit.config.requirements import parse_requirement
from replaykit.errors import HistoryError
from replaykit.gate.facts import Facts
from replaykit.gate.requirements import Asked, asked_by, of_requirements
from replaykit.history import dump_history, parse_history
from replaykit.patches.patch import Took
from replaykit.verdict import Outcome, Reason, Verdict

FACTS = Facts(
    path=Path("histories/run.json"),
    content=1,
    run=("Order", "order-1"),
    status="RUNNING",
    patches=frozenset({"new"}),
    requires=("open:Order",),
)
TOOK = {"run": {"old": Took.OLD, "far": Took.NOT_REACHED}}
CONSISTENT = Verdict(history="run", outcome=Outcome.CONSISTENT)


def unmet(text: str, *, verdict: Verdict = CONSISTENT) -> list[str]:
    asked = [Asked(text=text, by="the policy")]
    return [issue.title for issue in of_requirements(asked, {"run": FACTS}, {"run": verdict}, TOOK)]


@pytest.mark.parametrize(
    ("text", "is_met"),
    [
        ("workflow:Order", True),
        ("workflow:Refund", False),
        ("open:Order", True),
        ("open:Refund", False),
        ("ending:COMPLETED", False),
        ("patch:new", True),
        ("patch:old", False),
        ("pre-patch:old", True),
        ("pre-patch:new", False),
        ("pre-patch:far", False),
    ],
)
def test_what_a_fixture_shows(text: str, is_met: bool) -> None:
    assert (unmet(text) == []) is is_met


def test_a_fixture_that_was_not_judged_shows_nothing() -> None:
    verdict = Verdict(history="run", outcome=Outcome.UNJUDGED, reason=Reason.VACUOUS)
    assert unmet("workflow:Order", verdict=verdict) == [
        "no fixture that was judged shows workflow:Order, which the policy asks for"
    ]


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("prepatch:x", "Did you mean pre-patch:x?"),
        ("pre-patch:", "Write one of workflow:TYPE"),
        ("nonsense", "Write one of workflow:TYPE"),
        ("ending:completed", "A status is one of COMPLETED"),
    ],
)
def test_what_is_no_requirement(text: str, cure: str) -> None:
    with pytest.raises(ValueError, match=cure):
        parse_requirement(text)


def test_what_a_fixture_of_the_base_was_kept_for_stays_asked_for() -> None:
    asked = asked_by(["patch:new"], [], [FACTS])
    assert [(each.text, each.by) for each in asked] == [
        ("patch:new", "[tool.replaykit.gate] requires"),
        ("open:Order", "run.json of the base"),
    ]


@pytest.mark.parametrize(
    ("requires", "read"), [('["open:Order"]', ("open:Order",)), ("[]", ()), ("null", None), ("[1]", None)]
)
def test_the_metadata_of_a_fixture(requires: str, read: tuple[str, ...] | None) -> None:
    text = f'{{"replaykit": {{"formatVersion": 1, "requires": {requires}}}, "events": [{_EVENT}]}}'
    if read is None:
        with pytest.raises(HistoryError, match=r"requires: expected a list of strings"):
            parse_history(text.encode(), where="run")
        return
    history = parse_history(text.encode(), where="run")
    assert history.requires == read
    assert (b'"requires"' in dump_history(history)) is bool(read)
    assert parse_history(dump_history(history), where="run").requires == read


_EVENT = '{"eventId": "1", "eventType": "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED"}'
