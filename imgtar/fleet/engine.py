"""Who does the work: processes of this machine, or any `concurrent.futures.Executor`.

A worker that dies takes the tasks of its whole pool with it, and the pool does not say which task killed it. So the
tasks that were under way are done again, one at a time: who dies alone is the one, and the others lose nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from multiprocessing.connection import wait as wait_for
from typing import Protocol, TypeVar

import msgspec

T = TypeVar("T")
R = TypeVar("R")
_AHEAD = 2  # tasks for each worker: one under way, and one that follows without a pause


class Engine(Protocol):
    """Makes executors. `width` tasks are given to one at once; `alone`: each of its processes does one at a time."""

    @property
    def width(self) -> int: ...

    @property
    def alone(self) -> bool: ...

    def executor(self, width: int) -> Executor:
        """An executor for so many tasks at once; a new one where the last one broke."""

    def close(self, executor: Executor) -> None:
        """The executor is not needed any more."""


class Processes:
    """`workers` processes of this machine, each with at most `memory` bytes of address space (None: any)."""

    alone = True

    def __init__(self, workers: int, memory: int | None = None) -> None:
        self.width = workers
        self._memory = memory

    def executor(self, width: int) -> Executor:
        context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
        context.set_forkserver_preload(["imgtar.fleet.preloaded"])
        return ProcessPoolExecutor(width, context, initializer=_start, initargs=(self._memory,))

    def close(self, executor: Executor) -> None:
        executor.shutdown(cancel_futures=True)


class Given:
    """An executor of the caller, which is neither made nor ended here; `width` tasks are given to it at once."""

    alone = False

    def __init__(self, executor: Executor, width: int) -> None:
        self.width = width
        self._executor = executor

    def executor(self, width: int) -> Executor:  # noqa: ARG002 (it is what it is)
        return self._executor

    def close(self, executor: Executor) -> None:
        """The caller ends it."""


def _start(memory: int | None) -> None:
    """Begins a worker process: it ends with its parent, on no signal of the terminal, and within its memory."""
    import resource

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends, and so do we
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), name="imgtar-parent", daemon=True).start()
    if memory is not None:
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        most = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _end_with(sentinel: int) -> None:
    wait_for([sentinel])
    os._exit(1)


class Died(msgspec.Struct, frozen=True):
    """The worker ended without an answer, after so many seconds; `reason` is the name of its error, or empty."""

    seconds: float
    reason: str = ""


class Crew:
    """The executor of an engine, and its successors where one breaks; `close` lets it go."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._executor: Executor | None = None

    def carry_out(self, work: Callable[[T], R], tasks: Iterable[T]) -> Generator[tuple[T, R | Died], None, None]:
        """Each task with its result, in the order in which they are done; a task is taken when it can begin.

        `work` is a function of a module, and raises nothing itself. Raises what starting the engine raises.
        """
        left = iter(tasks)
        waiting: dict[Future[R], tuple[T, float]] = {}
        try:
            while self._fill(waiting, work, left):
                yield from self._answers(waiting, work)
        finally:
            for future in waiting:  # of a caller who does not want the rest
                future.cancel()

    def _answers(
        self, waiting: dict[Future[R], tuple[T, float]], work: Callable[[T], R]
    ) -> Iterator[tuple[T, R | Died]]:
        """What is answered next; where the executor broke, every task that it had is done again by itself."""
        done, _ = wait(waiting, return_when=FIRST_COMPLETED)
        broken: list[T] = []
        for future in done:
            task, began = waiting.pop(future)
            problem = future.exception()
            if problem is None:
                yield task, future.result()
            elif isinstance(problem, BrokenExecutor):
                broken.append(task)
            else:
                yield task, Died(time.monotonic() - began, type(problem).__name__)
        if broken:
            broken += [task for task, _ in waiting.values()]
            waiting.clear()
            self.close()
            for task in broken:
                yield task, self._by_itself(work, task)

    def _fill(self, waiting: dict[Future[R], tuple[T, float]], work: Callable[[T], R], tasks: Iterator[T]) -> bool:
        """Gives the executor as many tasks as keep it busy; is there one to wait for?"""
        while len(waiting) < _AHEAD * self._engine.width:
            task = next(tasks, None)
            if task is None:
                break
            if self._executor is None:
                self._executor = self._engine.executor(self._engine.width)
            try:
                future = self._executor.submit(work, task)
            except BrokenExecutor as problem:  # since the last answer; the others of the pool say so, too
                future = Future()
                future.set_exception(problem)
            waiting[future] = task, time.monotonic()
        return bool(waiting)

    def _by_itself(self, work: Callable[[T], R], task: T) -> R | Died:
        executor = self._engine.executor(1)
        began = time.monotonic()
        try:
            return executor.submit(work, task).result()
        except BrokenExecutor:
            return Died(time.monotonic() - began)
        except Exception as problem:
            return Died(time.monotonic() - began, type(problem).__name__)
        finally:
            self._engine.close(executor)

    def close(self) -> None:
        """Lets the executor go; the next task gets a new one."""
        if self._executor is not None:
            self._engine.close(self._executor)
            self._executor = None


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
