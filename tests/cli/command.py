"""Runs the command line in tests: as a process, as a person or a script would."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.paths import ROOT

IMGTAR = (sys.executable, "-W", "error", "-m", "imgtar")


def environment(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """The environment of a run: no terminal's settings, UTF-8; a change to None removes a variable."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("COLUMNS", "NO_COLOR", "TERM", "LANG", "LC_CTYPE", "PYTHONIOENCODING")
    }
    settings: dict[str, str | None] = {**kept, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT), **(changes or {})}
    return {name: value for name, value in settings.items() if value is not None}


def imgtar(
    *arguments: str | os.PathLike[str],
    env: Mapping[str, str | None] | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    timeout: float = 60,
) -> subprocess.CompletedProcess[bytes]:
    """Runs `imgtar ARGUMENTS…` and keeps what it printed."""
    return subprocess.run(
        [*IMGTAR, *arguments],
        env=environment(env),
        cwd=cwd,
        input=stdin,
        capture_output=True,
        timeout=timeout,
        check=False,
    )


def one_line(run: subprocess.CompletedProcess[bytes]) -> str:
    """What a failed run said: exactly one line on standard error, of the agreed form."""
    text = run.stderr.decode()
    assert text.startswith("imgtar: ")
    assert text.endswith("\n")
    assert text.count("\n") == 1
    return text[:-1]
