"""Which temporalio is installed, and where it lies."""

from __future__ import annotations

import os

import temporalio
from temporalio import service
from temporalio.worker import workflow_sandbox

__all__ = ["FOLDER", "SANDBOX_FOLDER", "VERSION"]

VERSION: str = service.__version__
# Folders as the interpreter spells them in the file names of code objects.
FOLDER = os.path.dirname(temporalio.__file__)  # noqa: PTH120
"""Where all of the SDK lies."""
SANDBOX_FOLDER = os.path.dirname(workflow_sandbox.__file__)  # noqa: PTH120
"""Where its sandbox lies, whose proxies stand between workflow code and what it calls."""
