from __future__ import annotations

from replaykit.cli import main

main()
