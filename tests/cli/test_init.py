"""`replaykit init` as users run it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from replaykit.cli.project_table import planned
from replaykit.code.definitions import Definition
from replaykit.config import load_config
from replaykit.history import Store
from tests.conftest import RunReplaykit
from tests.history.builders import HistoryBuilder

NEXT = """\
  replaykit capture WORKFLOW_ID
  pytest --replay-histories histories/

Plain pytest replays them with this in [tool.pytest.ini_options]: replay_histories = ["histories"]
"""


def write_workflow(path: Path, *names: str, decorator: str = "@workflow.defn") -> None:
    """A module with workflow classes of those names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    source = "from temporalio import workflow\n"
    for name in names:
        source += f"\n\n{decorator}\nclass {name}:\n    @workflow.run\n    async def run(self) -> None: ...\n"
    path.write_text(source)


def table(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


def test_a_new_project(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_workflow(tmp_path / "app" / "workflows.py", "OrderWorkflow")
    done = run_replaykit("init")
    assert (done.returncode, done.stderr) == (0, "")
    assert "  app/workflows.py:5  OrderWorkflow\n" in done.stdout
    assert "Created pyproject.toml" in done.stdout
    assert done.stdout.endswith(NEXT)
    assert (tmp_path / "pyproject.toml").read_text() == table("""
        [tool.replaykit]
        histories = ["histories"]
        workflows = ["app.workflows"]
    """)
    assert not (tmp_path / "histories").exists()


def test_source_is_read_and_not_imported(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_workflow(tmp_path / "workflows.py", "OrderWorkflow")
    with (tmp_path / "workflows.py").open("a") as out:
        out.write("\nraise SystemExit('imported')\n")
    assert run_replaykit("init").returncode == 0


@pytest.mark.sampled(3)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("ending", ["", "\n", "\n\n"])
def test_what_is_in_the_file_stays_byte_for_byte(
    tmp_path: Path, run_replaykit: RunReplaykit, newline: str, ending: str
) -> None:
    write_workflow(tmp_path / "workflows.py", "OrderWorkflow")
    text = (
        table("""
        # Ours. Keep the order.
        [tool.ruff]
        line-length=99   # wide

        [project]
        name    = "shop"
        version = "1"
        dependencies = [
          "temporalio",  # pinned elsewhere
        ]
        [tool."odd key".deep]
        x = {a = 1, b = [1, 2]}
    """).rstrip("\n")
        + ending
    )
    before = text.replace("\n", newline).encode()
    path = tmp_path / "pyproject.toml"
    path.write_bytes(before)
    path.chmod(0o640)
    done = run_replaykit("init")
    assert done.returncode == 0, done.stderr
    assert "Added to pyproject.toml" in done.stdout
    after = path.read_bytes()
    assert after.startswith(before)
    added = after[len(before) :]
    assert added.count(b"\n") == added.count(newline.encode())
    assert added.strip().startswith(b"[tool.replaykit]")
    assert load_config(tmp_path).workers[0].workflows == ("workflows",)
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["pyproject.toml", "workflows.py"]


def test_src_layout(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_workflow(tmp_path / "src" / "shop" / "orders.py", "OrderWorkflow")
    done = run_replaykit("init")
    assert "src/shop/orders.py:5  OrderWorkflow" in done.stdout
    assert load_config(tmp_path).workers[0].workflows == ("shop.orders",)


def test_from_a_folder_inside_the_project(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_workflow(tmp_path / "app" / "workflows.py", "OrderWorkflow")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert run_replaykit("init", cwd=tmp_path / "app").returncode == 0
    assert load_config(tmp_path).workers[0].workflows == ("app.workflows",)
    assert not (tmp_path / "app" / "pyproject.toml").exists()


def test_another_project_around_the_repository_is_left_alone(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    repository = tmp_path / "checkout"
    write_workflow(repository / "workflows.py", "OrderWorkflow")
    (repository / ".git").mkdir()
    assert run_replaykit("init", cwd=repository).returncode == 0
    assert (tmp_path / "pyproject.toml").read_text() == ""
    assert load_config(repository).workers[0].workflows == ("workflows",)


def test_tests_are_left_out(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_workflow(tmp_path / "app" / "workflows.py", "OrderWorkflow")
    write_workflow(tmp_path / "app" / "test_orders.py", "OrderWorkflow")
    write_workflow(tmp_path / "tests" / "samples.py", "Sample")
    done = run_replaykit("init")
    assert "Left out, in tests: 2 workflows." in done.stdout
    assert load_config(tmp_path).workers[0].workflows == ("app.workflows",)


def test_workflows_in_tests_alone_are_taken(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_workflow(tmp_path / "tests" / "samples.py", "Sample")
    assert run_replaykit("init").returncode == 0
    assert load_config(tmp_path).workers[0].workflows == ("tests.samples",)


@pytest.mark.exhaustive
def test_a_package_is_named_by_its_class(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    """A package's name would bring in all its submodules, the other worker's `OrderWorkflow` too."""
    write_workflow(tmp_path / "app" / "__init__.py", "OrderWorkflow")
    write_workflow(tmp_path / "app" / "tests" / "test_order.py", "OrderWorkflow")
    run_replaykit("init")
    assert load_config(tmp_path).workers[0].workflows == ("app:OrderWorkflow",)
    assert code_loads(tmp_path, run_replaykit)


@pytest.mark.exhaustive
def test_one_type_in_two_modules_makes_two_workers(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_workflow(tmp_path / "app" / "orders.py", "OrderWorkflow")
    write_workflow(tmp_path / "app" / "bills.py", "InvoiceWorkflow")
    write_workflow(tmp_path / "legacy" / "orders.py", "OrderWorkflow")
    done = run_replaykit("init")
    assert done.returncode == 0, done.stderr
    assert "More than one class is workflow type OrderWorkflow" in done.stdout
    assert (tmp_path / "pyproject.toml").read_text() == table("""
        [tool.replaykit]
        histories = ["histories"]

        [[tool.replaykit.worker]]
        name = "app"
        task_queues = [] # the queues that it polls, such as "app-*"
        workflows = ["app.bills", "app.orders"]

        [[tool.replaykit.worker]]
        name = "legacy"
        task_queues = [] # the queues that it polls, such as "legacy-*"
        workflows = ["legacy.orders"]
    """)
    assert code_loads(tmp_path, run_replaykit)


def test_only_what_collides_is_split_further(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    for module in ("billing.a", "billing.b", "orders.old.flow", "orders.new.flow"):
        name = "Flow" if module.startswith("orders") else module.replace(".", "_")
        write_workflow(tmp_path / f"{module.replace('.', '/')}.py", name)
    run_replaykit("init")
    workers = {worker.name: worker.workflows for worker in load_config(tmp_path).workers}
    assert workers == {
        "billing": ("billing.a", "billing.b"),
        "new": ("orders.new.flow",),
        "old": ("orders.old.flow",),
    }


@pytest.mark.exhaustive
def test_one_type_twice_in_a_module_names_the_last_class(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_workflow(
        tmp_path / "flows.py", "OrderV1", "OrderV2", decorator='@workflow.defn(name="OrderWorkflow")'
    )
    done = run_replaykit("init")
    assert done.returncode == 0, done.stderr
    assert 'OrderV1  (type "OrderWorkflow")' in done.stdout
    assert "Left out of flows" in done.stdout
    assert "OrderV1 (line 5)" in done.stdout
    assert load_config(tmp_path).workers[0].workflows == ("flows:OrderV2",)
    assert code_loads(tmp_path, run_replaykit)
    again = run_replaykit("init")
    assert (again.returncode, again.stderr) == (0, "")


def test_a_second_time_changes_nothing(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_workflow(tmp_path / "workflows.py", "OrderWorkflow")
    run_replaykit("init")
    before = (tmp_path / "pyproject.toml").read_bytes()
    done = run_replaykit("init")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing to change" in done.stdout
    assert done.stdout.endswith(NEXT)
    assert (tmp_path / "pyproject.toml").read_bytes() == before


def test_a_table_that_lacks_a_workflow_is_refused(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_workflow(tmp_path / "app" / "orders.py", "OrderWorkflow")
    write_workflow(tmp_path / "app" / "bills.py", "InvoiceWorkflow")
    before = '[tool.replaykit]\nworkflows = ["app.orders"]  # the only one\n'
    (tmp_path / "pyproject.toml").write_text(before)
    done = run_replaykit("init")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is a [tool.replaykit] table already" in done.stderr
    assert 'It has: workflows = ["app.orders"]' in done.stderr
    assert 'Found in the source too: "app.bills"' in done.stderr
    assert (tmp_path / "pyproject.toml").read_text() == before


def test_a_package_in_the_table_covers_its_modules(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_workflow(tmp_path / "app" / "orders.py", "OrderWorkflow")
    (tmp_path / "pyproject.toml").write_text('[[tool.replaykit.worker]]\nname = "all"\nworkflows = ["app"]\n')
    assert run_replaykit("init").returncode == 0


def test_no_workflows(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    (tmp_path / "app.py").write_text("import temporalio\n")
    done = run_replaykit("init")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no class with @workflow.defn" in done.stderr
    assert str(tmp_path) in done.stderr
    assert not (tmp_path / "pyproject.toml").exists()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("tool = {ruff = {line-length = 99}}\n", "no place for a table [tool.replaykit]"),
        ("[project\n", "not valid TOML"),
        ("[tool.replaykit]\nhistory = 'x'\n", "unknown key"),
    ],
    ids=["inline-table", "not-toml", "unknown-key"],
)
def test_a_file_that_cannot_be_added_to(
    tmp_path: Path, run_replaykit: RunReplaykit, text: str, complaint: str
) -> None:
    write_workflow(tmp_path / "workflows.py", "OrderWorkflow")
    (tmp_path / "pyproject.toml").write_text(text)
    done = run_replaykit("init")
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "pyproject.toml").read_text() == text


def test_dotted_tables_of_other_tools_are_no_obstacle(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_workflow(tmp_path / "workflows.py", "OrderWorkflow")
    (tmp_path / "pyproject.toml").write_text("tool.ruff.line-length = 99\n[project]\nname = 'x'\n")
    assert run_replaykit("init").returncode == 0
    assert load_config(tmp_path).workers[0].workflows == ("workflows",)


def test_many_modules_are_written_one_a_line() -> None:
    found = [
        Definition(
            file=Path(f"m{n}.py"), line=1, module=f"shop.flows.m{n}", class_name="W", workflow_type=f"W{n}"
        )
        for n in range(12)
    ]
    assert '\nworkflows = [\n    "shop.flows.m0",\n    "shop.flows.m1",' in planned(found).table


def test_names_that_the_source_does_not_show_are_no_collision() -> None:
    found = [
        Definition(file=Path("m.py"), line=n, module="m", class_name=f"W{n}", workflow_type=None)
        for n in (1, 9)
    ]
    plan = planned(found)
    assert plan.notes == ()
    assert 'workflows = ["m"]' in plan.table


def code_loads(project: Path, run_replaykit: RunReplaykit) -> bool:
    """Whether `replay` gets as far as to report that it knows no workflow of a history's type."""
    builder = HistoryBuilder(workflow_type="Stranger")
    builder.complete(builder.task())
    Store(project / "histories").save(builder.history(workflow_type="Stranger"))
    done = run_replaykit("replay", cwd=project)
    return done.returncode == 2 and "unjudged (unknown_workflow)" in done.stdout
