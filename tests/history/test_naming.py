"""Names of fixtures: readable where they can be, safe everywhere, never two Histories in one file."""

from __future__ import annotations

import re
import uuid
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from replaykit.history import History, fixture_name
from tests.history.builders import RUN_ID, two_activities


def name_of(
    workflow_id: str | None = "order-17",
    workflow_type: str | None = "OrderWorkflow",
    run_id: str | None = RUN_ID,
) -> str:
    history = History(events=(), workflow_id=workflow_id, workflow_type=workflow_type, run_id=run_id)
    return fixture_name(history).as_posix()


def test_an_ordinary_name_is_as_the_design_fixes_it() -> None:
    assert fixture_name(two_activities()) == Path("OrderWorkflow", "order-17--6279184bd1cf.json")
    assert fixture_name(two_activities(), compressed=True).name == "order-17--6279184bd1cf.json.gz"


@pytest.mark.parametrize(
    ("workflow_id", "expected"),
    [
        ("order-17", "order-17--"),
        ("Order_17.v2@eu+x=1", "Order_17.v2@eu+x=1--"),
        ("a" * 80, "a" * 80 + "--"),
        ("a" * 400, "a" * 71 + "~"),
        ("../../x", "_._.._x~"),
        ("/etc/passwd", "_etc_passwd~"),
        ("C:\\Windows", "C__Windows~"),
        ("order:17", "order_17~"),
        ("order 17", "order_17~"),
        ("заказ", "_____~"),
        ("", "_~e3b0c442--"),
        (".", "_~"),
        ("..", "__~"),
        (".hidden", "_hidden~"),
        ("-rf", "_rf~"),
        ("order.", "order_~"),
        ("order ", "order_~"),
        ("CON", "_CON~"),
        ("nul", "_nul~"),
        ("com1.txt", "_com1.txt~"),
        ("LPT9", "_LPT9~"),
        ("CONSOLE", "CONSOLE--"),
        ("a~b", "a_b~"),
        ("a\x00b\n", "a_b_~"),
        ("\ud800", "_~"),
    ],
)
def test_workflow_ids(workflow_id: str, expected: str) -> None:
    stem = name_of(workflow_id).removeprefix("OrderWorkflow/")
    if "~" in expected and not expected.endswith("--"):
        assert re.fullmatch(re.escape(expected) + r"[0-9a-f]{8}--6279184bd1cf\.json", stem)
    else:
        assert stem == f"{expected}6279184bd1cf.json"


def test_workflow_types_are_made_safe_the_same_way() -> None:
    assert name_of(workflow_type="app:Order/v1").startswith("app_Order_v1~")
    assert name_of(workflow_type="CON.txt.").startswith("_CON.txt_~")
    assert name_of(workflow_type=None) == "unknown/order-17--6279184bd1cf.json"


def test_a_missing_or_odd_run_id_is_hashed_with_the_workflow_id() -> None:
    assert re.fullmatch(r"OrderWorkflow/order-17--[0-9a-f]{12}\.json", name_of(run_id=None))
    names = {name_of(run_id=run_id) for run_id in (None, "", "run-1", "RUN-1", "../x", "6279184bd1cf")}
    names |= {name_of("Order-17", run_id=None), name_of("order-18", run_id=None)}
    assert len({name.casefold() for name in names}) == 8


def test_the_case_of_a_run_id_makes_no_difference() -> None:
    assert name_of(run_id=RUN_ID.upper()) == name_of()


ANY_TEXT = st.text(st.characters(), max_size=120) | st.sampled_from(
    [
        "CON",
        "nul.txt",
        "..",
        "a/b",
        "a:b",
        "x" * 400,
        "x" * 401,
        "a.",
        "a ",
        ".a",
        "~",
        "a~b",
        "unknown",
        "é",
        "é",
    ]
)
RUN_IDS = st.uuids().map(str)
_SAFE_PART = re.compile(r"[A-Za-z0-9_@+=][A-Za-z0-9._@+=~-]*")


@settings(deadline=None)
@given(workflow_type=ANY_TEXT, workflow_id=ANY_TEXT, run_id=RUN_IDS | ANY_TEXT | st.none())
def test_a_name_never_leaves_its_folder_and_is_legal_everywhere(
    workflow_type: str, workflow_id: str, run_id: str | None
) -> None:
    name = name_of(workflow_id, workflow_type, run_id)
    folder, file = name.split("/")
    for path in (PurePosixPath(name), PureWindowsPath(name)):
        assert not path.is_absolute()
        assert path.parts == (folder, file)
        assert ".." not in path.parts
    for part in (folder, file):
        assert _SAFE_PART.fullmatch(part)
        assert not part.endswith((".", " "))
        assert len(part.encode()) <= 110
        assert part.split(".")[0].lower() not in {"con", "prn", "aux", "nul", "com1", "lpt1", "com0"}
    assert file.endswith(".json")


@settings(deadline=None)
@given(first=ANY_TEXT, second=ANY_TEXT, run_id=RUN_IDS)
def test_two_ids_never_share_a_name_even_with_one_run_id(first: str, second: str, run_id: str) -> None:
    assume(first != second)
    assert name_of(first, run_id=run_id) != name_of(second, run_id=run_id)
    assert name_of(workflow_type=first, run_id=run_id) != name_of(workflow_type=second, run_id=run_id)


@settings(deadline=None)
@given(workflow_id=ANY_TEXT, first=RUN_IDS, second=RUN_IDS)
def test_two_runs_never_share_a_name_whatever_the_case(workflow_id: str, first: str, second: str) -> None:
    assume(uuid.UUID(first).int % 16**12 != uuid.UUID(second).int % 16**12)
    assert (
        name_of(workflow_id, run_id=first).casefold()
        != name_of(workflow_id.swapcase(), run_id=second).casefold()
    )


@settings(deadline=None)
@given(workflow_id=ANY_TEXT, run_id=RUN_IDS)
def test_a_name_is_the_same_every_time(workflow_id: str, run_id: str) -> None:
    assert name_of(workflow_id, run_id=run_id) == name_of(workflow_id, run_id=run_id)
