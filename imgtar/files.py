"""Small files that a person names: configuration, checksums, reports. Each is read whole, up to a bound."""

from __future__ import annotations

from collections.abc import Callable


def read_whole(path: str, largest: int, error: Callable[[str], Exception]) -> bytes:
    """The content of a file of at most `largest` bytes.

    Raises `error(sentence)`, where the sentence has the path and the reason, for a file that is larger or cannot be
    read.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(largest + 1)
    except (OSError, ValueError) as problem:  # ValueError: the path has a NUL
        reason = getattr(problem, "strerror", None) or "cannot be opened"
        raise error(f"{path}: {reason[:1].lower()}{reason[1:]}") from None
    if len(content) > largest:
        raise error(f"{path}: larger than {largest:,} bytes")
    return content
