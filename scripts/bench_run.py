"""Runs commands one after another and measures each: wall time, CPU time of all its processes, peak memory."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

SLOW = 15.0  # seconds; who takes longer is run once


class Contender(NamedTuple):
    """A command, which ends with exit code 0; `output` gets its standard output."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = {}
    output: str = os.devnull


class Sample(NamedTuple):
    """One run: seconds, seconds of user and system time, bytes of the largest process."""

    wall: float
    cpu: float
    memory: int


class Result(NamedTuple):
    """The medians of a contender's runs; `failed` is the exit code other than 0."""

    contender: Contender
    wall: float
    cpu: float
    memory: int
    runs: int
    failed: int | None


def run(contender: Contender, directory: Path) -> tuple[Sample, int]:
    """Runs a command once, with an empty home directory: nothing is remembered between runs."""
    with tempfile.TemporaryDirectory() as home:
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": home, **contender.environment}
        write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, contender.output, write, 0o644),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ]
        before = Path.cwd()
        os.chdir(directory)
        try:
            start = time.perf_counter()
            child = os.posix_spawnp(contender.command[0], contender.command, environment, file_actions=actions)
            # The usage of a waited child includes that of the children it waited for: a shell's whole pipeline.
            _, status, usage = os.wait4(child, 0)
            wall = time.perf_counter() - start
        finally:
            os.chdir(before)
    # A new process starts with its parent's peak: this module stays small, and the images are built elsewhere.
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024), os.waitstatus_to_exitcode(status)


def race(contenders: list[Contender], rounds: int, directory: Path) -> list[Result]:
    """The medians of `rounds` rounds, in each of which every contender runs once; slow ones are not run again.

    Each round begins with another contender: who comes behind a long run finds the caches cold. And before the first
    round one runs uncounted, so that the image is in memory for all.
    """
    samples: dict[str, list[Sample]] = {contender.name: [] for contender in contenders}
    failed: dict[str, int | None] = {contender.name: None for contender in contenders}
    run(contenders[0], directory)
    for number in range(rounds):
        first = number * len(contenders) // rounds
        for contender in (*contenders[first:], *contenders[:first]):
            done = samples[contender.name]
            if failed[contender.name] is not None or (done and done[-1].wall > SLOW):
                continue
            sample, answer = run(contender, directory)
            if answer != 0:
                failed[contender.name] = answer
            done.append(sample)
            print(f"  {number + 1}/{rounds} {contender.name}: {sample.wall:.2f} s, CPU {sample.cpu:.2f} s", flush=True)
    return [_result(contender, samples[contender.name], failed[contender.name]) for contender in contenders]


def _result(contender: Contender, samples: list[Sample], failed: int | None) -> Result:
    return Result(
        contender,
        statistics.median(sample.wall for sample in samples),
        statistics.median(sample.cpu for sample in samples),
        max(sample.memory for sample in samples),
        len(samples),
        failed,
    )
