"""The first lines of a child: they take its pipes away before any other code can write there.

Run as a script and not by `python -m` or `-c`: those put the current folder first on the path.
"""

from __future__ import annotations

import importlib.util
import os
import sys


def main() -> None:
    """Keep the two pipes, and leave standard input empty and standard output in standard error."""
    questions, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    here = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120  # pathlib is a slow import
    package = os.path.dirname(here)  # noqa: PTH120
    sys.path[:] = [entry for entry in sys.path if entry and os.path.realpath(entry) != here]
    _import_replaykit(package)
    greeting = sys.argv.pop().encode()

    from replaykit.processes.inside import serve

    serve(questions, answers, greeting)


def _import_replaykit(package: str) -> None:
    """The very one that the parent is, whatever the path of this process begins with."""
    spec = importlib.util.spec_from_file_location("replaykit", os.path.join(package, "__init__.py"))  # noqa: PTH118
    assert spec is not None
    assert spec.loader is not None
    sys.modules["replaykit"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    home = os.path.dirname(package)  # noqa: PTH120
    if home not in sys.path:
        sys.path.append(home)


if __name__ == "__main__":
    main()
