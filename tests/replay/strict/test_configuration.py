"""[tool.replaykit.strict], as it is written and as it goes wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from replaykit.config import Config, StrictPolicy, StrictRules, load_config
from replaykit.errors import ConfigError
from replaykit.verdict import Severity


def load(root: Path, text: str) -> Config:
    (root / "pyproject.toml").write_text(text, encoding="utf-8")
    return load_config(root)


def test_every_key(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """
        [tool.replaykit.strict]
        ignore = ["activity.task_queue", "timer.*", "*.summary", "activity.arguments[0].at"]
        fail_on = "cosmetic"

        [tool.replaykit.strict.workflows.OrderWorkflow]
        ignore = ["memo"]

        [tool.replaykit.strict.workflows."billing.Invoice"]
        fail_on = "behavioural"
        """,
    )
    ignore = ("activity.task_queue", "timer.*", "*.summary", "activity.arguments[0].at")
    assert config.strict
    policy = config.strict_policy
    assert policy.rules == StrictRules(ignore=ignore, fail_on=Severity.COSMETIC)
    assert policy.of("OrderWorkflow") == StrictRules(ignore=(*ignore, "memo"), fail_on=Severity.COSMETIC)
    assert policy.of("billing.Invoice") == StrictRules(ignore=ignore)
    assert policy.of("Another") == policy.rules


@pytest.mark.parametrize(
    ("text", "strict"),
    [
        ("[tool.replaykit]\nstrict = true", True),
        ("[tool.replaykit]\nstrict = false", False),
        ("[tool.replaykit.strict]", True),
        ("[tool.replaykit.strict]\nenabled = false\nignore = ['timer']", False),
        ("[tool.replaykit]\nhistories = ['h']", False),
        ("[tool.other]", False),
    ],
)
def test_when_it_is_on(text: str, strict: bool, tmp_path: Path) -> None:
    assert load(tmp_path, text).strict is strict


def test_a_policy_that_is_off_holds_once_it_is_asked_for(tmp_path: Path) -> None:
    config = load(tmp_path, "[tool.replaykit.strict]\nenabled = false\nignore = ['timer']")
    assert config.strict_policy == StrictPolicy(rules=StrictRules(ignore=("timer",)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.replaykit]\nstrict = 1", "tool.replaykit.strict: expected true, false or a table, got 1"),
        (
            "[tool.replaykit.strict]\nignored = ['timer']",
            "tool.replaykit.strict.ignored: unknown key. Did you mean 'ignore'?",
        ),
        ("[tool.replaykit.strict]\nignore = 'timer'", "strict.ignore: expected a list of strings"),
        (
            "[tool.replaykit.strict]\nignore = ['activty.task_queue']",
            "strict.ignore: no field of strict mode begins with 'activty'. Did you mean 'activity'?",
        ),
        ("[tool.replaykit.strict]\nignore = ['xyz']", "There are: activity, cancel_activity, "),
        ("[tool.replaykit.strict]\nenabled = 'no'", "strict.enabled: expected a bool, got 'no'"),
        (
            "[tool.replaykit.strict]\nfail_on = 'all'",
            "strict.fail_on: expected a severity, got 'all'. Write one of 'behavioural', 'cosmetic'.",
        ),
        ("[tool.replaykit.strict]\nfail_on = [1]", "strict.fail_on: expected a severity, got [1]"),
        ("[tool.replaykit.strict]\nworkflows = ['A']", "strict.workflows: expected a table, got ['A']"),
        ("[tool.replaykit.strict.workflows]\nA = 1", "strict.workflows.A: expected a table"),
        (
            "[tool.replaykit.strict.workflows.A]\nenabled = false",
            "strict.workflows.A.enabled: unknown key",
        ),
        (
            "[tool.replaykit.strict.workflows.A]\nignore = ['time.x']",
            "strict.workflows.A.ignore: no field of strict mode begins with 'time'. Did you mean 'timer'?",
        ),
    ],
)
def test_mistakes_say_where_and_what_to_do(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert str(tmp_path / "pyproject.toml") in str(caught.value)
    assert message in str(caught.value)
