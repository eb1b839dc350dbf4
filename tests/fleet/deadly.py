"""What workers do in tests: answer, die, hang or take memory; found by name in a worker process."""

from __future__ import annotations

import os
import signal
import time

from imgtar.fleet.worker import alarmed


def work(task: str) -> str:
    """Answers with the task, or does to its process what the task says."""
    if task == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if task == "exits":
        os._exit(3)
    if task == "raises":
        raise ZeroDivisionError
    if task == "hangs":
        with alarmed(0.01, grace=0.2):
            time.sleep(600)
    if task == "interrupted":
        os.kill(os.getpid(), signal.SIGINT)
    if task == "greedy":
        try:
            bytes(1 << 31)  # zeros of which the system writes none
        except MemoryError:
            return "out of memory"
    return task


def lives(path: str) -> None:
    """Says which process this is, and hangs."""
    with open(path, "w") as file:
        file.write(str(os.getpid()))
    os.rename(path, f"{path}.whole")
    time.sleep(600)
