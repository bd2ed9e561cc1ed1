"""Ways of a change to weaken the policy that it is judged by."""

from __future__ import annotations

from collections.abc import Callable

from tests.gate.fooling import Row
from tests.gate.repository import CHANGED, UNCHANGED, Repository

__all__ = ["ROWS"]

_SLOWER = UNCHANGED.replace("seconds=10", "seconds=20")
_GATE = "\n[tool.replaykit.gate]\n"
_WAIVER = """
[[tool.replaykit.gate.waiver]]
workflow = "DataProcessingWorkflow"
reason = "it stands in the way"
until = {until}
"""
_STRICT = "\n[tool.replaykit.strict]\n"
_COMMENT = UNCHANGED + "\n# more\n"


def changed(
    table: str, *, code: str = CHANGED, agreed: str = "", instead: tuple[str, str] | None = None
) -> Callable[[Repository], None]:
    """A change of the code and of the policy.

    Args:
        table: What is added to pyproject.toml.
        code: The changed code.
        agreed: What stands in it on both sides.
        instead: What is replaced in it, and by what.
    """

    def make(repository: Repository) -> None:
        if agreed:
            repository.agreed_policy(agreed)
        repository.code(code)
        file = repository.root / "pyproject.toml"
        if instead is not None:
            text = file.read_text(encoding="utf-8")
            assert instead[0] in text
            file.write_text(text.replace(*instead), encoding="utf-8")
        repository.policy(table)
        repository.commit()

    return make


def dropped_workflow(repository: Repository) -> None:
    """The class stays, and the configuration does not name it any more."""
    (repository.root / "other.py").write_text(UNCHANGED.replace("class Data", "class Other"))
    repository.agreed_policy("\n")
    changed("", instead=('"flows"', '"other"'))(repository)


def row(name: str, make: Callable[[Repository], object], key: str, *, code: int = 1, **more: object) -> Row:
    return Row(name=name, make=make, exit_code=code, rule="weakened-policy", text=key, **more)  # type: ignore[arg-type]  # more of its fields


