"""One child: whatever it does, there is an answer or an error in time, and nothing is left of it."""

from __future__ import annotations

import dataclasses
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from replaykit.errors import ReplaykitError
from replaykit.processes import Child, ChildLostError, Children, Program
from replaykit.verdict import Reason
from tests.processes.alive import is_gone

LONG_S = 60.0
"""Nothing here takes as long, whatever else the machine does."""


def program(function: str = "obeys", *, loading_s: float = LONG_S, **environ: str) -> Program:
    return Program(
        function=f"tests.processes.programs:{function}",
        what="the base",
        opening="go",
        loading_s=loading_s,
        env=environ,
        path=[os.path.abspath(path) for path in sys.path],  # noqa: PTH100
    )


@pytest.fixture
def child() -> Iterator[Child]:
    with Children() as children:
        child = children.of(program())
        child.start()
        yield child


def asked(child: Child, *order: object, timeout_s: float = LONG_S) -> object:
    child.send(order)
    return child.hear(timeout_s)


def test_the_last_words_are_those_over_this_question(child: Child) -> None:
    """Not what the process wrote over one before, which is another History."""
    assert asked(child, "warn") == "done"
    time.sleep(0.3)  # for its pipe
    with pytest.raises(ChildLostError) as raised:
        asked(child, "vanish")
    assert str(raised.value).partition("; it was at")[0] == "the base ended with exit code 4"


def test_a_warning_is_no_last_word(child: Child) -> None:
    with pytest.raises(ChildLostError) as raised:
        asked(child, "warn and leave")
    words = str(raised.value).partition("; it was at")[0]
    assert words == "the base ended with exit code 4: what it is about"


def test_messages_go_to_and_fro(child: Child) -> None:
    for message in ("one", 2, {"three": [None]}):
        child.send(message)
        assert child.hear(LONG_S) == message


def test_big_messages_go_to_and_fro(child: Child) -> None:
    big = os.urandom(1000) * 50_000  # 50 MB
    child.send(big)
    assert child.hear(LONG_S) == big


def test_what_a_child_prints_comes_between_no_messages(child: Child) -> None:
    assert asked(child, "print") == "done"
    assert asked(child, "close") == "done"
    assert asked(child, "env", "HOME") == os.environ.get("HOME")


def test_a_child_has_its_own_variables() -> None:
    with Child(program(PYTHONHASHSEED="7", REPLAYKIT_OF_ITS_OWN="yes")) as child:
        child.start()
        assert asked(child, "env", "PYTHONHASHSEED") == "7"
        assert asked(child, "env", "REPLAYKIT_OF_ITS_OWN") == "yes"
    assert "REPLAYKIT_OF_ITS_OWN" not in os.environ


@pytest.mark.weekly
@pytest.mark.skipif(sys.platform == "win32", reason="another C library there")
def test_a_child_that_holds_its_gil_outlives_no_parent_by_long() -> None:
    """As if we were gone: nothing here waits for its answer, and it cannot notice whether we are there."""
    with Child(dataclasses.replace(program(loading_s=4), silence_s=0.5)) as child:
        pid, _ = child.start()
        assert asked(child, "env", "HOME") == os.environ.get("HOME")
        time.sleep(10)  # it was not asked: then it may be silent for as long as it likes
        assert asked(child, "env", "HOME") == os.environ.get("HOME")
        child.send(("hold",))
        assert is_gone(pid)


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("order", "at_"), [("hang", "time.sleep(600)  # HERE"), ("hold", ".sleep(600)")])
@pytest.mark.thinned(3)
def test_a_silent_child_is_asked_where_it_is(child: Child, order: str, at_: str) -> None:
    """`hold` cannot answer: its stacks are written without it."""
    with pytest.raises(ChildLostError) as raised:
        asked(child, order, timeout_s=0.3)
    file, _, line = raised.value.there.at.removesuffix(" in _done").rpartition(":")
    assert Path(file).name == "programs.py"
    assert at_ in Path(file).read_text(encoding="utf-8").splitlines()[int(line) - 1]


def test_what_python_itself_prints_at_the_start_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os\nos.write(1, b'\\x00welcome' * 100)\n")
    with Child(program(PYTHONPATH=str(tmp_path))) as child:
        assert child.start()[1] == "go"
        assert asked(child, "env", "PYTHONPATH") == str(tmp_path)


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("order", "words"),
    [
        (("leave", 3), "the base ended with exit code 3: these are my last words"),
        (("leave", 0), "the base ended with exit code 0: these are my last words"),
        (("raise",), "the base ended with exit code 1: RuntimeError: broken\N{REPLACEMENT CHARACTER}inside"),
        (("scribble",), "the base sent something that is no message of replaykit's"),
        (("unreadable",), "the base sent what is no message: ValueError: "),
        (("close everything",), "the base closed its pipes to replaykit"),
        pytest.param(
            ("segfault",),
            "the base was ended by SIGSEGV",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="no signals there"),
        ),
        pytest.param(
            ("fork",),
            "the base ended with exit code 5",  # its fork still holds the pipe
            marks=pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork there"),
        ),
    ],
)
def test_a_child_that_breaks_down_is_an_error_with_its_last_words(
    child: Child, order: tuple[object, ...], words: str
) -> None:
    pid, _ = child.start()
    with pytest.raises(ChildLostError) as caught:
        asked(child, *order)
    assert str(caught.value).startswith(words)
    assert caught.value.reason is Reason.CRASHED
    assert is_gone(pid)


