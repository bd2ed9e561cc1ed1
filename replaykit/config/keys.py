"""Every key of `[tool.replaykit]`: the table that reading goes by and that `replaykit help config` prints."""

from __future__ import annotations

from replaykit.config.config import DEFAULT_TIMEOUT_S
from replaykit.config.key import Key, KeyTable
from replaykit.config.kinds import Kind
from replaykit.config.levels import LEVEL_MEANINGS
from replaykit.config.presets import PRESETS
from replaykit.config.requirements import REQUIREMENTS
from replaykit.limits import DEFAULT_LIMITS

__all__ = [
    "EXPLORE",
    "GATE",
    "KEY_TABLES",
    "LEVELS",
    "LEVEL_KEYS",
    "LIMITS",
    "SHARED",
    "STRICT",
    "STRICT_OF_WORKFLOW",
    "TOP",
    "WAIVER",
    "WORKER",
]

LEVELS = ("fail", "warn", "ignore")

SHARED = (
    Key(
        name="workflows",
        kind=Kind.STRINGS,
        default="[]",
        meaning="Workflow code: `module`, scanned for @workflow.defn classes, or `module:Class`.",
        twin="--workflows MODULE[:CLASS]; pytest --replay-workflows",
    ),
    Key(
        name="data_converter",
        kind=Kind.STRING,
        meaning="`module:attribute` of the DataConverter that the worker's client has.",
    ),
    Key(
        name="interceptors",
        kind=Kind.STRINGS,
        default="[]",
        meaning="`module:attribute` of each of the worker's interceptors, a class or an object.",
    ),
    Key(
        name="plugins",
        kind=Kind.STRINGS,
        default="[]",
        meaning="`module:attribute` of each of the worker's plugins, a class or an object.",
    ),
    Key(
        name="workflow_runner",
        kind=Kind.STRING,
        meaning="`module:attribute` of the worker's workflow runner; without it the SDK's sandbox.",
    ),
    Key(
        name="workflow_failure_exception_types",
        kind=Kind.STRINGS,
        default="[]",
        meaning="`module:Class` of each exception that fails a workflow, as the worker is given them.",
    ),
    Key(
        name="path",
        kind=Kind.STRINGS,
        default="[]",
        meaning="Folders that modules are imported from first, relative to this pyproject.toml.",
    ),
    Key(
        name="setup",
        kind=Kind.STRING,
        meaning="`module:function`, called once before any other code of the project is imported.",
    ),
)
"""What every worker is given, and what one worker can have of its own."""

