"""Unchanged workflows that come out differently all the same, one condition each."""

from __future__ import annotations
