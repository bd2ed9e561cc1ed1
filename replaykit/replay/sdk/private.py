"""Every private name of temporalio that replaykit uses, and the error for one that it needs."""

from __future__ import annotations

from importlib.metadata import version

from replaykit.errors import ReplaykitError

__all__ = ["PRIVATE_NAMES", "changed_internals"]

PRIVATE_NAMES = frozenset(
    {
        # definitions.py
        "__temporal_workflow_definition",
        "__temporal_activity_definition",
        "__temporal_main__",
        # envelopes.py
        "__temporal_system_payload",
        # instance.py
        "_Runtime",
        "_add_command",
        "_convert_payloads",
        "_register_task",
        "create_future",
        "create_task",
        "workflow_patch",
        "workflow_random",
        "workflow_is_replaying",
        "workflow_is_replaying_history_events",
        "_buffered_signals",
        "_signals",
        "_updates",
        "_queries",
        "_primary_task",
        "_tasks",
        "_task",
        # replayer.py
        "_replayer",
        "_WorkflowWorker",
        "nondeterminism_as_workflow_fail",
        "nondeterminism_as_workflow_fail_for_types",
        "_deadlock_timeout_seconds",
        "_debugger",
        "_relax_sandbox_for_debugger",
        # sandbox.py
        "_Instance",
        "_create_instance",
        "_run_code",
        "__temporal_state",
    }
)
"""No module outside this folder may use one of them; `tests/test_house.py` looks."""


def changed_internals(name: str) -> ReplaykitError:
    """The error for a release of temporalio in which a name is missing that replaykit cannot work without.

    Args:
        name: The name, or what needs it, for a bug report.
    """
    release = ".".join(version("temporalio").split(".")[:2])
    return ReplaykitError(
        f"temporalio {release} changed internals that replaykit needs ({name})",
        cure="Upgrade replaykit: pip install --upgrade temporal-replaykit. If that changes nothing, use an "
        f'earlier temporalio: pip install "temporalio<{release}".',
    )