TOP = KeyTable(
    heading="[tool.replaykit]",
    about="The project. The keys of workers that stand here hold for every worker that has none of its own.",
    keys=(
        Key(
            name="histories",
            kind=Kind.STRINGS,
            default='["histories"]',
            meaning="Folders and files of fixtures, relative to this pyproject.toml.",
            twin="PATH of replay and gate; --out of capture; pytest --replay-histories",
        ),
        Key(
            name="strict",
            kind=Kind.STRICT,
            default="false",
            meaning="Whether the attributes of every command are compared too; or the table below.",
            twin="--strict, --no-strict; pytest --replay-strict",
        ),
        Key(
            name="require_fixtures",
            kind=Kind.BOOL,
            default="false",
            meaning="Whether a check fails where a workflow has no fixture at all.",
            twin="--require-fixtures; pytest --replay-require-fixtures",
        ),
        Key(
            name="timeout",
            kind=Kind.SECONDS,
            default=f"{DEFAULT_TIMEOUT_S:g}",
            meaning="Deadline of one replay; past it the verdict is timed_out.",
            twin="--timeout SECONDS; pytest --replay-timeout",
        ),
        Key(
            name="sandbox",
            kind=Kind.SANDBOX,
            default='"warm"',
            meaning="Whether a sandbox keeps the modules that it has imported for the next run, as long as "
            "no run is found to have left anything in them (warm), or each run imports its own (fresh).",
            twin="--sandbox warm, --sandbox fresh",
        ),
        Key(
            name="changed",
            kind=Kind.BOOL,
            default="false",
            meaning="Whether a replay keeps its verdicts in the user's cache folder, and judges a history "
            "again only where something has changed that its verdict can depend on.",
            twin="--changed, --no-changed; pytest --replay-changed",
        ),
        Key(
            name="blame",
            kind=Kind.BOOL,
            default="true",
            meaning="Whether git is asked since which commit a history does not replay, for 20 s at most.",
            twin="--blame, --no-blame",
        ),
        Key(
            name="jobs",
            kind=Kind.LIMIT,
            meaning="In how many processes replay and gate judge; without it as many as there are cores, as "
            "long as another one pays for itself.",
            twin="--jobs N; pytest -n N of pytest-xdist",
        ),
        Key(
            name="worker",
            kind=Kind.TABLES,
            default="[]",
            meaning="One table for each worker, where there are several.",
            twin="--worker NAME; pytest --replay-worker",
        ),
        *SHARED,
        Key(name="explore", kind=Kind.EXPLORE, default="{}", meaning="What grown histories are made of."),
        Key(name="gate", kind=Kind.GATE, default="{}", meaning="What holds a change back."),
        Key(name="limits", kind=Kind.LIMITS, default="{}", meaning="How large a history may be."),
    ),
)
WORKER = KeyTable(
    heading="[[tool.replaykit.worker]]",
    about="One worker of several: a workflow type name is unique within one worker only.",
    keys=(
        Key(
            name="name",
            kind=Kind.STRING,
            required=True,
            meaning="What it is called in reports; a folder of that name below histories holds its fixtures.",
            twin="--worker NAME; pytest --replay-worker",
        ),
        Key(
            name="task_queues",
            kind=Kind.STRINGS,
            default="[]",
            meaning='Patterns of the task queues that it polls, such as "billing-*"; none for any.',
        ),
        *SHARED,
    ),
)
_STRICT_RULES = (
    Key(
        name="ignore",
        kind=Kind.FIELDS,
        default="[]",
        meaning='Patterns of attributes that are not compared, such as "activity.task_queue" or "timer.*".',
    ),
    Key(
        name="presets",
        kind=Kind.PRESETS,
        default="[]",
        meaning="Frameworks whose workflows put new ids and clock times into payloads in each run: these "
        f"attributes are not compared, and counted in reports. There are: {', '.join(PRESETS)}.",
    ),
    Key(
        name="fail_on",
        kind=Kind.SEVERITY,
        default='"behavioural"',
        meaning="The least severity that makes a history drifted; what is below is listed alone.",
    ),
)
STRICT = KeyTable(
    heading="[tool.replaykit.strict]",
    about="What strict mode compares. The table switches it on.",
    keys=(
        Key(
            name="enabled",
            kind=Kind.BOOL,
            default="true",
            meaning="Whether strict mode is on; false keeps the rules for runs with --strict.",
            twin="--strict, --no-strict; pytest --replay-strict",
        ),
        Key(
            name="workflows",
            kind=Kind.TABLE,
            default="{}",
            meaning="By workflow type, rules of its own; their patterns and presets are added to those here.",
        ),
        *_STRICT_RULES,
    ),
)
STRICT_OF_WORKFLOW = KeyTable(
    heading="[tool.replaykit.strict.workflows.WORKFLOW_TYPE]",
    about="The rules for one workflow type.",
    keys=_STRICT_RULES,
)
LEVEL_KEYS = tuple(name for name, _, _ in LEVEL_MEANINGS)
"""Keys of the gate that set the level of an issue."""
GATE = KeyTable(
    heading="[tool.replaykit.gate]",
    about="The policy of `replaykit gate`.",
    keys=(
        Key(
            name="base",
            kind=Kind.STRING,
            meaning="Revision to judge against; found by itself in CI and in a clone.",
            twin="--base REV",
        ),
        *(
            Key(name=name, kind=Kind.LEVEL, default=f'"{level}"', meaning=meaning)
            for name, level, meaning in LEVEL_MEANINGS
        ),
        Key(
            name="min_commands",
            kind=Kind.COUNT,
            default="1",
            meaning="A gate that compares fewer commands fails with exit code 2.",
        ),
        Key(
            name="requires",
            kind=Kind.REQUIREMENTS,
            default="[]",
            meaning="What a fixture has to show, else the gate fails; `requires` in a fixture's metadata "
            f"asks for the same. {'; '.join(f'`{form}`: {what}' for form, what in REQUIREMENTS.items())}.",
        ),
        Key(name="waiver", kind=Kind.TABLES, default="[]", meaning="One table for each agreement."),
    ),
)
WAIVER = KeyTable(
    heading="[[tool.replaykit.gate.waiver]]",
    about="An agreement that something may stay as it is for a while. At least one of rule, history and "
    "workflow names what.",
    keys=(
        Key(
            name="rule",
            kind=Kind.STRING,
            default='"*"',
            meaning="Pattern of rules, such as new-divergence; see `replaykit help rules`.",
        ),
        Key(
            name="history",
            kind=Kind.STRING,
            default='"*"',
            meaning="Pattern of paths of fixtures, from the folder of pyproject.toml or from the top of the "
            "repository, wherever the gate runs.",
        ),
        Key(name="workflow", kind=Kind.STRING, default='"*"', meaning="Pattern of workflow types."),
        Key(name="reason", kind=Kind.STRING, required=True, meaning="Why it was agreed to."),
        Key(
            name="until",
            kind=Kind.DATE,
            required=True,
            meaning="The last day that it holds, such as 2026-12-31, without quotes.",
        ),
    ),
)
EXPLORE = KeyTable(
    heading="[tool.replaykit.explore]",
    about="What `replaykit explore` grows histories of, beyond what type hints give.",
    keys=(
        Key(name="values", kind=Kind.STRING, meaning="`module:attribute` of a replaykit.explore.Values."),
        Key(
            name="activities",
            kind=Kind.STRINGS,
            default="[]",
            meaning="`module`, scanned for @activity.defn functions, or `module:function`: their return "
            "types are what activities answer.",
        ),
        Key(
            name="learn",
            kind=Kind.STRINGS,
            default="[]",
            meaning="Folders and files of fixtures, relative to this pyproject.toml: results, inputs and "
            "arguments that were recorded there are drawn too, as they are and varied lightly. Where type "
            "hints show nothing (`dict`, `Any`, no hint) they alone are. --from learns from its own runs.",
        ),
    ),
)
LIMITS = KeyTable(
    heading="[tool.replaykit.limits]",
    about="The largest history that is read; a larger one is unjudged (unreadable). A service keeps runs far "
    "below the defaults.",
    keys=(
        Key(
            name="megabytes",
            kind=Kind.LIMIT,
            default=str(DEFAULT_LIMITS.megabytes),
            meaning="Size of one file, and of what is inside of it where it is gzipped.",
        ),
        Key(
            name="events",
            kind=Kind.LIMIT,
            default=str(DEFAULT_LIMITS.events),
            meaning="Events of one history.",
        ),
        Key(
            name="event_megabytes",
            kind=Kind.LIMIT,
            default=str(DEFAULT_LIMITS.event_megabytes),
            meaning="Size of one event with all its payloads.",
        ),
    ),
)

KEY_TABLES = (TOP, WORKER, STRICT, STRICT_OF_WORKFLOW, GATE, WAIVER, EXPLORE, LIMITS)
"""All of them, in the order in which they are shown."""
