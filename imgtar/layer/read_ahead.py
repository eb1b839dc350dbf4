"""Chunks made ahead of need: decompressing and hashing go on in a thread while the tar is walked."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from queue import SimpleQueue
from threading import Thread

_DEPTH = 8  # chunks that may wait: up to a megabyte each


def read_ahead(chunks: Iterator[bytes]) -> Generator[bytes, None, None]:
    """The same chunks, made in a thread. Raises what making them raises, at the same place.

    zlib, ISA-L, zstd and hashlib release the interpreter while they work on a chunk, so both cores are busy. What the
    thread counts is read when it has ended. The caller makes the chunks where the system has no thread left.
    """
    made: SimpleQueue[bytes | BaseException] = SimpleQueue()
    permits: SimpleQueue[None] = SimpleQueue()  # one for each chunk that may be made
    abandoned = False

    def make() -> None:
        end: bytes | BaseException = b""
        try:
            while True:
                permits.get()
                chunk = b"" if abandoned else next(chunks, b"")
                if not chunk:
                    break
                made.put(chunk)
        except BaseException as error:
            end = error
        made.put(end)

    for _ in range(_DEPTH):
        permits.put(None)
    thread = Thread(target=make, name="imgtar-read-ahead", daemon=True)
    try:
        thread.start()
    except RuntimeError:
        yield from chunks
        return
    try:
        while item := made.get():
            if isinstance(item, BaseException):
                raise item
            yield item
            permits.put(None)
    finally:
        abandoned = True
        permits.put(None)
        thread.join()
