"""Guards a change of workflow code: what differs between two trees, and code that has both sides.

Needs the extra `temporal-replaykit[fix]`, which is LibCST: it keeps each comment, quote and blank line.
"""
