"""Runs the command line in tests: as a process, as a person or a script would."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.paths import ROOT

IMGTAR = (sys.executable, "-W", "error", "-m", "imgtar")
_FORKING = (sys.executable, "-W", "error", "-m", "tests.cli.forking")
_READ_AT_START = ("IMGTAR_COMPILED", "LANG", "LC_", "LD_", "PYTHON")  # variables whose names begin so


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
    timeout: int = 60,
    fresh: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """Runs `imgtar ARGUMENTS…` and keeps what it printed.

    The process is forked from one that has imported imgtar, which takes a tenth of the time; an interpreter of its own
    runs it where `fresh` asks for that, and where an interpreter reads what the environment holds when it starts.
    """
    settings = environment(env)
    if not fresh and _at_start(settings) == _at_start(environment()):
        return _forker().run([os.fspath(argument) for argument in arguments], settings, cwd, stdin, timeout)
    return subprocess.run(
        [*IMGTAR, *arguments],
        env=settings,
        cwd=cwd,
        input=stdin,
        capture_output=True,
        timeout=timeout,
        check=False,
    )


def _at_start(settings: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in settings.items() if name.startswith(_READ_AT_START)}


class _Forker:
    """The process that forks; it ends with this one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            _FORKING, env=environment(), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(
        self, arguments: list[str], settings: Mapping[str, str], cwd: Path | None, stdin: bytes, timeout: int
    ) -> subprocess.CompletedProcess[bytes]:
        """One run. Raises subprocess.TimeoutExpired."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as folder:
            files = {name: Path(folder) / name for name in ("stdin", "out", "err")}
            for file in files.values():
                file.touch()
            files["stdin"].write_bytes(stdin)
            job: dict[str, Any] = {
                "argv": [os.fsencode(argument).hex() for argument in arguments],
                "env": dict(settings),
            }
            job |= {"cwd": str(cwd or Path.cwd()), "timeout": timeout, **{name: str(files[name]) for name in files}}
            with self._lock:
                job["umask"] = os.umask(0o022)
                os.umask(job["umask"])
                print(json.dumps(job), file=self._process.stdin, flush=True)
                code = int(self._process.stdout.readline())
            out, err = files["out"].read_bytes(), files["err"].read_bytes()
        if code == -14:
            raise subprocess.TimeoutExpired(["imgtar", *arguments], timeout, out, err)
        return subprocess.CompletedProcess(["imgtar", *arguments], code, out, err)


@functools.cache
def _forker() -> _Forker:
    return _Forker()


def one_line(run: subprocess.CompletedProcess[bytes]) -> str:
    """What a failed run said: exactly one line on standard error, of the agreed form."""
    text = run.stderr.decode()
    assert text.startswith("imgtar: ")
    assert text.endswith("\n")
    assert text.count("\n") == 1
    return text[:-1]
