"""Which image of another archive, or of an earlier report, is a later state of this one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from imgtar.formats.oci.platform import Platform


class NamedImage(Protocol):
    """What images are recognised by."""

    @property
    def names(self) -> Sequence[str]: ...
    @property
    def platform(self) -> Platform: ...


def counterpart(image: NamedImage, count: int, others: Sequence[NamedImage]) -> int | None:
    """The number of the image among `others` that belongs to `image`, one of `count`; None if there is none.

    If there is one on each side, these two belong together. Otherwise the platforms must be equal, and the name or, if
    that finds none or several, the repository.
    """
    if count == 1 and len(others) == 1:
        return 0
    candidates = [number for number, other in enumerate(others) if other.platform == image.platform]
    for names in (set(image.names), {_repository(name) for name in image.names}):
        matching = [
            number for number in candidates if names & {*others[number].names, *map(_repository, others[number].names)}
        ]
        if len(matching) == 1:
            return matching[0]
    is_unnamed = not image.names and len(candidates) == 1
    return candidates[0] if is_unnamed else None


def _repository(name: str) -> str:
    """The name without tag and digest. A colon before the last slash is a port."""
    above, slash, last = name.partition("@")[0].rpartition("/")
    return above + slash + last.partition(":")[0]
