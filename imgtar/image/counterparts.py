"""Which image of another archive, or of an earlier report, is a later state of this one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from imgtar.formats.oci.platform import Platform

_SEVERAL = 2  # numbers that are kept of a name: more say nothing else


class NamedImage(Protocol):
    """What images are recognised by."""

    @property
    def names(self) -> Sequence[str]: ...
    @property
    def platform(self) -> Platform: ...


class Counterparts:
    """The images of the other side, found by platform, name and repository."""

    def __init__(self, others: Sequence[NamedImage]) -> None:
        self._count = len(others)
        self._by_platform: dict[Platform, list[int]] = {}
        self._by_name: dict[tuple[Platform, str], list[int]] = {}
        for number, other in enumerate(others):
            _keep(self._by_platform.setdefault(other.platform, []), number)
            for name in {*other.names, *map(_repository, other.names)}:
                _keep(self._by_name.setdefault((other.platform, name), []), number)

    def of(self, image: NamedImage, count: int) -> int | None:
        """The number of the image that belongs to `image`, which is one of `count`; None if there is none.

        If there is one on each side, these two belong together. Otherwise the platforms must be equal, and the name
        or, if that finds none or several, the repository.
        """
        if count == 1 and self._count == 1:
            return 0
        for names in (set(image.names), {_repository(name) for name in image.names}):
            matching = {number for name in names for number in self._by_name.get((image.platform, name), ())}
            if len(matching) == 1:
                return matching.pop()
        candidates = self._by_platform.get(image.platform, [])
        return candidates[0] if not image.names and len(candidates) == 1 else None


def _keep(numbers: list[int], number: int) -> None:
    if len(numbers) < _SEVERAL:
        numbers.append(number)


def _repository(name: str) -> str:
    """The name without tag and digest. A colon before the last slash is a port."""
    above, slash, last = name.partition("@")[0].rpartition("/")
    return above + slash + last.partition(":")[0]
