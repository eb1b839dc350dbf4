"""What the interpreters that Python starts for the workers read in their environment."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

_TRACKER = "ignore::UserWarning:multiprocessing.resource_tracker"


@contextlib.contextmanager
def careful_interpreters() -> Iterator[None]:
    """Interpreters that are started in the block import nothing from the current directory: it may hold anything.

    The one that removes what an interrupted run left does so without a word.
    """
    warnings = ",".join(filter(None, (os.environ.get("PYTHONWARNINGS"), _TRACKER)))
    changed = {"PYTHONSAFEPATH": "1", "PYTHONWARNINGS": warnings}
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, old in before.items():
            if old is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = old
