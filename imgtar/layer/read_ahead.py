"""Bytes made ahead of need: decompressing and hashing go on in a thread while the tar is walked."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from queue import SimpleQueue
from threading import Thread

_DEPTH = 8  # chunks that may wait: up to a megabyte each


def ahead(chunks: Iterator[bytes]) -> Generator[bytes, None, None]:
    """The same chunks, made in a thread; what the making raises is raised where it would have been.

    zlib, ISA-L, zstd and hashlib release the interpreter while they work on a chunk, so both cores are busy.
    """
    made: SimpleQueue[bytes | BaseException] = SimpleQueue()
    wanted: SimpleQueue[None] = SimpleQueue()  # one for each chunk that may be made
    abandoned = False

    def make() -> None:
        end: bytes | BaseException = b""
        try:
            while True:
                wanted.get()
                chunk = b"" if abandoned else next(chunks, b"")
                if not chunk:
                    break
                made.put(chunk)
        except BaseException as error:
            end = error
        made.put(end)

    for _ in range(_DEPTH):
        wanted.put(None)
    thread = Thread(target=make, name="imgtar-ahead", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # the system has no thread left
        yield from chunks
        return
    try:
        while item := made.get():
            if isinstance(item, BaseException):
                raise item
            yield item
            wanted.put(None)
    finally:
        abandoned = True
        wanted.put(None)
        thread.join()
