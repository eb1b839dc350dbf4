"""Bytes made ahead of need: decompressing and hashing go on in a thread while the tar is walked."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Queue
from threading import Event, Thread

_DEPTH = 8  # chunks that may wait: a few hundred kB each


def ahead(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same chunks, made in a thread; what the making raises is raised where it would have been.

    zlib, ISA-L, zstd and hashlib release the interpreter while they work on a chunk, so both cores are busy.
    """
    waiting: Queue[bytes | BaseException] = Queue(_DEPTH)
    abandoned = Event()

    def make() -> None:
        end: bytes | BaseException = b""
        try:
            for chunk in chunks:
                waiting.put(chunk)
                if abandoned.is_set():
                    return
        except BaseException as error:
            end = error
        waiting.put(end)

    thread = Thread(target=make, name="imgtar-ahead", daemon=True)
    thread.start()
    try:
        while True:
            item = waiting.get()
            if isinstance(item, BaseException):
                raise item
            if not item:
                return
            yield item
    finally:
        abandoned.set()
        while thread.is_alive():  # a full queue would hold it for ever
            while not waiting.empty():
                waiting.get_nowait()
            thread.join(0.01)
