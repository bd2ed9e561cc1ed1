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
_THREAD = "threading.Thread(target=time.sleep, args=(600,)).start()"
_AT_EXIT = "atexit.register(time.sleep, 600)"
_FEW_DESCRIPTORS = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))"
_WARNINGS = "import warnings; warnings.simplefilter('error')"
_WAITS = "Python itself waits for it at its end, whoever started it"
_ITS_OWN_PROCESS = "it is pytest's own process that stops"

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
    # Stops, or is stopped
    Code(
        name="SIGSTOP",
        where=IN_WORKFLOW,
        lines="os.kill(os.getpid(), signal.SIGSTOP)",
        reason="timed_out",
        not_in_pytest=_ITS_OWN_PROCESS,
    ),
    Code(
        name="SIGTERM",
        where=IN_WORKFLOW,
        lines="os.kill(os.getpid(), signal.SIGTERM); time.sleep(5)",
        reason="crashed",
        ends_pytest=True,
    ),
    Code(
        name="alarm",
        where=IN_WORKFLOW,
        lines="signal.alarm(1); time.sleep(600)",
        reason="crashed",
        ends_pytest=True,
    ),
    Code(
        name="exits in a thread",
        where=IN_WORKFLOW,
        lines="threading.Timer(0.1, os._exit, (5,)).start(); time.sleep(5)",
        reason="crashed",
        ends_pytest=True,
    ),
    Code(
        name="loop that yields the GIL to nobody",
        where=IN_WORKFLOW,
        lines="sys.setswitchinterval(1e6)\nwhile True: pass",
        reason="timed_out",
        ends_pytest=True,
    ),
    # Raises what is hard to show
    Code(
        name="text that raises",
        where=IN_WORKFLOW,
        lines="raise type('Odd', (Exception,), {'__str__': lambda self: 1 / 0})()",
        reason="workflow_task_failed",
    ),
    Code(
        name="text that never comes",
        where=IN_WORKFLOW,
        lines="raise type('Odd', (Exception,), {'__str__': lambda self: time.sleep(600)})()",
        reason="timed_out",
    ),
    Code(
        name="huge text",
        where=IN_WORKFLOW,
        lines="raise ValueError('x' * 5_000_000)",
        reason="workflow_task_failed",
    ),
    Code(
        name="control characters",
        where=IN_WORKFLOW,
        lines=r"raise ValueError('\x1b[2J\r\n::error::x\u202e\x00\ud800')",
        reason="workflow_task_failed",
    ),
    Code(
        name="causes in a circle",
        where=IN_WORKFLOW,
        lines="a, b = ValueError('a'), ValueError('b')\na.__cause__, b.__cause__ = b, a\nraise a",
        reason="workflow_task_failed",
    ),
    Code(
        name="3000 causes",
        where=IN_WORKFLOW,
        lines="e = None\nfor number in range(3000):\n    f = ValueError(str(number))\n"
        "    f.__cause__ = e\n    e = f\nraise e",
        reason="workflow_task_failed",
    ),
    Code(
        name="StopIteration",
        where=IN_WORKFLOW,
        lines="raise StopIteration(1)",
        reason="workflow_task_failed",
    ),
    Code(name="MemoryError", where=IN_WORKFLOW, lines="bytearray(10**13)", reason="workflow_task_failed"),
    Code(
        name="source in no file",
        where=IN_WORKFLOW,
        lines="exec(compile('raise ValueError(1)', '\\x1b[31m/nowhere', 'exec'))",
        reason="workflow_task_failed",
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
    Code(name="a thread without end", where=IN_WORKFLOW, lines=_THREAD, not_in_pytest=_WAITS),
    Code(name="sleeps at exit", where=IN_WORKFLOW, lines=_AT_EXIT, not_in_pytest=_WAITS),
    Code(name="a process of its own", where=IN_WORKFLOW, lines="subprocess.Popen(['sleep', '600'])"),
    Code(name="forks", where=IN_WORKFLOW, lines="os.fork() or os._exit(0)"),
    Code(name="without streams", where=IN_WORKFLOW, lines="sys.stdout = sys.stderr = sys.stdin = None"),
    Code(name="clears sys.path", where=IN_WORKFLOW, lines="sys.path.clear()"),
    Code(name="clears the environment", where=IN_WORKFLOW, lines="os.environ.clear()"),
    Code(name="few descriptors", where=IN_WORKFLOW, lines=_FEW_DESCRIPTORS, not_in_pytest=_ITS_OWN_PROCESS),
    Code(
        name="closes every descriptor",
        where=IN_WORKFLOW,
        lines="os.closerange(3, 1000)",
        reason="crashed",
        not_in_pytest=_ITS_OWN_PROCESS,
    ),
    Code(name="warnings are errors", where=IN_WORKFLOW, lines=_WARNINGS),
    Code(
        name="patches the judge",
        where=IN_WORKFLOW,
        lines="import temporalio.worker; temporalio.worker.Replayer.replay_workflow = None",
    ),
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
    Code(name="sys.exit with a text", where=AT_IMPORT, lines="raise SystemExit('bye')", reason="not loaded"),
    Code(name="reads input", where=AT_IMPORT, lines="input('? ')", reason="not loaded"),
    Code(name="is no module", where=AT_IMPORT, lines="sys.modules[__name__] = 3", reason="not loaded"),
    Code(name="a thread without end", where=AT_IMPORT, lines=_THREAD, not_in_pytest=_WAITS),
    Code(name="sleeps at exit", where=AT_IMPORT, lines=_AT_EXIT, not_in_pytest=_WAITS),
    Code(name="forks", where=AT_IMPORT, lines="os.fork() or os._exit(0)"),
    Code(
        name="removes itself",
        where=AT_IMPORT,
        lines="os.remove(__file__)",
        not_in_pytest="of two processes that import it the second finds no file",
    ),
)
