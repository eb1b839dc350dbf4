"""Who does the work: processes of this machine, or any `concurrent.futures.Executor`.

A worker gets tasks in batches. One that dies takes the batches of its whole pool with it, and the pool does not say
which task killed it. So what was under way is done again, a batch at a time, and the tasks of a batch that dies alone
one at a time: who dies alone is the one, and the others lose nothing.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from multiprocessing.connection import wait as wait_for
from typing import Protocol, TypeVar

import msgspec

from imgtar.limits import MIB

T = TypeVar("T")
R = TypeVar("R")
AHEAD = 2  # batches for each worker: one under way, and one that follows without a pause
_BATCH_SIZE = 128 * MIB


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

    @property
    def width(self) -> int:
        """How many workers there are, as far as that is known before the engine starts."""
        return self._engine.width

    def carry_out(
        self,
        work: Callable[[T], R],
        tasks: Iterable[T],
        *,
        most: int = 1,
        size: Callable[[T], int] = lambda _task: 0,
        ahead: int = AHEAD,
    ) -> Generator[tuple[T, R | Died], None, None]:
        """Each task with its result, in the order in which they are done; a task is taken when it can begin.

        A worker gets up to `most` tasks at once, and so fewer messages: no more once they have a few MiB by `size`.
        The engine has `ahead` times as many batches as workers: with 1, no task is taken before one is done.
        `work` is a function of a module, and raises nothing itself. Raises what starting the engine raises.
        """
        left = _batches(tasks, most, size)
        waiting: dict[Future[list[R]], tuple[list[T], float]] = {}
        try:
            while self._fill(waiting, work, left, ahead * self.width):
                yield from self._answers(waiting, work)
        finally:
            for future in waiting:  # of a caller who does not want the rest
                future.cancel()

    def _answers(
        self, waiting: dict[Future[list[R]], tuple[list[T], float]], work: Callable[[T], R]
    ) -> Iterator[tuple[T, R | Died]]:
        """What is answered next; where the executor broke, all that it had is done again, a batch at a time."""
        done, _ = wait(waiting, return_when=FIRST_COMPLETED)
        again: list[list[T]] = []
        broken = False
        for future in done:
            batch, began = waiting.pop(future)
            problem = future.exception()
            if problem is None:
                yield from zip(batch, future.result(), strict=True)
            elif isinstance(problem, BrokenExecutor) or len(batch) > 1:
                again.append(batch)
                broken = broken or isinstance(problem, BrokenExecutor)
            else:
                yield batch[0], Died(time.monotonic() - began, type(problem).__name__)
        if broken:
            again += [batch for batch, _ in waiting.values()]
            waiting.clear()
            self.close()
        yield from self._one_by_one(work, again)

    def _fill(
        self,
        waiting: dict[Future[list[R]], tuple[list[T], float]],
        work: Callable[[T], R],
        batches: Iterator[list[T]],
        together: int,
    ) -> bool:
        """Gives the executor batches until it has so many together; is there one to wait for?"""
        while len(waiting) < together:
            batch = next(batches, None)
            if batch is None:
                break
            if self._executor is None:
                self._executor = self._engine.executor(self._engine.width)
            try:
                future = self._executor.submit(each, work, batch)
            except BrokenExecutor as problem:  # since the last answer; the others of the pool say so, too
                future = Future()
                future.set_exception(problem)
            waiting[future] = batch, time.monotonic()
        return bool(waiting)

    def _one_by_one(self, work: Callable[[T], R], batches: Iterable[list[T]]) -> Iterator[tuple[T, R | Died]]:
        """Each batch with no other beside it; of one that ends its worker, each task by itself."""
        left = deque(batches)
        with contextlib.ExitStack() as stack:
            executor: Executor | None = None
            while left:
                batch, began = left.popleft(), time.monotonic()
                if executor is None:
                    executor = self._engine.executor(1)
                    stack.callback(self._engine.close, executor)
                try:
                    results = executor.submit(each, work, batch).result()
                except Exception as problem:
                    stack.close()
                    executor = None
                    if len(batch) > 1:
                        left.extendleft([task] for task in reversed(batch))
                    else:
                        reason = "" if isinstance(problem, BrokenExecutor) else type(problem).__name__
                        yield batch[0], Died(time.monotonic() - began, reason)
                else:
                    yield from zip(batch, results, strict=True)

    def close(self) -> None:
        """Lets the executor go; the next task gets a new one."""
        if self._executor is not None:
            self._engine.close(self._executor)
            self._executor = None


def each(work: Callable[[T], R], batch: list[T]) -> list[R]:
    """What a worker does with a batch."""
    return [work(task) for task in batch]


def _batches(tasks: Iterable[T], most: int, size: Callable[[T], int]) -> Iterator[list[T]]:
    """The tasks in their order, as `Crew.carry_out` says."""
    batch: list[T] = []
    bytes_together = 0
    for task in tasks:
        batch.append(task)
        bytes_together += size(task)
        if len(batch) >= most or bytes_together >= _BATCH_SIZE:
            yield batch
            batch, bytes_together = [], 0
    if batch:
        yield batch


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
