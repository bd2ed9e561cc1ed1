"""Code under the shaky workflows' names that makes a perturbed run say nothing, or hard to begin."""

from __future__ import annotations
