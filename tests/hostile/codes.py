"""The table of misbehaving code: what a workflow or its module does, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["AT_IMPORT", "CODES", "GOOD_LINES", "IN_WORKFLOW", "Code"]

IN_WORKFLOW = "in the workflow"
AT_IMPORT = "at import"

GOOD_LINES = 2
"""Histories of a sound workflow that are judged beside the one of the misbehaving one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """One row."""

    name: str
    where: str
    """`IN_WORKFLOW` or `AT_IMPORT`."""
    lines: str
    """Statements; they may use any module, by its name."""
    reason: str | None = None
    """Why the one history is unjudged; `diverged` where the SDK lets the exception be, and the workflow goes
    nowhere; None where the code does no harm to its replay."""
    ends_pytest: bool = False
    """In pytest's own process it ends the run, or under xdist one worker of it."""
    not_in_pytest: str = ""
    """Why pytest cannot be asked."""


_HOLDS_GIL = 're.match(r"(a+)+$", "a" * 60 + "b")'
_LOOP_POLICY = (
    "class Policy(asyncio.DefaultEventLoopPolicy):\n"
    "    def new_event_loop(self):\n"
    "        raise RuntimeError('no loop here')\n"
    "    get_event_loop = new_event_loop\n"
    "asyncio.set_event_loop_policy(Policy())"
)

CODES = (
    # Hangs
    Code(
        name="regular expression",
        where=IN_WORKFLOW,
        lines=_HOLDS_GIL,
        reason="timed_out",
        ends_pytest=True,
    ),
    Code(
        name="C code with the GIL",
        where=IN_WORKFLOW,
        lines="ctypes.PyDLL(None).sleep(600)",
        reason="timed_out",
        ends_pytest=True,
    ),
    Code(name="sleeps", where=IN_WORKFLOW, lines="time.sleep(600)", reason="timed_out"),
    Code(
        name="swallows every exception",
        where=IN_WORKFLOW,
        lines="while True:\n    try:\n        time.sleep(0.01)\n    except BaseException:\n        pass",
        reason="timed_out",
    ),
    Code(name="waits for input", where=IN_WORKFLOW, lines="os.read(os.pipe()[0], 1)", reason="timed_out"),
    # Ends
    Code(name="os._exit(0)", where=IN_WORKFLOW, lines="os._exit(0)", reason="crashed", ends_pytest=True),
    Code(name="os._exit(7)", where=IN_WORKFLOW, lines="os._exit(7)", reason="crashed", ends_pytest=True),
    Code(
        name="execv",
        where=IN_WORKFLOW,
        lines='os.execv("/bin/true", ["true"])',
        reason="crashed",
        ends_pytest=True,
    ),
    Code(
        name="execvpe",
        where=IN_WORKFLOW,
        lines='os.execvpe("true", ["true"], {"PATH": "/bin:/usr/bin"})',
        reason="crashed",
        ends_pytest=True,
    ),
    Code(name="abort", where=IN_WORKFLOW, lines="os.abort()", reason="crashed", ends_pytest=True),
    Code(name="segfault", where=IN_WORKFLOW, lines="ctypes.string_at(0)", reason="crashed", ends_pytest=True),
    Code(
        name="SIGKILL",
        where=IN_WORKFLOW,
        lines="os.kill(os.getpid(), signal.SIGKILL)",
        reason="crashed",
        ends_pytest=True,
    ),
    Code(
        name="exit in C",
        where=IN_WORKFLOW,
        lines="ctypes.CDLL(None)._exit(0)",
        reason="crashed",
        not_in_pytest="nothing of Python's sees it: only a process of its own does",
    ),
    # Raises what is no Exception
    Code(name="sys.exit", where=IN_WORKFLOW, lines="sys.exit(0)", reason="workflow_task_failed"),
    Code(
        name="BaseException",
        where=IN_WORKFLOW,
        lines="raise type('Odd', (BaseException,), {})('odd')",
        reason="diverged",
    ),
    Code(
        name="KeyboardInterrupt",
        where=IN_WORKFLOW,
        lines="raise KeyboardInterrupt",
        reason="workflow_task_failed",
    ),
    Code(name="GeneratorExit", where=IN_WORKFLOW, lines="raise GeneratorExit", reason="diverged"),
    Code(
        name="endless recursion",
        where=IN_WORKFLOW,
        lines="def again(): return again() + 1\nagain()",
        reason="workflow_task_failed",
    ),
    # Spoils its process, and goes on
    Code(name="chdir", where=IN_WORKFLOW, lines='os.chdir("/")'),
    Code(name="writes to 1 and 2", where=IN_WORKFLOW, lines='os.write(1, b"{"); os.write(2, b"}")'),
    Code(name="closes 0 to 2", where=IN_WORKFLOW, lines="os.close(0); os.close(1); os.close(2)"),
    Code(name="patches builtins", where=IN_WORKFLOW, lines="builtins.print = builtins.input = None"),
    Code(name="stops the clock", where=IN_WORKFLOW, lines="time.monotonic = time.time = lambda: 0.0"),
    Code(name="loop policy", where=IN_WORKFLOW, lines=_LOOP_POLICY),
    Code(name="ignores signals", where=AT_IMPORT, lines="signal.signal(signal.SIGTERM, signal.SIG_IGN)"),
    # At import
    Code(name="sys.exit", where=AT_IMPORT, lines="sys.exit(0)", reason="not loaded"),
    Code(
        name="BaseException",
        where=AT_IMPORT,
        lines="raise type('Odd', (BaseException,), {})('odd')",
        reason="not loaded",
    ),
    Code(name="GeneratorExit", where=AT_IMPORT, lines="raise GeneratorExit", reason="not loaded"),
    Code(name="os._exit(0)", where=AT_IMPORT, lines="os._exit(0)", reason="not loaded", ends_pytest=True),
    Code(
        name="execv",
        where=AT_IMPORT,
        lines='os.execv("/bin/true", ["true"])',
        reason="not loaded",
        ends_pytest=True,
    ),
    Code(
        name="segfault", where=AT_IMPORT, lines="ctypes.string_at(0)", reason="not loaded", ends_pytest=True
    ),
    Code(name="chdir", where=AT_IMPORT, lines='os.chdir("/")'),
    Code(name="writes to 1 and 2", where=AT_IMPORT, lines='os.write(1, b"{"); os.write(2, b"}")'),
    Code(name="closes 0 to 2", where=AT_IMPORT, lines="os.close(0); os.close(1); os.close(2)"),
    Code(name="patches builtins", where=AT_IMPORT, lines="builtins.print = builtins.input = None"),
    Code(name="loop policy", where=AT_IMPORT, lines=_LOOP_POLICY),
)
