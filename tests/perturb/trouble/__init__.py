"""Code under the shaky workflows' names that keeps a perturbed run from an answer, or from its start."""

from __future__ import annotations
