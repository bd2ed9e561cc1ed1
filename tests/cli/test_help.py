"""`replaykit help`: the reference is all of what the code goes by, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import click
import pytest

from replaykit.check.mutation import MutationKind
from replaykit.cli import cli
from replaykit.cli.reference import TOPICS, lines_of
from replaykit.config import (
    Config,
    ExploreConfig,
    GateConfig,
    StrictRules,
    Waiver,
    WorkerConfig,
    load_config,
)
from replaykit.config.key import Key, KeyTable
from replaykit.config.keys import (
    EXPLORE,
    GATE,
    KEY_TABLES,
    LEVEL_KEYS,
    STRICT,
    STRICT_OF_WORKFLOW,
    TOP,
    WAIVER,
    WORKER,
)
from replaykit.config.kinds import Kind
from replaykit.errors import ConfigError
from replaykit.gate.against_base import RULES as GATE_RULES
from replaykit.gate.against_base import Levels
from replaykit.patches.patch import State, Took
from replaykit.perturb.axes import AXES
from replaykit.report.report_issues import RULES as REPLAY_RULES
from replaykit.verdict import Outcome, Reason, Severity
from replaykit.words import Word
from tests.conftest import RunReplaykit


def text_of(topic: str) -> str:
    return "\n".join(lines_of(TOPICS[topic].sections(cli))) + "\n"


def terms_of(topic: str) -> list[str]:
    """The terms that a topic explains, in order."""
    return re.findall(r"^  (\S.*)$", text_of(topic), re.MULTILINE)


def test_topics_are_listed(run_replaykit: RunReplaykit) -> None:
    done = run_replaykit("help")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.findall(r"^  (\S+) ", done.stdout, re.MULTILINE) == list(TOPICS)
    root = run_replaykit("--help")
    assert "replaykit help" in root.stdout


@pytest.mark.sampled(3)
@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.thinned(4)
def test_every_topic_is_printed_and_fits(topic: str, run_replaykit: RunReplaykit) -> None:
    done = run_replaykit("help", topic)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", text_of(topic))
    assert [line for line in done.stdout.splitlines() if len(line) > 100] == []


@pytest.mark.parametrize(
    ("topic", "message"),
    [
        ("confg", "no topic 'confg'. Did you mean 'config'?"),
        ("xyzzy", f"no topic 'xyzzy'. Topics: {', '.join(TOPICS)}."),
        ("replay", "'replay' is a command, not a topic: replaykit replay --help"),
    ],
)
def test_no_such_topic(topic: str, message: str, run_replaykit: RunReplaykit) -> None:
    done = run_replaykit("help", topic)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_the_configuration_loads_nothing_heavy() -> None:
    probe = (
        "import sys\nfrom replaykit.cli import cli\n"
        "cli.main(['help', 'config'], prog_name='replaykit', standalone_mode=False)\n"
        "heavy = [m for m in sys.modules if m.split('.')[0] in ('temporalio', 'rich', 'google', 'pytest')]\n"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "[tool.replaykit]" in done.stdout


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("outcomes", [*Outcome, *Severity]),
        ("reasons", [*Reason]),
        ("patches", [*State, *Took]),
        ("mutations", [*MutationKind]),
    ],
)
def test_every_word_has_its_meaning(topic: str, words: list[Word]) -> None:
    assert terms_of(topic) == [str(word) for word in words]
    text = " ".join(text_of(topic).split())
    for word in words:
        assert word.meaning
        assert word.meaning in text
        assert word.cure is None or f"cure: {word.cure}" in text


def test_every_reason_and_state_has_a_cure() -> None:
    assert [word for word in (*Reason, *State) if not word.cure] == []


def test_every_rule_and_axis() -> None:
    assert terms_of("rules") == [*GATE_RULES, *REPLAY_RULES]
    assert terms_of("axes") == list(AXES)


def test_every_state_is_in_the_help_of_patches(run_replaykit: RunReplaykit) -> None:
    text = run_replaykit("patches", "--help").stdout
    assert [state for state in State if not re.search(rf"^  {state}  ", text, re.MULTILINE)] == []


def test_commands_with_exit_codes_and_reports() -> None:
    assert {"replaykit replay", "replaykit gate", "replaykit explore", "replaykit capture"} <= set(
        terms_of("exit-codes")
    )
    formats = text_of("formats")
    for command in ("replay", "gate"):
        part = formats.split(f"replaykit {command}\n")[1].split("\nreplaykit ")[0]
        for option in ("json", "sarif", "junit", "gitlab", "markdown", "github"):
            assert f"\n  --{option}" in part, (command, option)


# Configuration: the table against the values that it is read into, and against reading itself.


def sections() -> dict[str, list[str]]:
    """By heading of a table, the keys that `help config` shows."""
    found: dict[str, list[str]] = {}
    for line in text_of("config").splitlines():
        if line.startswith("["):
            found[line] = []
        elif re.match(r"  \S", line):
            list(found.values())[-1].append(line.strip())
    return found


def test_the_help_has_every_table_and_key_and_no_other() -> None:
    assert sections() == {table.heading: [key.name for key in table.keys] for table in KEY_TABLES}


def names(cls: type) -> set[str]:
    return {field.name for field in fields(cls)}


def test_every_configured_value_has_its_key() -> None:
    assert set(WORKER.kinds) == names(WorkerConfig)
    assert set(EXPLORE.kinds) == names(ExploreConfig)
    assert set(STRICT_OF_WORKFLOW.kinds) == names(StrictRules)
    assert set(STRICT.kinds) == {*STRICT_OF_WORKFLOW.kinds, "enabled", "workflows"}
    assert set(WAIVER.kinds) == names(Waiver)
    assert set(GATE.kinds) == (names(GateConfig) - {"levels", "waivers"}) | {*LEVEL_KEYS, "waiver"}
    assert set(LEVEL_KEYS) == names(Levels)
    found = {"root", "file", "narrowed"}  # where it was read, and what the command line made of it
    shared = set(WORKER.kinds) - {"name", "task_queues"}
    read_into = {"timeout_s": "timeout", "workers": "worker", "strict_policy": "strict", "warm": "sandbox"}
    own = {read_into.get(name, name) for name in names(Config) - found - {"shared"}}
    assert set(TOP.kinds) == own | shared


REQUIRED = {"name": '"one"', "reason": '"agreed"', "until": "2026-12-31"}
CASES = [(table, key) for table in KEY_TABLES for key in table.keys]


def document(table: KeyTable, lines: dict[str, str]) -> str:
    """A pyproject.toml with one table, and what else it needs to be read."""
    needed = {key.name: REQUIRED[key.name] for key in table.keys if key.required}
    if table is WAIVER:
        needed["rule"] = '"new-divergence"'
    body = "\n".join(f"{name} = {value}" for name, value in {**needed, **lines}.items())
    return f"{table.heading}\n{body}\n"


def read(root: Path, text: str) -> Config:
    (root / "pyproject.toml").write_text(text, encoding="utf-8")
    return load_config(root)


@pytest.mark.parametrize(("table", "key"), CASES, ids=[f"{table.heading}.{key.name}" for table, key in CASES])
def test_reading_knows_every_key_and_its_default(tmp_path: Path, table: KeyTable, key: Key) -> None:
    """No key takes a list of a list: it is refused for that, not as unknown."""
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, document(table, {key.name: "[[1]]"}))
    assert "unknown key" not in str(caught.value)
    # A level stays as it is written, so that the gate's own defaults cover the rest: see below.
    if (
        key.default is not None
        and key.kind is not Kind.LEVEL
        and not (table is WAIVER and key.name == "rule")
    ):
        assert read(tmp_path, document(table, {key.name: key.default})) == read(tmp_path, document(table, {}))


def test_levels_of_the_gate_have_the_defaults_of_the_table() -> None:
    defaults = {key.name: (key.default or "").strip('"') for key in GATE.keys if key.name in LEVEL_KEYS}
    assert Levels.of(defaults) == Levels()


def test_the_twins_on_the_command_line_are_there(pytestconfig: pytest.Config) -> None:
    commands = [cli.get_command(click.Context(cli), name) for name in cli.list_commands(click.Context(cli))]
    ours = {opt for each in commands if each for o in each.params for opt in (*o.opts, *o.secondary_opts)}
    for table in KEY_TABLES:
        for key in table.keys:
            named = set(re.findall(r"--[a-z-]+", key.twin or ""))
            of_pytest = {name for name in named if name.startswith("--replay-")}
            assert named - of_pytest <= ours, (key.name, named - of_pytest - ours)
            for option in of_pytest:
                pytestconfig.getoption(
                    option.removeprefix("--").replace("-", "_")
                )  # ValueError: no such option
            assert (key.twin is None) == (not named), key.name
