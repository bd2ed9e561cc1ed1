"""What replaces a call that the workflow sandbox refuses."""

from __future__ import annotations

__all__ = ["replacement_for"]

_ACTIVITY = "Do it in an activity, whose result is recorded."
_REPLACEMENTS = (
    ("time.sleep", "Use `await workflow.sleep(...)` (or asyncio.sleep), which is a timer of the workflow."),
    ("asyncio.to_thread", _ACTIVITY),
    ("datetime.", "Use `workflow.now()`, which is the same again in a replay."),
    ("time.", "Use `workflow.now()` or `workflow.time()`, which are the same again in a replay."),
    ("random.", "Use `workflow.random()`, which is seeded by the run."),
    ("secrets.", "Use `workflow.random()`, which is seeded by the run."),
    ("uuid.", "Use `workflow.uuid4()`, which is the same again in a replay."),
    ("os.urandom", "Use `workflow.random()`, which is seeded by the run."),
    ("os.environ", "Pass it as an argument of the workflow, or read it in an activity."),
    ("os.getenv", "Pass it as an argument of the workflow, or read it in an activity."),
    ("__builtins__.open", _ACTIVITY),
    ("__builtins__.input", _ACTIVITY),
    ("__builtins__.breakpoint", "Replay with `pytest --replay-debug`, which lets breakpoint() through."),
    ("pathlib.", _ACTIVITY),
    ("threading.", "Use asyncio tasks of the workflow, or an activity."),
)


def replacement_for(refused: str) -> str:
    """The replay-safe way, for what the sandbox names in "Cannot access X from inside a workflow".

    Args:
        refused: The dotted name, such as `random.randint.__call__`.
    """
    for prefix, cure in _REPLACEMENTS:
        if refused.startswith(prefix):
            return cure
    module = refused.split(".")[0]
    if module in (
        "socket",
        "http",
        "urllib",
        "requests",
        "httpx",
        "aiohttp",
        "subprocess",
        "os",
        "shutil",
        "io",
    ):
        return _ACTIVITY
    return (
        f"If {module} does the same in every replay, import it under "
        "`with workflow.unsafe.imports_passed_through():`; if not, call it in an activity."
    )
