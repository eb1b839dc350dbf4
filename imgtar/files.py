"""Small files that a person names: configuration, checksums, reports. Each is read whole, up to a bound."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable

_OWN = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")  # what the shell hands over: `<(command)`
_PIECE = 1 << 20  # so that memory follows the file and not the bound


def read_whole(path: str, largest: int, error: Callable[[str], Exception]) -> bytes:
    """The content of a file of at most `largest` bytes.

    Raises `error(sentence)`, where the sentence has the path and the reason, for a file that is larger or cannot be
    read. Only a regular file or a pipe of this process is read: a named pipe would wait for a writer.
    """
    try:
        with open(path, "rb", opener=_opened) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                if not path.startswith(_OWN):
                    raise OSError(errno.EINVAL, "not a regular file")
                os.set_blocking(file.fileno(), True)
            content = bytearray()
            while len(content) <= largest and (piece := file.read(min(_PIECE, largest + 1 - len(content)))):
                content += piece
    except (OSError, ValueError) as problem:  # ValueError: the path has a NUL
        reason = getattr(problem, "strerror", None) or "cannot be opened"
        raise error(f"{path}: {reason[:1].lower()}{reason[1:]}") from None
    if len(content) > largest:
        raise error(f"{path}: larger than {largest:,} bytes")
    return bytes(content)


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
