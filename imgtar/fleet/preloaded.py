"""What every worker process needs: imported once, by the process that forks them, and left alone by the collector."""

from __future__ import annotations

import gc

import imgtar.fleet.documents
import imgtar.fleet.verdict
import imgtar.fleet.worker  # noqa: F401

gc.freeze()
