"""Presets of strict mode: what is noise by nature in the payloads of a framework, as a table of fields.

Found by replays of recorded runs, not by guess: `tests/agents` replays each framework, and fails where one of
its fields is not needed, or where another one is.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["PRESETS"]

PRESETS: Mapping[str, tuple[str, ...]] = {
    "pydantic-ai": (
        "activity.arguments[*].messages[*].timestamp",
        "activity.arguments[*].messages[*].parts[*].timestamp",
        "activity.arguments[*].serialized_run_context.active_capability_ids[*]",
    ),
    "langgraph": (
        "activity.arguments[*].langgraph_config.configurable.__pregel_task_id",
        "activity.arguments[*].langgraph_config.configurable.checkpoint_map",
        "activity.arguments[*].langgraph_config.configurable.checkpoint_ns",
        "activity.arguments[*].langgraph_config.execution_info.checkpoint_id",
        "activity.arguments[*].langgraph_config.execution_info.checkpoint_ns",
        "activity.arguments[*].langgraph_config.execution_info.node_first_attempt_time",
        "activity.arguments[*].langgraph_config.execution_info.task_id",
        "activity.arguments[*].langgraph_config.metadata.langgraph_checkpoint_ns",
    ),
    "strands-agents": ("activity.arguments[*].invocation_state.messages[*].tracking_id",),
    "deepagents": ("activity.arguments[*].messages[*].kwargs.id",),
}
"""By name, fields with ids and clock times that the framework makes up in each run.

`[*]` stands for any entry of a list, and for nothing else: a user's own `timestamp` deeper in a message is
compared. A field covers what lies inside it too.
"""
