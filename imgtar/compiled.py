"""The parts of imgtar that are compiled where a C compiler was: they make it faster and change nothing."""

from __future__ import annotations

import os
from importlib import import_module
from types import ModuleType


def compiled_module(name: str) -> ModuleType | None:
    """The compiled module of that name; None where it is not installed, or `IMGTAR_COMPILED=no` leaves it out."""
    if os.environ.get("IMGTAR_COMPILED") == "no":
        return None
    try:
        return import_module(name)
    except ImportError:
        return None