def test_a_child_that_hangs_is_an_error_in_time_and_says_where(child: Child) -> None:
    pid, _ = child.start()
    began = time.monotonic()
    with pytest.raises(ChildLostError) as caught:
        asked(child, "hang", timeout_s=0.5)
    assert time.monotonic() - began < LONG_S / 2
    source = Path(__file__).with_name("programs.py")
    line = next(n for n, text in enumerate(source.read_text().splitlines(), 1) if text.endswith("# HERE"))
    assert str(caught.value).startswith("the base gave no answer within 0.5 s; it was at ")
    assert str(caught.value).endswith(f"tests/processes/programs.py:{line} in _done")
    assert caught.value.reason is Reason.TIMED_OUT
    assert is_gone(pid)


def test_an_error_of_ours_comes_through_whole(child: Child) -> None:
    with pytest.raises(ReplaykitError) as caught:
        asked(child, "refuse")
    assert str(caught.value) == "flows.py: there is no such thing. Name another."
    assert not isinstance(caught.value, ChildLostError)


def test_a_lost_child_can_be_started_again(child: Child) -> None:
    with pytest.raises(ChildLostError):
        asked(child, "leave", 3)
    assert not child.is_running
    with pytest.raises(ChildLostError, match="is not running"):
        child.hear(LONG_S)
    assert child.start()[1] == "go"
    assert asked(child, "print") == "done"


def test_no_answer_of_before_comes_after_a_restart(child: Child) -> None:
    child.send("old")
    child.start()
    child.send("new")
    assert child.hear(LONG_S) == "new"


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("function", "reason", "words"),
    [
        ("leaves", Reason.CRASHED, "the base ended with exit code 3 while it loaded its code"),
        ("nobody", Reason.CRASHED, "the base ended with exit code 1 while it loaded its code: Attribute"),
        ("loads_never", Reason.TIMED_OUT, "the base did not load its code within 3 s; it was at "),
    ],
)
def test_a_child_that_does_not_get_so_far(function: str, reason: Reason, words: str) -> None:
    with Child(program(function, loading_s=3)) as child:
        with pytest.raises(ChildLostError) as caught:
            child.start()
        assert str(caught.value).startswith(words)
        assert caught.value.reason is reason
        assert not child.is_running


def test_a_child_waits_for_as_long_as_its_parent_does() -> None:
    """Else it ends while it still loads, and nobody learns that the deadline was too short."""
    patient = dataclasses.replace(program(loading_s=41), silence_s=21)
    assert patient.patience_s == 41
    assert dataclasses.replace(patient, silence_s=51).patience_s == 51
    assert program().patience_s is None


@pytest.mark.weekly
def test_a_child_that_loads_for_long_is_ended_by_its_parent() -> None:
    slow = dataclasses.replace(program("loads_never", loading_s=8), silence_s=0.5)
    with (
        Child(slow) as child,
        pytest.raises(ChildLostError, match="did not load its code within 8 s") as caught,
    ):
        child.start()
    assert caught.value.reason is Reason.TIMED_OUT
    assert "A longer deadline" in str(caught.value)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("stream", ["none", "memory", "closed", "logger"])
def test_a_child_that_replaces_its_error_stream_goes_on_and_is_named(stream: str) -> None:
    """It arms a deadline of its own with each message, and writes its last words."""
    with Child(dataclasses.replace(program(), silence_s=30)) as child:
        child.start()
        assert asked(child, "replace errors", stream) == "done"
        assert asked(child, "env", "HOME") == os.environ.get("HOME")
        with pytest.raises(ChildLostError, match="RuntimeError: broken"):
            asked(child, "raise")


def test_a_child_that_knows_why_it_cannot_go_on() -> None:
    with Child(program("refuses")) as child, pytest.raises(ReplaykitError, match=r"^flows\.py: there is no"):
        child.start()


def test_what_a_child_has_started_ends_with_it(child: Child, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    assert asked(child, "orphan", str(file)) == "done"
    child.end()
    assert is_gone(int(file.read_text()))


def test_children_are_gone_at_the_end_of_the_block_and_none_starts_after_it() -> None:
    with Children() as children:
        child = children.of(program())
        pid, _ = child.start()
    assert is_gone(pid, within_s=0.5)
    for each in (child, children.of(program())):
        with pytest.raises(ChildLostError):
            each.start()


@pytest.mark.exhaustive
def test_a_big_message_to_a_child_that_never_reads_it_blocks_nobody() -> None:
    with Child(program("loads_never", loading_s=2)) as child:
        with pytest.raises(ChildLostError):
            child.start()
        child.send(bytes(50_000_000))
