"""Which layers images have in common, and what removing some of them frees."""

from __future__ import annotations
