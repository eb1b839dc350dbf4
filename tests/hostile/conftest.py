"""The processes that run the cases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.case import MIB, Run
from tests.paths import ROOT

WORKER = Path(__file__).parent / "worker.py"


class Worker:
    """A process that runs imgtar in forked ones; `flags` go to its interpreter."""

    def __init__(self, *flags: str) -> None:
        environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "HOME": "/"}
        self._process = subprocess.Popen(
            [sys.executable, *flags, str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def run(self, argvs: Sequence[Sequence[str]], inputs: Sequence[Path], scratch: Path, **limits: Any) -> list[Run]:
        """Runs imgtar with each of these argument lists, one after the other."""
        jobs = []
        for number, argv in enumerate(argvs):
            out, err = scratch / f"{number}.out", scratch / f"{number}.err"
            jobs.append(
                {"argv": list(argv), "out": str(out), "err": str(err), "inputs": [str(path) for path in inputs]}
                | {"outputs": [], "address_space": 1024 * MIB, "files": 64, "cpu": 20}
                | limits
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(jobs), file=self._process.stdin, flush=True)
        results = json.loads(self._process.stdout.readline())
        done = []
        for job, result in zip(jobs, results, strict=True):
            out, err = Path(job["out"]).read_bytes(), Path(job["err"]).read_bytes().decode("utf-8")
            done.append(Run(job["argv"], result["exit"], out, err, result["peak"], result["forbidden"]))
        return done

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        if self._process.stdout is not None:
            self._process.stdout.close()


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    """imgtar as it runs every day."""
    process = Worker()
    yield process
    process.close()


@pytest.fixture(scope="session")
def strict_worker() -> Iterator[Worker]:
    """imgtar under `-W error -X dev`: a warning is an error, what is left open complains."""
    process = Worker("-W", "error", "-X", "dev")
    yield process
    process.close()
