"""Whether a worker can read anything at all within its limit of memory."""

from __future__ import annotations

import contextlib

from imgtar.errors import UsageError
from imgtar.fleet.engine import Processes
from imgtar.fleet.interpreters import careful_interpreters
from imgtar.limits import MIB
from imgtar.text import human_size

_READING = 8 * MIB  # what the smallest archives take beyond the process itself
_STEP = 10_000_000  # bytes; a remedy names a round value


def check_memory(memory: int) -> None:
    """Starts a worker without a limit, and asks for its size. Raises UsageError where `memory` bytes are too few.

    Where the system does not tell the size, everything passes.
    """
    with careful_interpreters(), contextlib.closing(_Worker()) as worker:
        least = worker.size() + _READING
    if memory < least:
        rounded = -(-least // _STEP) * _STEP // 1_000_000
        needs = f"a worker needs {human_size(least)} to read the smallest archive"
        raise UsageError(
            "usage.memory", f"--memory {human_size(memory)}: {needs}", f"give --memory {rounded}MB or more"
        )


class _Worker:
    def __init__(self) -> None:
        self._engine = Processes(1)
        self._executor = self._engine.executor(1)

    def size(self) -> int:
        return self._executor.submit(_address_space).result()

    def close(self) -> None:
        self._engine.close(self._executor)


def _address_space() -> int:
    """The bytes of address space that this process has."""
    import resource

    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0
