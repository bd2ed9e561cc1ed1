"""Looks for the shortest story that shows something: searching, judging, shrinking, and what came of it."""
