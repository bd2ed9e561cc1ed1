"""The inside of one process: replays a list of Histories under given conditions and reports each replay.

Everything that the workflow code could notice is held still here, but for the axes that the conditions name:
a run differs from another by what was changed, and by nothing else.
"""

from __future__ import annotations