ROWS = (
    *(
        row(
            f"the change ignores {key}",
            changed(f'{_GATE}{key} = "ignore"\n'),
            f"gate.{key}: {before} in the base, ignore in this change",
        )
        for key, before in (
            ("divergence", "fail"),
            ("drift", "fail"),
            ("unjudged", "fail"),
            ("rewritten_fixture", "fail"),
            ("deleted_fixture", "fail"),
            ("changed_workflow", "warn"),
        )
    ),
    row(
        "the change only warns of a divergence",
        changed(f'{_GATE}divergence = "warn"\n'),
        "new-divergence: DataProcessingWorkflow diverged",
    ),
    row(
        "a waiver comes with the change",
        changed(_WAIVER.format(until="2999-12-31")),
        "gate.waiver of workflow DataProcessingWorkflow: none in the base, until 2999-12-31 in this change",
    ),
    row(
        "the waiver that comes with the change waives nothing",
        changed(_WAIVER.format(until="2999-12-31")),
        "new-divergence: DataProcessingWorkflow diverged",
    ),
    row(
        "a waiver of all rules waives its own weakening",
        changed(
            _WAIVER.format(until="2999-12-31").replace('workflow = "Data', 'rule = "*"\nworkflow = "Data')
        ),
        "weakened-policy: gate.waiver",
    ),
    row(
        "a waiver that has expired is made longer",
        changed("", agreed=_WAIVER.format(until="2020-01-01"), instead=("2020-01-01", "2999-12-31")),
        "until 2020-01-01 in the base, until 2999-12-31 in this change",
    ),
    row(
        "strict mode is switched off",
        changed(
            "",
            code=_SLOWER,
            agreed=_STRICT,
            instead=("strict]", "strict]\nenabled = false"),
        ),
        "strict: on in the base, off in this change",
    ),
    row(
        "the drift is still found where strict mode is switched off",
        changed(
            "",
            code=_SLOWER,
            agreed=_STRICT,
            instead=("strict]", "strict]\nenabled = false"),
        ),
        "new-drift: ",
    ),
    row(
        "strict mode is given a field to ignore",
        changed(
            "",
            code=_SLOWER,
            agreed=_STRICT,
            instead=("strict]", 'strict]\nignore = ["activity.*"]'),
        ),
        "strict.ignore: nothing in the base, activity.* too in this change",
    ),
    row(
        "one workflow is given a field to ignore",
        changed(
            '\n[tool.replaykit.strict.workflows.DataProcessingWorkflow]\nignore = ["activity.*"]\n',
            code=_SLOWER,
            agreed=_STRICT,
        ),
        "strict.workflows.DataProcessingWorkflow.ignore: nothing in the base, activity.* too",
    ),
    row(
        "strict mode fails on less",
        changed(
            "",
            code=_SLOWER,
            agreed='\n[tool.replaykit.strict]\nfail_on = "cosmetic"\n',
            instead=("cosmetic", "behavioural"),
        ),
        "strict.fail_on: cosmetic in the base, behavioural in this change",
    ),
    row(
        "a fixture is no longer asked for",
        changed(
            "",
            code=_COMMENT,
            agreed=f'{_GATE}requires = ["workflow:DataProcessingWorkflow"]\n',
            instead=('["workflow:DataProcessingWorkflow"]', "[]"),
        ),
        "gate.requires: workflow:DataProcessingWorkflow in the base, nothing in its place in this change",
    ),
    row(
        "fewer commands are asked for",
        changed("", code=_COMMENT, agreed=f"{_GATE}min_commands = 3\n", instead=("= 3", "= 0")),
        "gate.min_commands: 3 in the base, 0 in this change",
    ),
    row(
        "the deadline is made too short to judge anything",
        changed("", agreed="\ntimeout = 30\n", instead=("timeout = 30", "timeout = 0.001")),
        "timeout: 30 s in the base, 0.001 s in this change",
    ),
    row(
        "fixtures are no longer required",
        changed(
            "",
            code=_COMMENT,
            agreed="\nrequire_fixtures = true\n",
            instead=("require_fixtures = true", "require_fixtures = false"),
        ),
        "require_fixtures: true in the base, false in this change",
    ),
    row(
        "a workflow is no longer named",
        dropped_workflow,
        "workflows: flows:DataProcessingWorkflow is judged in the base, no longer named in this change",
    ),
    row(
        "the change names itself as its base",
        changed(f'{_GATE}base = "HEAD"\n'),
        "gate.base: found by itself in the base, HEAD in this change",
    ),
    row(
        "the change names no base",
        changed(f'{_GATE}base = "none"\n'),
        "gate.base: found by itself in the base, none in this change",
    ),
    Row(
        name="a weaker policy that the base allows is applied, and shown",
        make=changed(
            "",
            agreed=f'{_GATE}weakened_policy = "warn"\ndivergence = "fail"\n',
            instead=('e = "fail"', 'e = "ignore"'),
        ),
        exit_code=0,
        rule="weakened-policy",
        text="1 ignored by the policy",
    ),
    Row(
        name="a weaker policy that was agreed to is applied, and shown",
        make=changed(f'{_GATE}divergence = "ignore"\n'),
        arguments=("--accept-weaker-policy",),
        exit_code=0,
        rule="weakened-policy",
        text="1 ignored by the policy",
    ),
    Row(
        name="the change cannot allow itself a weaker policy",
        make=changed(f'{_GATE}weakened_policy = "ignore"\ndivergence = "ignore"\n'),
        exit_code=1,
        rule="weakened-policy",
        text="new-divergence: DataProcessingWorkflow diverged",
    ),
    row(
        "the limits are made too small for the fixture",
        changed("\n[tool.replaykit.limits]\nevents = 12\n"),
        "limits.events: 200000 in the base, 12 in this change",
    ),
    Row(
        name="fields to ignore come with the change, and the command line is strict",
        make=changed('\n[tool.replaykit.strict]\nenabled = false\nignore = ["*"]\n', code=_SLOWER),
        arguments=("--strict",),
        exit_code=1,
        rule="new-drift",
        text="strict.ignore: nothing in the base, * too in this change",
    ),
    Row(
        name="a field to ignore that another covered is no weakening",
        make=changed(
            "",
            code=_COMMENT,
            agreed=f'{_STRICT}ignore = ["activity.*"]\n',
            instead=('"activity.*"', '"activity.task_queue"'),
        ),
        exit_code=0,
        absent="weakened-policy",
    ),
    Row(
        name="strict mode with a field to ignore is no weakening",
        make=changed(f'{_STRICT}ignore = ["timer.*"]\n', code=_COMMENT),
        exit_code=0,
        absent="weakened-policy",
    ),
    Row(
        name="a stronger policy is applied in silence",
        make=changed(f"{_GATE}min_commands = 100\n", code=_COMMENT),
        exit_code=2,
        rule="too-few-commands",
        absent="weakened-policy",
    ),
    Row(
        name="too few commands without a base",
        make=changed("", code=_COMMENT, agreed=f"{_GATE}min_commands = 100\n"),
        arguments=("--base", "none"),
        exit_code=2,
        rule="too-few-commands",
    ),
    Row(
        name="other settings of a worker are shown",
        make=changed(
            "",
            code=_COMMENT,
            instead=(
                'workflows = ["flows"]',
                'workflows = ["flows"]\nworkflow_failure_exception_types = ["ValueError"]',
            ),
        ),
        exit_code=0,
        rule="changed-worker",
        text="workflow_failure_exception_types is ValueError, and nothing in the base",
    ),
)
