"""Work in a thread that ends with the program: a person who quits does not wait for it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

T = TypeVar("T")


async def in_background(work: Callable[[], T]) -> T:
    """What `work` returns; raises what it raises. Only for work that writes nothing."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(tell: Callable[[], None]) -> None:
        if not done.done():  # else nobody waits any more
            tell()

    def run() -> None:
        try:
            tell = partial(done.set_result, work())
        except BaseException as problem:  # it is raised where the work is waited for
            tell = partial(done.set_exception, problem)
        with contextlib.suppress(RuntimeError):  # the loop ended before the work
            loop.call_soon_threadsafe(settle, tell)

    threading.Thread(target=run, daemon=True).start()
    return await done
