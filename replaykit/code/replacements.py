"""The one table of what workflow code must not depend on, and of what is replay-safe in its place."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["REPLACEMENTS", "Replacement", "cure_of_call", "cure_of_condition"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Replacement:
    """What is replay-safe in place of some calls, or of code that depends on some condition."""

    condition: str
    """What the code depends on; several rows may have it, each with other calls."""
    calls: tuple[str, ...] = ()
    """Dotted names of modules, classes and functions, as the sandbox names them."""
    use: tuple[str, ...] = ()
    """Calls of the SDK that answer the same in every replay."""
    advice: str = ""
    """What to do where `use` has no call for it."""

    @property
    def cure(self) -> str:
        """What to do, as a sentence."""
        return self.advice or _use(self.use)


_WITH_ARGUMENT = "Pass the value as an argument of the workflow, or read it in an activity."

REPLACEMENTS = (
    Replacement(
        condition="hash seed", advice="Go over `sorted(...)`, or keep a list or dict in place of the set."
    ),
    Replacement(
        condition="object addresses",
        advice="Keep the objects in a list or dict, or sort the set by one of their fields.",
    ),
    Replacement(
        condition="task addresses",
        calls=("asyncio.wait", "asyncio.as_completed"),
        advice="Use `workflow.wait` or `workflow.as_completed`, or go over the list of tasks that you "
        "passed in.",
    ),
    Replacement(
        condition="warm process",
        advice="Keep state on the workflow's `self`, not in module globals, on classes or in caches.",
    ),
    Replacement(condition="wall clock", calls=("datetime",), use=("workflow.now()",)),
    Replacement(condition="wall clock", calls=("time",), use=("workflow.now()", "workflow.time()")),
    Replacement(
        condition="time zone",
        advice="Use `workflow.now()`, which is UTC, and a zone that is named in the code or passed in.",
    ),
    Replacement(
        condition="environment",
        calls=("os.environ", "os.environb", "os.getenv", "os.getenvb"),
        advice=_WITH_ARGUMENT,
    ),
    Replacement(
        condition="host name",
        calls=("socket.gethostname", "socket.getfqdn", "platform.node", "os.uname"),
        advice=_WITH_ARGUMENT,
    ),
    Replacement(
        condition="working directory",
        calls=("os.getcwd", "os.getcwdb", "pathlib.Path.cwd"),
        advice="Pass the path as an argument of the workflow, or read it in an activity.",
    ),
    Replacement(
        condition="random seed", calls=("random", "secrets", "os.urandom"), use=("workflow.random()",)
    ),
    Replacement(condition="random seed", calls=("uuid",), use=("workflow.uuid4()",)),
    Replacement(
        condition="is_replaying",
        calls=("temporalio.workflow.unsafe.is_replaying",),
        advice="Ask for the same commands whatever it answers; it is for logs and metrics only.",
    ),
    Replacement(
        condition="thread timing",
        calls=("threading",),
        advice="Use asyncio tasks of the workflow, or do the work in an activity.",
    ),
    Replacement(
        condition="blocking",
        calls=("time.sleep",),
        advice="Use `await workflow.sleep(...)` (or asyncio.sleep), which is a timer of the workflow.",
    ),
    Replacement(
        condition="outside world",
        calls=(
            *(
                "__builtins__.open",
                "__builtins__.input",
                "asyncio.to_thread",
                "io",
                "os",
                "pathlib",
                "shutil",
            ),
            *("subprocess", "socket", "http", "urllib", "requests", "httpx", "aiohttp"),
        ),
        advice="Do it in an activity, whose result is recorded.",
    ),
    Replacement(
        condition="debugger",
        calls=("__builtins__.breakpoint",),
        advice="Replay with `pytest --replay-debug`, which lets breakpoint() through.",
    ),
)
"""What the sandbox refuses and what a perturbed run changes, that in the order in which it is reported."""


def cure_of_call(name: str) -> str:
    """What to do about a call that is not replay-safe.

    Args:
        name: Its dotted name, as the sandbox has it in "Cannot access X from inside a workflow": such as
            `random.randint.__call__`. The longest name of the table that it lies in counts.

    Returns:
        A sentence; for a call that the table does not have, how to find out whether it is replay-safe.
    """
    fitting = [
        (len(prefix), row.cure)
        for row in REPLACEMENTS
        for prefix in row.calls
        if name == prefix or name.startswith(f"{prefix}.")
    ]
    if fitting:
        return max(fitting)[1]
    module = name.split(".")[0]
    return (
        f"If {module} does the same in every replay, import it under "
        "`with workflow.unsafe.imports_passed_through():`; if not, call it in an activity."
    )


def cure_of_condition(condition: str) -> str:
    """What to do about code that depends on a condition, whatever the call.

    Args:
        condition: As the table names it, such as `wall clock`.

    Raises:
        KeyError: The table has no such condition.
    """
    rows = [row for row in REPLACEMENTS if row.condition == condition]
    if not rows:
        raise KeyError(condition)
    return rows[0].advice or _use(tuple(dict.fromkeys(call for row in rows for call in row.use)))


def _use(calls: tuple[str, ...]) -> str:
    which = "which is" if len(calls) == 1 else "which are"
    return f"Use {' or '.join(f'`{call}`' for call in calls)}, {which} the same again in a replay."
