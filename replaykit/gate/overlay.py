"""Another release of a package over the installed ones, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from replaykit.errors import ReplaykitError
from replaykit.temporary import temporary_folder

__all__ = ["installed"]


@contextmanager
def installed(spec: str) -> Iterator[Mapping[str, str]]:
    """Install a requirement and what it needs beside everything else, by uv where there is one, else by pip.

    Args:
        spec: A requirement, such as `temporalio==1.34.0`.

    Yields:
        The environment variables under which a Python of this environment finds it first.

    Raises:
        ReplaykitError: It could not be installed.
    """
    with temporary_folder("sdk") as place:
        folder = str(place)
        uv = shutil.which("uv")
        command = (
            [uv, "pip", "install", "--quiet", "--python", sys.executable, "--target", folder, spec]
            if uv is not None
            else [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder, spec]
        )
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            if spec[:1].isdigit():
                cure = f"Did you mean temporalio=={spec}?"
            else:
                cure = "Try it by hand: " + " ".join([*command[:-1], repr(spec)])
            raise ReplaykitError(
                f"could not install {spec}: {_last_line(done.stderr)}",
                where="--sdk",
                cure=cure,
            )
        paths = [folder, *filter(None, [os.environ.get("PYTHONPATH")])]
        yield {"PYTHONPATH": os.pathsep.join(paths)}


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason was given"
