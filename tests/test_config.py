"""[tool.replaykit], as it is written and as it goes wrong."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from replaykit.config import Config, StrictPolicy, StrictRules, WorkerConfig, load_config
from replaykit.config.strict_fields import STRICT_FIELDS
from replaykit.errors import ConfigError
from replaykit.limits import Limits


def load(root: Path, text: str) -> Config:
    (root / "pyproject.toml").write_text(text, encoding="utf-8")
    return load_config(root)


def test_without_a_pyproject_the_defaults_hold(tmp_path: Path) -> None:
    config = load_config(tmp_path)
    assert config == Config(root=tmp_path, histories=(tmp_path / "histories",))
    assert not config.is_configured


def test_every_key(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """
        [tool.replaykit]
        histories = ["histories", "more/histories"]
        workflows = ["app.workflows", "app.billing:InvoiceWorkflow"]
        data_converter = "app.codec:data_converter"
        interceptors = ["app.tracing:Interceptor"]
        plugins = ["app.plugins:Plugin"]
        workflow_runner = "app.runner:runner"
        workflow_failure_exception_types = ["app.errors:Fatal"]
        strict = true
        timeout = 5
        jobs = 3
        limits = { megabytes = 1, events = 2, event_megabytes = 3 }
        """,
    )
    assert config.file == tmp_path / "pyproject.toml"
    assert config.histories == (tmp_path / "histories", tmp_path / "more" / "histories")
    assert (config.strict, config.timeout_s, config.jobs) == (True, 5.0, 3)
    assert config.limits == Limits(megabytes=1, events=2, event_megabytes=3)
    assert config.workers == (
        WorkerConfig(
            workflows=("app.workflows", "app.billing:InvoiceWorkflow"),
            data_converter="app.codec:data_converter",
            interceptors=("app.tracing:Interceptor",),
            plugins=("app.plugins:Plugin",),
            workflow_runner="app.runner:runner",
            workflow_failure_exception_types=("app.errors:Fatal",),
        ),
    )


def test_workers_inherit_what_they_do_not_set(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """
        [tool.replaykit]
        data_converter = "app.codec:shared"

        [[tool.replaykit.worker]]
        name = "orders"
        task_queues = ["orders"]
        workflows = ["app.orders"]

        [[tool.replaykit.worker]]
        name = "billing"
        task_queues = ["billing-*"]
        workflows = ["app.billing"]
        data_converter = "app.codec:own"
        """,
    )
    orders, billing = config.workers
    assert (orders.data_converter, billing.data_converter) == ("app.codec:shared", "app.codec:own")
    assert billing.polls("billing-eu")
    assert not billing.polls("orders")
    assert config.with_worker("billing").workers[0].workflows == ("app.billing",)


def test_the_nearest_pyproject_above_counts(tmp_path: Path) -> None:
    load(tmp_path, "[tool.replaykit]\nworkflows = ['a']\n")
    below = tmp_path / "deep" / "er"
    below.mkdir(parents=True)
    assert load_config(below).root == tmp_path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[tool.replaykit]\nworkflow = ['a']",
            "tool.replaykit.workflow: unknown key. Did you mean 'workflows'?",
        ),
        (
            "[tool.replaykit]\nworkflows = 'a'",
            'tool.replaykit.workflows: expected a list of strings. Write it as ["a"].',
        ),
        ("[tool.replaykit]\nworkflows = [1]", "expected a list of strings, got [1]"),
        (
            "[tool.replaykit]\nstrict = 'yes'",
            "tool.replaykit.strict: expected true, false or a table, got 'yes'",
        ),
        ("[tool.replaykit]\ntimeout = 0", "expected a positive number of seconds, got 0"),
        ("[tool.replaykit.limits]\nevents = 0", "limits.events: expected a whole number above 0, got 0"),
        ("[tool.replaykit.limits]\nmegabytes = 1e3", "expected a whole number above 0, got 1000.0"),
        ("[tool.replaykit.limits]\nevent_megabytes = true", "expected a whole number above 0, got True"),
        ("[tool.replaykit.limits]\ndepth = 1", "limits.depth: unknown key"),
        ("[tool.replaykit]\ntimeout = true", "expected a positive number of seconds, got True"),
        (
            "[[tool.replaykit.worker]]\nworkflows = ['a']",
            'worker[0]: a worker needs a name. Add a line such as name = "billing".',
        ),
        (
            "[[tool.replaykit.worker]]\nname='a'\n[[tool.replaykit.worker]]\nname='a'",
            "two workers are named 'a'",
        ),
        ("[[tool.replaykit.worker]]\nname='a'\nstrict=true", "worker[0].strict: unknown key"),
        ("tool = 3", "tool: expected a table"),
        ("[tool]\nreplaykit = 3", "tool.replaykit: expected a table"),
        ("[tool.replaykit", "not valid TOML"),
    ],
)
def test_mistakes_say_where_and_what_to_do(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert str(tmp_path / "pyproject.toml") in str(caught.value)
    assert message in str(caught.value)


def test_an_unknown_worker_names_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no worker is named 'x'\. There is: default\."):
        load_config(tmp_path).with_worker("x")


def test_workflows_of_the_command_line_keep_what_all_workers_share(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """
        [tool.replaykit]
        data_converter = "app.codec:shared"

        [[tool.replaykit.worker]]
        name = "orders"
        data_converter = "app.codec:own"

        [[tool.replaykit.worker]]
        name = "billing"
        """,
    )
    (worker,) = config.with_workflows(["app.other"]).workers
    assert (worker.workflows, worker.data_converter) == (("app.other",), "app.codec:shared")


@pytest.mark.parametrize("timeout", ["inf", "nan", "1e300"])
def test_a_timeout_that_cannot_be_waited_for(tmp_path: Path, timeout: str) -> None:
    with pytest.raises(ConfigError, match="expected a positive number of seconds"):
        load(tmp_path, f"[tool.replaykit]\ntimeout = {timeout}\n")


@pytest.mark.parametrize(
    ("ignore", "is_all"),
    [
        (("*",), True),
        (("*.*",), True),
        (STRICT_FIELDS, True),
        (tuple(f"{field}.*" for field in STRICT_FIELDS), True),
        (("[a-m]*", "n*", "s*", "t*", "u*", "w*"), True),
        ((), False),
        (STRICT_FIELDS[1:], False),
        (("*.summary",), False),
        (("activity.task_queue", "timer"), False),
        (tuple(f"{field}.arguments*" for field in STRICT_FIELDS), False),
    ],
    ids=lambda value: " ".join(value)[:20] if isinstance(value, tuple) else "",
)
def test_a_check_that_ignores_every_attribute_compares_none(ignore: tuple[str, ...], is_all: bool) -> None:
    policy = StrictPolicy(rules=StrictRules(ignore=ignore))
    config = Config(root=Path(), strict=True, strict_policy=policy)
    assert config.compares_attributes == (not is_all)
    assert not dataclasses.replace(config, strict=False).compares_attributes
