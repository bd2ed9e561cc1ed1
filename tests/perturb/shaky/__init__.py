"""Workflows that nobody changed and that come out differently all the same, one condition each."""

from __future__ import annotations
