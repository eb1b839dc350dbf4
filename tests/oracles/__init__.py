"""Programs in Go that answer as the real readers and engines do, built when a test first needs them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
from pathlib import Path

from tests.paths import ROOT

_ENVIRONMENT = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"}


class Unavailable(Exception):
    """The modules that a program needs cannot be had here."""


def build(name: str, folder: Path) -> Path:
    """The program of tests/oracles/NAME in a folder that test processes share: the first builds it, the others wait.

    Raises Unavailable where its modules cannot be downloaded.
    """
    source = ROOT / "tests" / "oracles" / name
    content = b"".join(path.read_bytes() for path in sorted(source.iterdir()))
    program = folder / f"{name}-{hashlib.sha256(content).hexdigest()[:16]}"
    environment = os.environ | _ENVIRONMENT
    with open(folder / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            modules = ["go", "mod", "download"]
            done = subprocess.run(modules, cwd=source, env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                raise Unavailable(done.stderr.strip().rpartition("\n")[2])
            subprocess.run(["go", "build", "-o", program, "."], cwd=source, env=environment, check=True)
    return program
