"""Where the cache of the user is."""

from __future__ import annotations

import os


def default_folder() -> str:
    """`$XDG_CACHE_HOME/imgtar`, or `~/.cache/imgtar`: an environment without an absolute path has none of its own."""
    stated = os.environ.get("XDG_CACHE_HOME", "")
    base = stated if os.path.isabs(stated) else os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "imgtar")
