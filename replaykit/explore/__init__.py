"""Finds the History that nobody recorded."""

from __future__ import annotations
