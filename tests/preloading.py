"""What processes import before they fork one imgtar per run, so that a run costs a fork and its own work."""

from __future__ import annotations

import gc
import importlib
import pkgutil

_AT_FIRST_USE = ("bz2", "lzma", "zlib", "zstandard", "isal.igzip", "jinja2", "tabulate", "yaml")


def preload() -> None:
    """Imports all of imgtar but the explorer, which is far larger."""
    import imgtar

    for module in pkgutil.walk_packages(imgtar.__path__, "imgtar."):
        if not module.name.endswith("__main__") and not module.name.startswith("imgtar.explore."):
            importlib.import_module(module.name)
    for name in _AT_FIRST_USE:
        try:
            importlib.import_module(name)
        except ImportError:
            continue


def share() -> None:
    """Lets forked processes share the memory of what is there: the collector looks at none of it again."""
    gc.collect()
    gc.freeze()
