"""A project whose files stand for all the ways in which code comes to a workflow."""

from __future__ import annotations

import json
from pathlib import Path

from tests.plugin.project import FIXTURE

__all__ = ["FIRST", "SECOND", "write", "write_fixture", "write_project"]

FIRST, SECOND = "DataProcessingWorkflow", "OtherWorkflow"
"""The workflow types, each with one fixture."""

_FLOW = """\
from datetime import timedelta

from temporalio import workflow

{imports}


@workflow.defn
class {name}:
    @workflow.run
    async def run(self, source: str, queue: str | None = None) -> int:
{body}
        rows = await workflow.execute_activity("extract_rows", source, start_to_close_timeout=SOON)
        return await workflow.execute_activity("load_total", rows, start_to_close_timeout=SOON)
"""

FILES = {
    "app/__init__.py": '"""The application."""\n',
    "app/first.py": _FLOW.format(
        name=FIRST,
        imports="import importlib\n\nfrom app.activities import charge\nfrom app.prices import price\n"
        "from . import rules\nimport app.spaces.inner\nfrom app.package import *\n"
        'literal = importlib.import_module("app.literal")\n'
        "SOON = timedelta(seconds=10)",
        body="        from app.late import LATE\n\n"
        "        assert LATE and charge and literal.VALUE and price(rules.LIMIT)",
    ),
    "app/second.py": _FLOW.format(
        name=SECOND, imports="import app.plugins\n\nSOON = timedelta(seconds=10)", body="        assert app"
    ),
    "app/prices.py": "def price(limit: int) -> int:\n    return limit * 2\n",
    "app/rules.py": "import os\n\nfrom app.constants import FIVE\n\n"
    'LIMIT = FIVE if os.environ.get("ORDER_LIMIT") is None else 7\n',
    "app/constants.py": "FIVE = 5\n",
    "app/late.py": "LATE = True\n",
    "app/literal.py": "VALUE = 1\n",
    "app/spaces/inner.py": "INNER = 1\n",
    "app/package/__init__.py": '__all__ = ["part"]\n',
    "app/package/part.py": "PART = 1\n",
    "app/activities.py": "import os\n\nfrom temporalio import activity\n\n\n@activity.defn\n"
    "async def charge(name: str) -> str:\n"
    '    return os.environ[name] + eval("1") + "".join(os.listdir(name))\n',
    "app/registry.py": "NAMES: list[str] = []\n",
    "app/plugins.py": 'from app.registry import NAMES\n\nNAMES.append("plugin")\n',
    "app/hooks.py": "from temporalio.worker import Interceptor\n\n\nclass Hooks(Interceptor):\n    pass\n",
    "app/codec.py": "from temporalio.converter import DataConverter\n\nconverter = DataConverter.default\n",
    "app/boot.py": "from app.table import TABLE\n\n\ndef prepare() -> None:\n    assert TABLE\n",
    "app/table.py": "from pathlib import Path\n\n"
    'TABLE = Path(__file__).with_name("table.txt").read_text(encoding="utf-8")\n',
    "app/table.txt": "ten\n",
    "before/note.txt": "a folder of the import path\n",
    "scripts/report.py": "import app.first\n",
    "site-packages/fakelib-1.0.dist-info/RECORD": "fakelib/__init__.py,sha256=1,0\n",
    "site-packages/fakelib/__init__.py": "",
    "pyproject.toml": """\
[tool.other]
x = 1

[tool.replaykit]
workflows = ["app.first", "app.second"]
data_converter = "app.codec:converter"
interceptors = ["app.hooks:Hooks"]
setup = "app.boot:prepare"
path = ["before"]
""",
}


def write(root: Path, name: str, text: str) -> None:
    """Write a file of the project."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_fixture(root: Path, workflow_type: str, name: str = "run") -> Path:
    """Write a fixture of one of the workflow types."""
    data = json.loads(FIXTURE.read_text(encoding="utf-8"))
    text = json.dumps(data).replace(f'"{FIRST}"', f'"{workflow_type}"')
    write(root, f"histories/{workflow_type}/{name}.json", text)
    return root / f"histories/{workflow_type}/{name}.json"


def write_project(root: Path) -> None:
    """Write all of it."""
    for name, text in FILES.items():
        write(root, name, text)
    write_fixture(root, FIRST)
    write_fixture(root, SECOND)
