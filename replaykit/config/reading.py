"""Reads `[tool.replaykit]` of a pyproject.toml; an error names the place in it."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from replaykit.config.config import (
    DEFAULT_TIMEOUT_S,
    Config,
    ExploreConfig,
    GateConfig,
    StrictPolicy,
    StrictRules,
    Waiver,
    WorkerConfig,
    is_deadline,
)
from replaykit.config.key import KeyTable
from replaykit.config.keys import (
    EXPLORE,
    GATE,
    LEVEL_KEYS,
    LEVELS,
    LIMITS,
    SHARED,
    STRICT,
    STRICT_OF_WORKFLOW,
    TOP,
    WAIVER,
    WORKER,
)
from replaykit.config.kinds import Kind
from replaykit.config.presets import PRESETS
from replaykit.config.requirements import parse_requirement
from replaykit.config.strict_fields import STRICT_FIELDS
from replaykit.errors import ConfigError
from replaykit.limits import Limits
from replaykit.verdict import Severity

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["find_pyproject", "load_config"]


def find_pyproject(start: Path) -> Path | None:
    """The nearest pyproject.toml in a folder or above it."""
    for folder in (start, *start.parents):
        candidate = folder / "pyproject.toml"
        if candidate.is_file():
            return candidate
    return None


def load_config(start: Path | None = None) -> Config:
    """Read the nearest pyproject.toml.

    Args:
        start: Folder to start from, or a pyproject.toml itself; the current folder by default.

    Returns:
        The Config; one of defaults where no pyproject.toml has a `[tool.replaykit]` table.

    Raises:
        ConfigError: Not TOML, an unknown key, or a value of the wrong kind.

    Example:
        config = load_config(Path("services/orders"))
        print(config.histories)
    """
    start = (start or Path.cwd()).resolve()
    path = start if start.is_file() else find_pyproject(start)
    if path is None:
        return Config(root=start, histories=(start / "histories",))
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"not valid TOML: {error}", where=str(path), cure="Correct the file.") from error
    tools = document.get("tool", {})
    if not isinstance(tools, Mapping):
        raise ConfigError("expected a table", where=f"{path}: tool", cure="Write it as [tool.NAME].")
    table = tools.get("replaykit")
    root = path.parent
    if table is None:
        return Config(root=root, histories=(root / "histories",))
    return _Reader(path).config(table)


_PLAIN: Mapping[Kind, tuple[str, type]] = {
    Kind.STRING: ("string", str),
    Kind.BOOL: ("bool", bool),
    Kind.TABLES: ("table", list),
    Kind.TABLE: ("table", Mapping),
}
"""What is read as it is: its name in a message, and its type."""
_LARGEST_LIMIT = 1_000_000_000
_NOT_STRICT = (False, StrictPolicy())
_SANDBOXES = ("warm", "fresh")
_SEVERITIES = f"Write one of {', '.join(repr(severity.value) for severity in Severity)}."


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns the table into values; an error names the key."""

    path: Path

    def config(self, table: Mapping[str, Any]) -> Config:
        values = self._checked(table, TOP, "tool.replaykit")
        root = self.path.parent
        shared = {key.name: values[key.name] for key in SHARED if key.name in values}
        tables = values.get("worker", ())
        workers = tuple(self._worker(entry, index, shared) for index, entry in enumerate(tables))
        names = [worker.name for worker in workers]
        for name in names:
            if names.count(name) > 1:
                raise self._error("tool.replaykit.worker", f"two workers are named {name!r}", "Rename one.")
        return Config(
            root=root,
            file=self.path,
            histories=tuple(root / entry for entry in values.get("histories", ("histories",))),
            strict=values.get("strict", _NOT_STRICT)[0],
            strict_policy=values.get("strict", _NOT_STRICT)[1],
            require_fixtures=values.get("require_fixtures", False),
            timeout_s=values.get("timeout", DEFAULT_TIMEOUT_S),
            blame=values.get("blame", True),
            changed=values.get("changed", False),
            warm=values.get("sandbox", "warm") == "warm",
            jobs=values.get("jobs"),
            workers=workers or (WorkerConfig(**shared),),
            shared=WorkerConfig(**shared),
            explore=self._explore(values.get("explore", {})),
            gate=values.get("gate", GateConfig()),
            limits=Limits(**values.get("limits", {})),
        )

    def _strict(self, value: Any, where: str) -> tuple[bool, StrictPolicy]:
        """`strict = true`, or a table: one without `enabled` switches strict mode on."""
        if isinstance(value, bool):
            return value, StrictPolicy()
        if not isinstance(value, Mapping):
            raise self._error(where, f"expected true, false or a table, got {value!r}", "Correct the value.")
        values = self._checked(value, STRICT, where)
        rules = StrictRules(**{key: values[key] for key in STRICT_OF_WORKFLOW.kinds if key in values})
        workflows = {}
        for name, table in values.get("workflows", {}).items():
            own = self._checked(table, STRICT_OF_WORKFLOW, f"{where}.workflows.{name}")
            workflows[name] = StrictRules(
                ignore=(*rules.ignore, *own.get("ignore", ())),
                presets=tuple(dict.fromkeys((*rules.presets, *own.get("presets", ())))),
                fail_on=own.get("fail_on", rules.fail_on),
            )
        return values.get("enabled", True), StrictPolicy(rules=rules, workflows=workflows)

    def _explore(self, values: Mapping[str, Any]) -> ExploreConfig:
        learn = tuple(self.path.parent / entry for entry in values.get("learn", ()))
        return ExploreConfig(**{**values, "learn": learn})

    def _gate(self, value: Any, where: str) -> GateConfig:
        values = self._checked(value, GATE, where)
        waivers = []
        for index, table in enumerate(values.get("waiver", ())):
            place = f"{where}.waiver[{index}]"
            waiver = self._checked(table, WAIVER, place)
            for key in ("reason", "until"):
                if key not in waiver:
                    raise self._error(place, f"a waiver needs {key!r}", "Give its reason and its last day.")
            if not {"rule", "history", "workflow"} & set(waiver):
                raise self._error(place, "it waives everything", "Name a rule, a history or a workflow.")
            waivers.append(Waiver(**waiver))
        return GateConfig(
            base=values.get("base"),
            levels={key: values[key] for key in LEVEL_KEYS if key in values},
            min_commands=values.get("min_commands", 1),
            requires=values.get("requires", ()),
            waivers=tuple(waivers),
        )

    def _fields(self, value: Any, where: str) -> tuple[str, ...]:
        patterns: tuple[str, ...] = self._value(value, Kind.STRINGS, where)
        for pattern in patterns:
            first = pattern.partition(".")[0].partition("[")[0]
            if "*" not in first and first not in STRICT_FIELDS:
                close = difflib.get_close_matches(first, STRICT_FIELDS, n=1)
                cure = f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(STRICT_FIELDS)}."
                raise self._error(where, f"no field of strict mode begins with {first!r}", cure)
        return patterns

    def _presets(self, value: Any, where: str) -> tuple[str, ...]:
        names: tuple[str, ...] = self._value(value, Kind.STRINGS, where)
        for name in names:
            if name not in PRESETS:
                close = difflib.get_close_matches(name, PRESETS, n=1)
                cure = f"Did you mean {close[0]!r}? " if close else ""
                known = f"{cure}There are: {', '.join(PRESETS)}."
                raise self._error(where, f"no preset is named {name!r}", known)
        return names

    def _requirements(self, value: Any, where: str) -> tuple[str, ...]:
        texts: tuple[str, ...] = self._value(value, Kind.STRINGS, where)
        for text in texts:
            try:
                parse_requirement(text)
            except ValueError as error:
                what = f"{text!r} is nothing that a fixture can show"
                raise self._error(where, what, str(error)) from None
        return texts

    def _worker(self, table: Any, index: int, shared: Mapping[str, Any]) -> WorkerConfig:
        where = f"tool.replaykit.worker[{index}]"
        if not isinstance(table, Mapping):
            raise self._error(where, "expected a table", "Write it as [[tool.replaykit.worker]].")
        values = self._checked(table, WORKER, where)
        if "name" not in values:
            raise self._error(where, "a worker needs a name", 'Add a line such as name = "billing".')
        return WorkerConfig(**{**shared, **values})

    def _checked(self, table: Any, known: KeyTable, where: str) -> dict[str, Any]:
        if not isinstance(table, Mapping):
            raise self._error(where, "expected a table", f"Write it as [{where}].")
        kinds = known.kinds
        values: dict[str, Any] = {}
        for key, value in table.items():
            if key not in kinds:
                close = difflib.get_close_matches(key, kinds, n=1)
                cure = f"Did you mean {close[0]!r}?" if close else f"Known keys: {', '.join(kinds)}."
                raise self._error(f"{where}.{key}", "unknown key", cure)
            values[key] = self._value(value, kinds[key], f"{where}.{key}")
        return values

    def _value(self, value: Any, kind: Kind, where: str) -> Any:
        if kind is Kind.STRINGS:
            if isinstance(value, str):
                raise self._error(where, "expected a list of strings", f'Write it as ["{value}"].')
            if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
                return tuple(value)
            raise self._error(where, f"expected a list of strings, got {value!r}", "Correct the value.")
        if kind is Kind.SECONDS:
            if isinstance(value, (int, float)) and not isinstance(value, bool) and is_deadline(value):
                return float(value)
            raise self._error(
                where, f"expected a positive number of seconds, got {value!r}", "Correct the value."
            )
        if kind is Kind.STRICT:
            return self._strict(value, where)
        if kind is Kind.EXPLORE:
            return self._checked(value, EXPLORE, where)
        if kind is Kind.LIMITS:
            return self._checked(value, LIMITS, where)
        if kind is Kind.GATE:
            return self._gate(value, where)
        if kind is Kind.LEVEL:
            if value in LEVELS:
                return value
            raise self._error(where, f"expected a level, got {value!r}", f"Levels: {', '.join(LEVELS)}.")
        if kind is Kind.COUNT:
            if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
                return value
            raise self._error(where, f"expected a whole number, got {value!r}", "Correct the value.")
        if kind is Kind.LIMIT:
            if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST_LIMIT:
                return value
            raise self._error(where, f"expected a whole number above 0, got {value!r}", "Correct the value.")
        if kind is Kind.DATE:
            if isinstance(value, date) and not isinstance(value, datetime):
                return value
            raise self._error(where, f"expected a date, got {value!r}", "Write it as 2026-12-31, unquoted.")
        if kind is Kind.REQUIREMENTS:
            return self._requirements(value, where)
        if kind is Kind.PRESETS:
            return self._presets(value, where)
        if kind is Kind.FIELDS:
            return self._fields(value, where)
        if kind is Kind.SANDBOX:
            if value in _SANDBOXES:
                return value
            raise self._error(where, f"expected a sandbox, got {value!r}", "Write 'warm' or 'fresh'.")
        if kind is Kind.SEVERITY:
            if value in list(Severity):
                return Severity(value)
            raise self._error(where, f"expected a severity, got {value!r}", _SEVERITIES)
        name, expected = _PLAIN[kind]
        if not isinstance(value, expected):
            raise self._error(where, f"expected a {name}, got {value!r}", "Correct the value.")
        return value

    def _error(self, where: str, what: str, cure: str) -> ConfigError:
        return ConfigError(what, where=f"{self.path}: {where}", cure=cure)
