"""`python -m tests.processes.interrupted FOLDER`: two children that hang, while this is interrupted."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from replaykit.processes import Children
from replaykit.processes.signals import Stopped
from tests.processes.test_child import LONG_S, program


def main() -> None:
    folder = Path(sys.argv[1])
    try:
        with tempfile.TemporaryDirectory(dir=folder), Children() as children:
            for number in range(2):
                child = children.of(program())
                pid, _ = child.start()
                child.send(("orphan", str(folder / f"below-{number}")))
                child.hear(LONG_S)
                (folder / f"child-{number}").write_text(str(pid))
            child.send(("hang",))
            (folder / "ready").touch()
            child.hear(10 * LONG_S)
    except Stopped as stopped:
        sys.exit(stopped.number)


if __name__ == "__main__":
    main()
